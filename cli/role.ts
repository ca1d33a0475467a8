/**
 * `oikotie worker`, `oikotie store` and `oikotie scheduler`: the processes of a cluster. Each runs until SIGTERM or Ctrl-C,
 * then ends cleanly.
 */
import { systemClock } from '../src/clock.ts';
import { createLog } from '../src/log.ts';
import type { RoleOptions } from '../workers/cluster.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';

const lingerMs = 1_000;

/** Runs a role to its end and gives back the exit code. @throws ConfigError before anything starts. */
export async function runRole(
  role: (options: RoleOptions) => Promise<void>,
  configPath: string | undefined,
  io: CommandIo,
): Promise<number> {
  const { config, warnings } = await loadCommandConfig(configPath);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const log = createLog({ level: config.logLevel, destination: { write: (line) => io.stderr.write(line) } });
  await role({ config, clock: systemClock, random: Math.random, log, signal: io.signal });
  // BullMQ cannot close its connections to a Redis that is away: what is left open by now has nothing to do any more.
  setTimeout(() => process.exit(exitCodes.ok), lingerMs).unref();
  return exitCodes.ok;
}
