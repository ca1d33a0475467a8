/**
 * Asks a Redis once whether it is there, takes our password and may carry jobs. Fails fast instead of reconnecting, closes its own
 * connection, and never tells the password.
 */
import { systemClock } from '../src/clock.ts';
import { describeRedisError, isRefusal } from './redis-errors.ts';
import type { RedisFitness } from './redis-fitness.ts';
import { judgeServers, readServers } from './redis-fitness.ts';
import type { RedisConnection, RedisTarget } from './redis-target.ts';
import { openRedis } from './redis-target.ts';

export type RedisProbe =
  | {
      readonly kind: 'ok';
      readonly version: string;
      readonly fitness: RedisFitness;
      /** This clock minus the server's, in milliseconds; null when our user may not ask for its time. */
      readonly skewMs: number | null;
    }
  /** It answered, and said no: wrong or missing password, no rights, still loading. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string };

export interface RedisProbeOptions {
  readonly target: RedisTarget;
  /** For connecting and for each answer, in milliseconds; default 3,000. */
  readonly timeoutMs?: number;
}

/** PING, INFO and TIME; never throws for what the server or the network does. */
export async function probeRedis({ target, timeoutMs = 3000 }: RedisProbeOptions): Promise<RedisProbe> {
  const redis = openRedis(target, {
    isLazy: true,
    waitsForRedis: false,
    retryMs: () => null,
    options: {
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      disconnectTimeout: timeoutMs,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
    },
  });
  const failures: unknown[] = [];
  const note = (error: unknown) => void failures.push(error);
  redis.on('error', note).on('sentinelError', note);
  try {
    await redis.connect();
    await redis.ping();
    const servers = await readServers(redis);
    const version = servers[0]?.info.get('redis_version') ?? 'unknown';
    return { kind: 'ok', version, fitness: judgeServers(servers), skewMs: await readSkew(redis) };
  } catch (error) {
    return (await askNodes(target, timeoutMs)) ?? judge([...failures, error]);
  } finally {
    redis.disconnect();
  }
}

/** Against the middle of the time that the question took. */
async function readSkew(redis: RedisConnection): Promise<number | null> {
  const askedMs = systemClock.now();
  try {
    const [seconds, microseconds] = await redis.time();
    return (askedMs + systemClock.now()) / 2 - (Number(seconds) * 1000 + Number(microseconds) / 1000);
  } catch (error) {
    if (isRefusal(describeRedisError(error))) return null;
    throw error;
  }
}

/**
 * What the first node that fails by itself says: a Redis Cluster as a whole only says that none could be used. Null for
 * any other kind of Redis, and when each node is fine by itself.
 */
async function askNodes(target: RedisTarget, timeoutMs: number): Promise<Exclude<RedisProbe, { kind: 'ok' }> | null> {
  if (target.kind !== 'cluster') return null;
  const { username, password, tls } = target;
  for (const address of target.nodes) {
    const node: RedisTarget = { kind: 'single', address, database: 0, username, password, tls };
    const probe = await probeRedis({ target: node, timeoutMs });
    if (probe.kind !== 'ok') return probe;
  }
  return null;
}

function judge(failures: readonly unknown[]): Exclude<RedisProbe, { kind: 'ok' }> {
  const messages = failures.map(describeRedisError);
  const reply = messages.find(isRefusal);
  if (reply !== undefined) return { kind: 'refused', message: reply };
  return { kind: 'unreachable', message: messages[0] ?? 'no answer' };
}
