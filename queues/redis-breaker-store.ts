/**
 * Breaker states in Redis, shared by all nodes of a cluster: one hash with a field per breaker, replaced by
 * compare-and-set in Lua, and a sorted set of the nodes by the time of their last sign of life. Time is Redis' own
 * (`TIME`): waits and leases of one breaker are set by one node and judged by another, whose clock may differ.
 */
import { z } from 'zod';
import { messageOf, StorageError } from '../src/errors.ts';
import type { BreakerState } from '../src/resilience/breaker-state.ts';
import type { BreakerStateStore, StoredBreaker } from '../src/resilience/breaker-store.ts';
import { breakerStateSchema } from './breaker-state-schema.ts';
import { describeRedisError } from './redis-errors.ts';
import type { RedisConnection, RedisTarget } from './redis-target.ts';
import { openRedis } from './redis-target.ts';

export interface RedisBreakerStoreOptions {
  /** Stays the caller's: it opens and closes it. */
  readonly redis: RedisConnection;
  /** Told of a state that could not be read; its breaker begins closed. */
  readonly onProblem: (message: string) => void;
  /** Begin of all keys; default `scraper:`. In Redis Cluster `{scraper}:`. */
  readonly keyPrefix?: string;
}

const readScript = `
local time = redis.call('TIME')
return {redis.call('HGET', KEYS[1], ARGV[1]), time[1], time[2]}`;

/** A field is \`<version> <state as JSON>\`. ARGV: name, version it must have, new field. */
const compareAndSetScript = `
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local version = kept and string.match(kept, '^%d+') or '0'
if version ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;

/** ARGV: node. Nodes silent for a day are forgotten. */
const reportScript = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], nowMs, ARGV[1])
return redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs - 86400000)`;

/** ARGV: milliseconds to look back. */
const liveNodesScript = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', nowMs - ARGV[1]), '+inf')`;

const readReply = z.tuple([z.string().nullable(), z.coerce.number(), z.coerce.number()]);

/** Makes the store on a connection. Its methods throw StorageError STATE_UNUSABLE when Redis cannot be asked. */
export function createRedisBreakerStore(options: RedisBreakerStoreOptions): BreakerStateStore {
  const { redis, onProblem, keyPrefix = 'scraper:' } = options;
  const breakersKey = `${keyPrefix}breakers`;
  const nodesKey = `${keyPrefix}breaker_nodes`;

  function readField(name: string, field: string | null): Pick<StoredBreaker, 'state' | 'version'> {
    if (field === null) return { state: null, version: '0' };
    const version = /^\d+/.exec(field)?.[0] ?? '0';
    try {
      return { state: breakerStateSchema.parse(JSON.parse(field.slice(version.length))), version };
    } catch (error) {
      onProblem(`${breakersKey} ${name} could not be read; its breaker begins closed; ${messageOf(error)}`);
      return { state: null, version };
    }
  }

  return {
    read: (name) =>
      explained(async () => {
        const reply = await redis.eval(readScript, 1, breakersKey, name);
        const [field, seconds, microseconds] = readReply.parse(reply);
        return { ...readField(name, field), nowMs: seconds * 1000 + Math.floor(microseconds / 1000) };
      }),
    compareAndSet: (name, version, state) =>
      explained(async () => {
        const field = `${Number(version) + 1} ${JSON.stringify(state)}`;
        return (await redis.eval(compareAndSetScript, 1, breakersKey, name, version, field)) === 1;
      }),
    list: () =>
      explained(async () => {
        const states = new Map<string, BreakerState>();
        for (const [name, field] of Object.entries(await redis.hgetall(breakersKey))) {
          const { state } = readField(name, field);
          if (state !== null) states.set(name, state);
        }
        return states;
      }),
    reportNode: (nodeId) => explained(async () => void (await redis.eval(reportScript, 1, nodesKey, nodeId))),
    liveNodes: (withinMs) =>
      explained(async () => z.array(z.string()).parse(await redis.eval(liveNodesScript, 1, nodesKey, withinMs))),
  };
}

/**
 * A connection for breaker states that fails soon instead of waiting for a Redis that is away.
 * @throws StorageError STATE_UNUSABLE when it cannot be reached; close it with `disconnect`.
 */
export async function connectForBreakers(target: RedisTarget): Promise<RedisConnection> {
  const redis = openRedis(target, {
    isLazy: true,
    waitsForRedis: false,
    retryMs: (attempt) => Math.min(attempt * 200, 2_000),
    options: { connectTimeout: 3_000, commandTimeout: 3_000, maxRetriesPerRequest: 1 },
  });
  // Every command says itself that it failed; why a connection did, only these events know.
  const failures: unknown[] = [];
  const note = (error: unknown) => void failures.push(error);
  redis.on('error', note).on('sentinelError', note);
  try {
    await explained(() => redis.connect().catch((error: unknown) => Promise.reject(failures[0] ?? error)));
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** @throws StorageError; the address is left out, it may hold a password. */
async function explained<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const got = describeRedisError(error);
    const message = `breaker states in Redis: expected to read and write them, got ${got}; check redis_url`;
    throw new StorageError('STATE_UNUSABLE', message, { cause: error });
  }
}
