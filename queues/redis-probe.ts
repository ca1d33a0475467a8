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
  redis.on('error', (error) => failures.push(error));
  redis.on('sentinelError', (error) => failures.push(error));
  try {
    await redis.connect();
    await redis.ping();
    const infos = await Promise.all(eachServer(redis).map(({ server }) => server.info('server')));
    return { kind: 'ok', version: /redis_version:(\S+)/.exec(infos[0] ?? '')?.[1] ?? 'unknown' };
  } catch (error) {
    return judge([...failures, error]);
  } finally {
    redis.disconnect();
  }
}

function judge(failures: readonly unknown[]): RedisProbe {
  const messages = failures.map(describeRedisError);
  const reply = messages.find(isRefusal);
  if (reply !== undefined) return { kind: 'refused', message: reply };
  return { kind: 'unreachable', message: messages[0] ?? 'no answer' };
}
