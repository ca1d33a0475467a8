/**
 * The Redis of the cluster for one look or question: somebody waits for the answer, so it fails soon instead of waiting
 * for a Redis that is away.
 */
import type { Config } from '../config/config.ts';
import type { ClusterStatus } from '../queues/cluster-status.ts';
import { readClusterStatus } from '../queues/cluster-status.ts';
import type { NodeRegistry } from '../queues/node-registry.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { probeRedis } from '../queues/redis-probe.ts';
import { systemClock } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { clusterPrefix, connectCluster, workQueuesOf } from './cluster.ts';
import { createClusterRegistry } from './node-membership.ts';

/** Longest wait for one answer, in milliseconds. */
const answerWaitMs = 5_000;

export interface ClusterAccess {
  readonly redis: RedisConnection;
  readonly registry: NodeRegistry;
}

/**
 * Gives the work a connection, and closes it afterwards.
 * @throws ConfigError when no Redis is configured; ScraperError CLUSTER_UNREACHABLE when it does not answer.
 */
export async function withCluster<Result>(
  config: Pick<Config, 'cluster' | 'nodeId'>,
  work: (access: ClusterAccess) => Promise<Result>,
): Promise<Result> {
  const { redis: target } = config.cluster;
  const probe = target === null ? null : await probeRedis({ target });
  if (probe !== null && probe.kind !== 'ok') throw clusterUnreachable(probe.message);
  const log = createLog({ level: 'silent', destination: process.stderr });
  const redis = connectCluster(config, log);
  try {
    return await work({ redis, registry: createClusterRegistry({ redis, config, clock: systemClock, log }) });
  } finally {
    redis.disconnect();
  }
}

/** The answer, if it comes within five seconds. @throws ScraperError CLUSTER_UNREACHABLE when it does not */
export async function answerSoon<Answer>(asked: Promise<Answer>): Promise<Answer> {
  const answered = new AbortController();
  const late = systemClock.sleep(answerWaitMs, answered.signal).then(() => {
    throw clusterUnreachable(`no answer within ${answerWaitMs / 1_000} s`);
  });
  late.catch(() => undefined);
  return Promise.race([asked, late]).finally(() => answered.abort());
}

/** The nodes and the work of the cluster: cities, search pages and listings. */
export function readStatus({ redis, registry }: ClusterAccess, config: Config): Promise<ClusterStatus> {
  return readClusterStatus({
    redis,
    prefix: clusterPrefix,
    registry,
    queues: workQueuesOf(config.tasks),
    strategy: config.cluster.workDistributionStrategy,
  });
}

/** The error of a Redis that does not answer. @param problem what came instead of an answer */
export function clusterUnreachable(problem: string): ScraperError {
  const message = `cluster cannot be asked: expected a Redis that answers, got: ${problem}; start it, or check redis_url`;
  return new ScraperError('CLUSTER_UNREACHABLE', message, { category: 'NETWORK_ERROR' });
}
