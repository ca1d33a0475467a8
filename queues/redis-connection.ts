/**
 * How this process connects to Redis. One connection serves every queue and every shared state of a process; BullMQ
 * makes its own blocking ones from it.
 */
import { Redis } from 'ioredis';
import type { Log } from '../src/log.ts';

export interface RedisConnectionOptions {
  /** `redis://[user:password@]host:port[/db]` or `rediss://…`. */
  readonly url: string;
  /** Name shown by CLIENT LIST, e.g. the node id. */
  readonly name: string;
  readonly log: Log;
}

/** An open connection, for those who only pass it on. */
export type RedisConnection = Redis;

/** Longest pause before the next attempt to connect, in milliseconds. */
const maxReconnectDelayMs = 2_000;

/**
 * Opens a connection that never gives up: commands wait while Redis is away. A loss and a return are logged once each,
 * without the address's credentials.
 */
export function connectRedis({ url, name, log }: RedisConnectionOptions): RedisConnection {
  const redis = new Redis(url, {
    connectionName: name,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(attempt * 200, maxReconnectDelayMs),
  });
  let isLost = false;
  redis.on('error', (error: Error) => {
    if (isLost) return;
    isLost = true;
    log.warn({ redis: safeAddress(url), error: error.message }, 'Redis is away; what needs it waits until it is back');
  });
  redis.on('ready', () => {
    if (isLost) log.info({ redis: safeAddress(url) }, 'Redis is back');
    isLost = false;
  });
  return redis;
}

/** True while commands would wait. */
export function isAway(redis: RedisConnection): boolean {
  return redis.status !== 'ready';
}

const connectionCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN']);

/** True for an error of the way to Redis, which is tried again; false for what Redis itself says. */
export function isConnectionError(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return connectionCodes.has(code) || error.message === 'Connection is closed.';
}

/** Host and port only. */
function safeAddress(url: string): string {
  return new URL(url).host;
}
