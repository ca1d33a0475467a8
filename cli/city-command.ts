/**
 * Brings `oikotie city` together with the configuration and the Redis that keeps what operators have set.
 */
import type { Config } from '../config/config.ts';
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import { createCityLimitStore } from '../queues/redis-city-limits.ts';
import { probeRedis } from '../queues/redis-probe.ts';
import { systemClock } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { clusterPrefix, connectCluster } from '../workers/cluster.ts';
import { openAuditFile } from '../workers/degradable-parts.ts';
import type { CityChange, CityDesk } from './city.ts';
import { changeCity, listCities } from './city.ts';
import type { CommandIo } from './command.ts';
import { loadCommandConfig } from './command-config.ts';

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
  await demandRedis(config);
  const log = createLog({ level: 'silent', destination: io.stderr });
  const redis = connectCluster(config, log);
  const queues = new BullMqQueues({ redis, prefix: clusterPrefix, log });
  const file = openAuditFile(config, systemClock, (reason) => io.stderr.write(`warning: audit log: ${reason}\n`));
  const desk: CityDesk = {
    config,
    store: createCityLimitStore({ redis, prefix: clusterPrefix }),
    queues,
    clock: systemClock,
    audit: (event) => {
      file.record(event);
      io.stderr.write(`recorded: ${event.message}\n`);
    },
    json,
  };
  try {
    const exitCode = change === null ? await listCities(desk, io) : await changeCity(desk, change, io);
    await file.flush();
    return exitCode;
  } finally {
    await queues.close();
    redis.disconnect();
  }
}

/** A person waits for an answer, not for a Redis that may come back; that none is configured is said elsewhere. */
async function demandRedis({ cluster }: Pick<Config, 'cluster'>): Promise<void> {
  const probe = cluster.redis === null ? null : await probeRedis({ target: cluster.redis });
  if (probe === null || probe.kind === 'ok') return;
  const message = `the limits of the cities cannot be reached: expected a Redis that answers, got: ${probe.message}; start it, or correct where it is said to be`;
  throw new ScraperError('CLUSTER_UNREACHABLE', message, { category: 'NETWORK_ERROR' });
}
