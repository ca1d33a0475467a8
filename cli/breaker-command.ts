/**
 * Brings `oikotie breaker` together with the configuration and the store it names.
 */
import type { BreakerAction } from '../workers/operator/breakers.ts';
import type { BreakerOptions } from './breaker.ts';
import { listBreakers, operateBreaker } from './breaker.ts';
import { openBreakerStore } from './breaker-store.ts';
import type { CommandIo } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { reportStorageErrors } from './data-errors.ts';
import { openOperatorAudit } from './operator-audit.ts';

export interface BreakerCommand {
  readonly configPath: string | undefined;
  readonly json: boolean;
  /** True: those of runs in one process, though a cluster is configured. */
  readonly isStandalone: boolean;
  /** Null lists. */
  readonly change: { readonly action: BreakerAction; readonly name: string } | null;
}

/** Runs it and gives back the exit code: 2 for an unknown city, 3 when the store cannot be used. @throws ConfigError */
export async function runBreakerCommand(command: BreakerCommand, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(command.configPath);
  return reportStorageErrors(io, async () => {
    const warn = (message: string) => io.stderr.write(`warning: ${message}\n`);
    const redis = command.isStandalone ? null : config.cluster.redis;
    const { close, ...opened } = await openBreakerStore({ ...config, redis }, warn);
    try {
      const { audit, flush } = openOperatorAudit(config, io);
      const options: BreakerOptions = { ...opened, config, json: command.json, audit };
      if (command.change === null) return await listBreakers(options, io);
      const exitCode = await operateBreaker({ ...options, ...command.change }, io);
      await flush();
      return exitCode;
    } finally {
      close();
    }
  });
}
