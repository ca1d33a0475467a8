/**
 * The limits of the cities as they are in force on this node: as configured, unless an operator has set others in Redis,
 * which is looked at every second. The gate looks by itself; this is for everything else that depends on them.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { CityLimitStore } from '../queues/redis-city-limits.ts';
import { createCityLimitStore } from '../queues/redis-city-limits.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import type { Clock } from '../src/clock.ts';
import type { CityLimits, CityLimitsListener, CityOverride, LiveCityLimits } from '../src/crawl/city-limits.ts';
import { limitsInForce } from '../src/crawl/city-limits.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { clusterPrefix } from './cluster.ts';

interface LiveLimitsOptions {
  readonly tasks: readonly Pick<CityTask, 'city' | 'requestIntervalMs' | 'maxDetailWorkers'>[];
  readonly store: Pick<CityLimitStore, 'read'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the looking. */
  readonly signal: AbortSignal;
}

const lookIntervalMs = 1_000;
const noLimits: CityLimits = { requestIntervalMs: 0, maxDetailWorkers: 1 };

/** The limits of all configured cities, from the Redis of the cluster. @see followCityLimits */
export function followClusterLimits({
  config,
  redis,
  ...rest
}: Pick<LiveLimitsOptions, 'clock' | 'log' | 'signal'> & {
  readonly config: Pick<Config, 'tasks'>;
  readonly redis: RedisConnection;
}): Promise<LiveCityLimits> {
  const store = createCityLimitStore({ redis, prefix: clusterPrefix });
  return followCityLimits({ tasks: config.tasks, store, ...rest });
}

/** Reads the limits once, then follows them; waits while Redis is away, unless the signal aborts. */
async function followCityLimits(options: LiveLimitsOptions): Promise<LiveCityLimits> {
  const { tasks, store, clock, log, signal } = options;
  const inForce = new Map<string, CityLimits>(tasks.map((task) => [task.city, limitsInForce(task, undefined)]));
  const listeners = new Set<CityLimitsListener>();

  function take(overrides: ReadonlyMap<string, CityOverride>): void {
    for (const task of tasks) {
      const override = overrides.get(task.city);
      const limits = limitsInForce(task, override);
      const before = inForce.get(task.city) ?? noLimits;
      if (isSame(limits, before)) continue;
      inForce.set(task.city, limits);
      log.info({ city: task.city, ...limits, by: override?.by }, 'limits of a city were set by an operator');
      const sinceMs = override === undefined ? clock.now() : Date.parse(override.setAtUtc);
      for (const listener of listeners) listener(task.city, limits, sinceMs);
    }
  }

  const look = async (): Promise<void> => {
    try {
      take(await store.read());
    } catch (error) {
      if (!signal.aborted) log.warn({ error: messageOf(error) }, 'limits of the cities cannot be read; they stay');
    }
  };
  await look();
  void (async () => {
    while (!signal.aborted) {
      await clock.sleep(lookIntervalMs, signal).catch(() => undefined);
      if (!signal.aborted) await look();
    }
  })();
  return {
    of: (city) => inForce.get(city) ?? noLimits,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function isSame(one: CityLimits, other: CityLimits): boolean {
  return one.requestIntervalMs === other.requestIntervalMs && one.maxDetailWorkers === other.maxDetailWorkers;
}
