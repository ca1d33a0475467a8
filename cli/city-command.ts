/**
 * Brings `oikotie city` together with the configuration and the Redis that keeps what operators have set.
 */
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import { createCityLimitStore } from '../queues/redis-city-limits.ts';
import { systemClock } from '../src/clock.ts';
import { createLog } from '../src/log.ts';
import { clusterPrefix } from '../workers/cluster.ts';
import { answerSoon, withCluster } from '../workers/cluster-access.ts';
import type { CityChange, CityDesk } from '../workers/operator/city-limits.ts';
import { changeCity, listCities } from './city.ts';
import type { CommandIo } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { openOperatorAudit } from './operator-audit.ts';

export interface CityCommand {
  readonly configPath: string | undefined;
  readonly json: boolean;
  /** Null lists. */
  readonly change: CityChange | null;
}

/**
 * Runs it and gives back the exit code: 2 for a city that is not configured.
 * @throws ConfigError when no Redis is configured; ScraperError CLUSTER_UNREACHABLE when it does not answer.
 */
export async function runCityCommand({ configPath, json, change }: CityCommand, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(configPath);
  return withCluster(config, async ({ redis }) => {
    const log = createLog({ level: 'silent', destination: io.stderr });
    const queues = new BullMqQueues({ redis, prefix: clusterPrefix, log });
    const { audit, flush } = openOperatorAudit(config, io);
    const desk: CityDesk = {
      config,
      store: createCityLimitStore({ redis, prefix: clusterPrefix }),
      queues,
      clock: systemClock,
      audit,
    };
    try {
      const exitCode = await answerSoon(
        change === null ? listCities(desk, json, io) : changeCity(desk, change, json, io),
      );
      await flush();
      return exitCode;
    } finally {
      await queues.close();
    }
  });
}
