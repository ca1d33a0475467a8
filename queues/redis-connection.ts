/**
 * How this process connects to Redis. One connection serves every queue and every shared state of a process; BullMQ
 * makes its own blocking ones from it.
 */
import { Cluster } from 'ioredis';
import type { Log } from '../src/log.ts';
import { describeRedisError } from './redis-errors.ts';
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
  watch(redis, describeTarget(target), log);
  if (redis instanceof Cluster) redis.on('+node', (node) => watch(node, describeAddress(node.options), log));
  return redis;
}

type Watched = Pick<RedisConnection, 'on'>;

function watch(redis: Watched, address: string, log: Log): void {
  let isLost = false;
  const lose = (error: unknown): void => {
    if (isLost) return;
    isLost = true;
    const fields = { redis: address, error: describeRedisError(error) };
    log.warn(fields, 'Redis is away; what needs it waits until it is back');
  };
  redis.on('error', lose);
  redis.on('sentinelError', lose);
  redis.on('ready', () => {
    if (isLost) log.info({ redis: address }, 'Redis is back');
    isLost = false;
  });
}
