/**
 * What the roles of a cluster share: where its keys live in Redis, and which queues there are.
 */
import type { CityTask, Config } from '../config/config.ts';
import { readVersion } from '../config/user-agent.ts';
import type { ServedQueue } from '../queues/distribution.ts';
import type { EngineTiming } from '../queues/engine-timing.ts';
import type { QueueTelemetry } from '../queues/open-telemetry.ts';
import { loadQueueTelemetry } from '../queues/open-telemetry.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { connectRedis } from '../queues/redis-connection.ts';
import { describeRedisError } from '../queues/redis-errors.ts';
import { checkRedisFitness } from '../queues/redis-fitness.ts';
import type { Clock } from '../src/clock.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import { ConfigError, ScraperError } from '../src/errors.ts';
import { crawlQueueOf, queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';

export interface RoleOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Ends the role cleanly when it aborts. */
  readonly signal: AbortSignal;
}

/** Before every key. The braces keep all keys of a Redis Cluster in one slot, as BullMQ's scripts need it. */
export const clusterPrefix = '{scraper}';

/** Queues that crawling nodes serve: what `oikotie status` counts as work items. */
export function workQueuesOf(tasks: readonly CityTask[]): readonly ServedQueue[] {
  const cities: ServedQueue = { name: queueNames.cities, servedBy: 'worker', city: null };
  return [cities, ...tasks.map(({ city }) => ({ name: crawlQueueOf(city), servedBy: 'worker', city }) as const)];
}

/** Their names. */
export function crawlQueuesOf(tasks: readonly CityTask[]): readonly string[] {
  return workQueuesOf(tasks).map(({ name }) => name);
}

/** Queues that the store serves. */
export const storeQueues: readonly string[] = [queueNames.runs, queueNames.store];

/** How soon a job of a lost process is taken back. */
export function engineTiming({ cluster }: Pick<Config, 'cluster'>): Partial<EngineTiming> {
  return { lockDurationMs: cluster.jobLockMs, stalledIntervalMs: cluster.stalledCheckMs };
}

/** OpenTelemetry of the queues, as configured. */
export function loadTelemetry({ telemetry }: Pick<Config, 'telemetry'>): Promise<QueueTelemetry> {
  return loadQueueTelemetry(telemetry.opensTelemetry, readVersion());
}

/** @throws ConfigError when no Redis is configured. */
export function connectCluster(config: Pick<Config, 'cluster' | 'nodeId'>, log: Log): RedisConnection {
  const { redis: target } = config.cluster;
  if (target === null) {
    throw new ConfigError([
      'cluster_coordination.redis_url: expected the Redis of the cluster, got null; set it or REDIS_URL',
    ]);
  }
  return connectRedis({ target, name: config.nodeId, log });
}

/**
 * Waits until Redis is there, and makes sure that it may carry jobs; false when the signal aborted first.
 * @throws ScraperError REDIS_UNFIT with the settings to change, REDIS_REFUSED when it does not let us in.
 */
export async function isRedisReady(redis: RedisConnection, log: Log, signal: AbortSignal): Promise<boolean> {
  const fitness = await Promise.race([checkRedisFitness(redis).catch(refused), aborted(signal)]);
  if (fitness === undefined) return false;
  for (const warning of fitness.warnings) log.warn(warning);
  if (fitness.refusals.length === 0) return true;
  throw new ScraperError('REDIS_UNFIT', fitness.refusals.join('\n'), { category: 'UNKNOWN' });
}

function refused(error: unknown): never {
  const message = `Redis: expected it to let this process in, got: ${describeRedisError(error)}`;
  throw new ScraperError('REDIS_REFUSED', message, { category: 'UNKNOWN' });
}
