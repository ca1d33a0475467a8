/**
 * The day's requests counted in Redis, for all nodes together: one hash a day, taken from by one script, so that no two
 * nodes can both have the last request. It borrows the connection and never closes it.
 */
import type { BudgetCounter, DayCount } from '../src/resilience/budget-counter.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RedisBudgetCounterOptions {
  readonly redis: RedisConnection;
  /** Begin of the key; with a hash tag such as `{scraper}` for Redis Cluster. */
  readonly prefix: string;
}

/** A day's hash outlives the longest day (25 hours) and every clock that is behind. */
const lifetimeSeconds = 172_800;

/** KEYS[1] the day's hash; ARGV: the portal's limit, the city's field or '', the city's limit ('' = none), lifetime. */
const takeScript = `
local portalUsed = tonumber(redis.call('HGET', KEYS[1], 'portal') or '0')
if ARGV[1] ~= '' and portalUsed >= tonumber(ARGV[1]) then return 'portal' end
if ARGV[2] ~= '' then
  local cityUsed = tonumber(redis.call('HGET', KEYS[1], ARGV[2]) or '0')
  if ARGV[3] ~= '' and cityUsed >= tonumber(ARGV[3]) then return 'city' end
  redis.call('HINCRBY', KEYS[1], ARGV[2], 1)
end
redis.call('HINCRBY', KEYS[1], 'portal', 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 'taken'`;

/**
 * Makes a counter over the connection. Nothing is let through when Redis cannot be asked: `take` then rejects with the
 * connection's error.
 */
export function createRedisBudgetCounter({ redis, prefix }: RedisBudgetCounterOptions): BudgetCounter {
  return {
    take: async ({ day, city, cityLimit, portalLimit }) => {
      const cityField = city === null ? '' : `city:${city}`;
      const limits = [portalLimit ?? '', cityField, cityLimit ?? ''];
      const answer = await redis.eval(takeScript, 1, `${prefix}:budget:${day}`, ...limits, lifetimeSeconds);
      if (answer === 'taken') return { isTaken: true };
      return { isTaken: false, spent: answer === 'portal' ? 'portal' : 'city' };
    },
  };
}

/** Requests of a nominal day so far, in all and per city; 0 and none when nothing was asked. */
export async function readRequestsOfDay({ redis, prefix }: RedisBudgetCounterOptions, day: string): Promise<DayCount> {
  const fields = await redis.hgetall(`${prefix}:budget:${day}`);
  const cities = new Map<string, number>();
  for (const [field, count] of Object.entries(fields)) {
    if (field.startsWith('city:')) cities.set(field.slice('city:'.length), Number(count));
  }
  return { day, portal: Number(fields['portal'] ?? 0), cities };
}
