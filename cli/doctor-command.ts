/**
 * `oikotie doctor` from the terminal: loads the configuration and hands it to the doctor.
 */
import type { CommandIo } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { runDoctor } from './doctor.ts';

/** Exit code of the doctor. @throws ConfigError when the configuration cannot be read. */
export async function runDoctorCommand(
  options: { readonly configPath: string | undefined; readonly json: boolean },
  io: CommandIo,
): Promise<number> {
  const { config } = await loadCommandConfig(options.configPath);
  return runDoctor({ config, json: options.json }, io);
}
