/**
 * Where the breakers of a configuration keep their states: in Redis for a cluster, else in the state directory.
 */
import type { Config } from '../config/config.ts';
import type { RedisTarget } from '../config/config-connections.ts';
import { createFileBreakerStore } from '../queues/file-breaker-store.ts';
import { connectForBreakers, createRedisBreakerStore } from '../queues/redis-breaker-store.ts';
import { systemClock } from '../src/clock.ts';
import type { BreakerStateStore } from '../src/resilience/breaker-store.ts';
import { clusterPrefix } from '../workers/cluster.ts';

interface OpenBreakerStore {
  readonly store: BreakerStateStore;
  readonly close: () => void;
}

/** Opens the store of the configuration; close it when done. @throws StorageError when Redis cannot be reached */
export async function openBreakerStore(
  config: Pick<Config, 'stateDirectory'> & { readonly redis: RedisTarget | null },
  onProblem: (message: string) => void,
): Promise<OpenBreakerStore> {
  const { redis: target } = config;
  if (target === null) {
    const { stateDirectory: directory } = config;
    const store = createFileBreakerStore({ directory, clock: systemClock, onProblem });
    return { store, close: () => undefined };
  }
  const redis = await connectForBreakers(target);
  return {
    store: createRedisBreakerStore({ redis, onProblem, keyPrefix: `${clusterPrefix}:` }),
    close: () => redis.disconnect(),
  };
}
