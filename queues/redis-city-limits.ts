/**
 * What operators have set for the cities, in Redis: one hash with a field per city, read by every node and by the gate
 * itself. It outlives runs; a reset leaves a field without limits, which tells since when the configured ones hold again.
 */
import { z } from 'zod';
import type { CityOverride } from '../src/crawl/city-limits.ts';
import { gateKeysOf, shiftScript } from './redis-gate.ts';
import type { RedisConnection } from './redis-target.ts';

export interface CityLimitStoreOptions {
  readonly redis: RedisConnection;
  /** Before every key, e.g. `{scraper}`. */
  readonly prefix: string;
}

export interface CityLimitStore {
  /** By city; those that cannot be read count as not set. */
  readonly read: () => Promise<ReadonlyMap<string, CityOverride>>;
  /** Replaces what is set for a city, and moves its next request by what its interval has changed, in milliseconds. */
  readonly write: (city: string, override: CityOverride, intervalChangeMs: number) => Promise<void>;
}

const overrideSchema = z.object({
  requestIntervalMs: z.number().positive().optional(),
  maxDetailWorkers: z.int().positive().optional(),
  setAtUtc: z.string(),
  by: z.string(),
});

export function createCityLimitStore({ redis, prefix }: CityLimitStoreOptions): CityLimitStore {
  const keys = gateKeysOf(prefix);
  return {
    read: async () => {
      const overrides = new Map<string, CityOverride>();
      for (const [city, text] of Object.entries(await redis.hgetall(keys[1]))) {
        const override = readOverride(text);
        if (override !== null) overrides.set(city, override);
      }
      return overrides;
    },
    write: async (city, override, intervalChangeMs) => {
      await redis.eval(shiftScript, keys.length, ...keys, city, JSON.stringify(override), intervalChangeMs);
    },
  };
}

function readOverride(text: string): CityOverride | null {
  try {
    const { requestIntervalMs, maxDetailWorkers, setAtUtc, by } = overrideSchema.parse(JSON.parse(text));
    return {
      ...(requestIntervalMs === undefined ? {} : { requestIntervalMs }),
      ...(maxDetailWorkers === undefined ? {} : { maxDetailWorkers }),
      setAtUtc,
      by,
    };
  } catch {
    return null; // of another version; the gate takes it the same way
  }
}
