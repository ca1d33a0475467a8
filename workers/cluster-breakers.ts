/**
 * The circuit breakers of an execution on a node of a cluster: states in Redis, in this process alone while Redis is away.
 */
import { createRedisBreakerStore } from '../queues/redis-breaker-store.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { isAway } from '../queues/redis-connection.ts';
import { createTimelyBreakerStore } from '../queues/timely-breaker-store.ts';
import { messageOf } from '../src/errors.ts';
import type { BreakerGuard } from '../src/jobs/breaker-guard.ts';
import { createFallbackBreakerStore } from '../src/resilience/fallback-breaker-store.ts';
import type { BreakerOptions } from './breakers.ts';
import { guardOver } from './breakers.ts';

interface ClusterBreakersOptions extends BreakerOptions {
  readonly redis: RedisConnection;
  /** Before the keys, e.g. `scraper`. */
  readonly prefix: string;
}

/** The breakers of one execution on a node of a cluster: states in Redis, seen by all nodes. */
export function createClusterBreakers(options: ClusterBreakersOptions): BreakerGuard {
  const { redis, prefix, clock, log } = options;
  const store = createFallbackBreakerStore({
    store: createTimelyBreakerStore({
      store: createRedisBreakerStore({
        redis,
        keyPrefix: `${prefix}:`,
        onProblem: (message) => log.warn({ error: message }, 'breaker states have a problem'),
      }),
      isAway: () => isAway(redis),
      clock,
    }),
    clock,
    onAway: (error) =>
      log.warn({ error: messageOf(error) }, 'breaker states cannot be kept; this node counts for itself'),
    onBack: () => log.info({}, 'breaker states can be kept again'),
  });
  return guardOver(store, options);
}
