/**
 * How this process connects to Redis. One connection serves every queue and every shared state of a process; BullMQ
 * makes its own blocking ones from it.
 */
import { Cluster } from 'ioredis';
import type { Log } from '../src/log.ts';
import { describeRedisError } from './redis-errors.ts';
import { probeRedis } from './redis-probe.ts';
import type { RedisConnection, RedisTarget } from './redis-target.ts';
import { describeAddress, describeTarget, openRedis } from './redis-target.ts';

export type { RedisConnection } from './redis-target.ts';

export interface RedisConnectionOptions {
  readonly target: RedisTarget;
  /** Name shown by CLIENT LIST, e.g. the node id. */
  readonly name: string;
  readonly log: Log;
}

/** Longest pause before the next attempt to connect, in milliseconds. */
const maxReconnectDelayMs = 2_000;

/** True while commands would wait. */
export function isAway(redis: RedisConnection): boolean {
  if (redis.status !== 'ready') return true;
  // Nodes that nothing was sent to yet are not connected.
  return (
    redis instanceof Cluster && redis.nodes('master').some(({ status }) => status !== 'ready' && status !== 'wait')
  );
}

/**
 * Opens a connection that never gives up: commands wait while Redis is away. A loss and a return are logged once each,
 * without credentials.
 */
export function connectRedis({ target, name, log }: RedisConnectionOptions): RedisConnection {
  const redis = openRedis(target, {
    name,
    waitsForRedis: true,
    retryMs: (attempt) => Math.min(attempt * 200, maxReconnectDelayMs),
    options: { maxRetriesPerRequest: null },
  });
  const describe = target.kind === 'cluster' ? whyOfCluster(target) : describeRedisError;
  watch(redis, describeTarget(target), log, describe);
  if (redis instanceof Cluster) {
    redis.on('+node', (node) => watch(node, describeAddress(node.options), log, describeRedisError));
  }
  return redis;
}

/** A Redis Cluster as a whole only says that no node could be used; a node by itself says why. */
function whyOfCluster(target: RedisTarget): (error: unknown) => Promise<string> {
  return async (error) => {
    const probe = await probeRedis({ target });
    return probe.kind === 'ok' ? describeRedisError(error) : probe.message;
  };
}

function watch(
  redis: Pick<RedisConnection, 'on'>,
  address: string,
  log: Log,
  describe: (error: unknown) => string | Promise<string>,
): void {
  let isLost = false;
  const lose = async (error: unknown): Promise<void> => {
    if (isLost) return;
    isLost = true;
    const fields = { redis: address, error: await describe(error) };
    log.warn(fields, 'Redis is away; what needs it waits until it is back');
  };
  redis.on('error', (error) => void lose(error));
  redis.on('sentinelError', (error) => void lose(error));
  redis.on('ready', () => {
    if (isLost) log.info({ redis: address }, 'Redis is back');
    isLost = false;
  });
}

const connectionCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN']);
const connectionSentences = /^Connection is closed\.|^Failed to refresh slots cache\.|^All sentinels are unreachable/;

/** True for an error of the way to Redis, which is tried again; false for what Redis itself says. */
export function isConnectionError(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return connectionCodes.has(code) || connectionSentences.test(error.message);
}
