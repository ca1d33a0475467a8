/**
 * `oikotie doctor` from the terminal: loads the configuration and hands it to the doctor.
 */
import type { CommandIo } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { createDoctorChecks, runDoctor } from './doctor.ts';
import type { DoctorRole } from './doctor-role.ts';

interface DoctorOptions {
  readonly configPath: string | undefined;
  readonly role: DoctorRole | undefined;
  readonly json: boolean;
}

/** Exit code of the doctor. @throws ConfigError when the configuration cannot be read. */
export async function runDoctorCommand({ configPath, role, json }: DoctorOptions, io: CommandIo): Promise<number> {
  const { config, warnings } = await loadCommandConfig(configPath);
  return runDoctor({ checks: createDoctorChecks(config, { role: role ?? null, warnings }), json }, io);
}
