/**
 * Asks a Redis once whether it is there and takes our password. Fails fast instead of reconnecting, closes its own
 * connection, and never tells the password.
 */
import { Redis } from 'ioredis';

export type RedisProbe =
  | { readonly kind: 'ok'; readonly version: string }
  /** It answered, and said no: wrong or missing password, no rights, still loading. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string };

export interface RedisProbeOptions {
  /** `redis://[user:password@]host:port[/db]` or `rediss://…`. */
  readonly url: string;
  /** For connecting and for each answer, in milliseconds; default 3,000. */
  readonly timeoutMs?: number;
}

/** PING and the server's version; never throws for what the server or the network does. */
export async function probeRedis({ url, timeoutMs = 3000 }: RedisProbeOptions): Promise<RedisProbe> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    disconnectTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  const failures: Error[] = [];
  redis.on('error', (error: Error) => failures.push(error));
  try {
    await redis.connect();
    await redis.ping();
    const info = await redis.info('server');
    return { kind: 'ok', version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown' };
  } catch (error) {
    return judge([...failures, error]);
  } finally {
    redis.disconnect();
  }
}

/** Error replies of Redis begin with a word in capitals, e.g. `WRONGPASS` or `NOAUTH`; nothing of the network does. */
const replyPattern = /^[A-Z]{2,} /;

function judge(failures: readonly unknown[]): RedisProbe {
  const messages = failures.flatMap((failure) => (failure instanceof Error ? sentencesOf(failure) : [String(failure)]));
  const reply = messages.find((message) => replyPattern.test(message));
  if (reply !== undefined) return { kind: 'refused', message: reply };
  return { kind: 'unreachable', message: messages.find((message) => message !== '') ?? 'no answer' };
}

/** A failed connection to a name with several addresses carries one error per address and no message of its own. */
function sentencesOf(error: Error): string[] {
  const inner = error instanceof AggregateError ? error.errors : [];
  return [error.message, ...inner.flatMap((one: unknown) => (one instanceof Error ? sentencesOf(one) : []))];
}
