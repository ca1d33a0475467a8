/**
 * Asks a Redis once whether it is there and takes our password. Fails fast instead of reconnecting, closes its own
 * connection, and never tells the password.
 */
import { describeRedisError, isRefusal } from './redis-errors.ts';
import { eachServer } from './redis-fitness.ts';
import type { RedisTarget } from './redis-target.ts';
import { openRedis } from './redis-target.ts';

export type RedisProbe =
  | { readonly kind: 'ok'; readonly version: string }
  /** It answered, and said no: wrong or missing password, no rights, still loading. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string };

export interface RedisProbeOptions {
  readonly target: RedisTarget;
  /** For connecting and for each answer, in milliseconds; default 3,000. */
  readonly timeoutMs?: number;
}

/** PING and the server's version; never throws for what the server or the network does. */
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
    const infos = await Promise.all(eachServer(redis).map(({ server }) => server.info('server')));
    return { kind: 'ok', version: /redis_version:(\S+)/.exec(infos[0] ?? '')?.[1] ?? 'unknown' };
  } catch (error) {
    return (await askNodes(target, timeoutMs)) ?? judge([...failures, error]);
  } finally {
    redis.disconnect();
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
