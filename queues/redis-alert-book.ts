/**
 * Alerts in Redis, shared by the schedulers and stores of a cluster: a hash of those that are open, a list for each channel
 * of what it is still to be told. What is opened or resolved, and its telling, are one step: whoever is first tells it.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AlertEvent, OpenAlert } from '../src/alerts/alert.ts';
import { alertEventSchema, keyOf, openAlertSchema } from '../src/alerts/alert.ts';
import type { AlertBook } from '../src/alerts/alert-book.ts';
import { messageOf, StorageError } from '../src/errors.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RedisAlertBookOptions {
  readonly redis: RedisConnection;
  /** Before every key; in Redis Cluster with a hash tag. */
  readonly prefix: string;
}

/** Events kept for a channel; the oldest go first. */
const mostPending = 1_000;
/** Who tells a channel has that long until another one may; longer than all of its tries. */
const tellingMs = 180_000;

/**
 * KEYS: the open alerts, then the list of each channel. ARGV: number of alerts opened, then key, alert and event of each of
 * these, then key and event of each that is resolved. Gives back the keys that were changed.
 */
const applyScript = `
local changed = {}
local function tell(event)
  for index = 2, #KEYS do
    redis.call('RPUSH', KEYS[index], event)
    redis.call('LTRIM', KEYS[index], -${mostPending}, -1)
  end
end
local place = 2
for _ = 1, tonumber(ARGV[1]) do
  if redis.call('HSETNX', KEYS[1], ARGV[place], ARGV[place + 1]) == 1 then
    tell(ARGV[place + 2])
    changed[#changed + 1] = ARGV[place]
  end
  place = place + 3
end
while place < #ARGV do
  if redis.call('HDEL', KEYS[1], ARGV[place]) == 1 then
    tell(ARGV[place + 1])
    changed[#changed + 1] = ARGV[place]
  end
  place = place + 2
end
return changed`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Makes the book on a connection, which stays the caller's. Its methods throw StorageError STATE_UNUSABLE. */
export function createRedisAlertBook({ redis, prefix }: RedisAlertBookOptions): AlertBook {
  const openKey = `${prefix}:alerts:open`;
  const pendingKey = (channel: string): string => `${prefix}:alerts:pending:${channel}`;
  const attemptsKey = (channel: string): string => `${prefix}:alerts:attempts:${channel}`;
  return {
    open: () => explained(async () => Object.values(await redis.hgetall(openKey)).flatMap(readOpen)),
    apply: (changes, atUtc, channels) =>
      explained(async () => {
        const keys = [openKey, ...channels.map(pendingKey)];
        const told = (type: AlertEvent['type'], alert: OpenAlert) => JSON.stringify({ ...alert, type, atUtc });
        const reply = await redis.eval(
          applyScript,
          keys.length,
          ...keys,
          changes.opened.length,
          ...changes.opened.flatMap((alert) => [keyOf(alert), JSON.stringify(alert), told('opened', alert)]),
          ...changes.resolved.flatMap((alert) => [keyOf(alert), told('resolved', alert)]),
        );
        const changed = new Set(z.array(z.string()).parse(reply));
        const isChanged = (alert: OpenAlert): boolean => changed.has(keyOf(alert));
        return { opened: changes.opened.filter(isChanged), resolved: changes.resolved.filter(isChanged) };
      }),
    pending: (channel) =>
      explained(async () => {
        const [lines, attempts] = await Promise.all([
          redis.lrange(pendingKey(channel), 0, -1),
          redis.get(attemptsKey(channel)),
        ]);
        return {
          events: lines.map((line) => alertEventSchema.parse(JSON.parse(line))),
          attempts: Number(attempts ?? 0),
        };
      }),
    whileAlone: async (channel, work) => {
      const key = `${prefix}:alerts:telling:${channel}`;
      const token = randomUUID();
      if ((await explained(() => redis.set(key, token, 'PX', tellingMs, 'NX'))) !== 'OK') return false;
      try {
        await work();
        return true;
      } finally {
        await explained(() => redis.eval(releaseScript, 1, key, token));
      }
    },
    settle: (channel, count) =>
      explained(async () => {
        await redis.ltrim(pendingKey(channel), count, -1);
        await redis.del(attemptsKey(channel));
      }),
    noteFailure: (channel) => explained(() => redis.incr(attemptsKey(channel))),
  };
}

/** One that an older or newer version has written otherwise is left out. */
function readOpen(text: string): readonly OpenAlert[] {
  const read = openAlertSchema.safeParse(JSON.parse(text));
  return read.success ? [read.data] : [];
}

/** @throws StorageError that names Redis. */
async function explained<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const message = `alerts in Redis: expected to read and write them, got ${messageOf(error)}; check Redis`;
    throw new StorageError('STATE_UNUSABLE', message, { cause: error });
  }
}
