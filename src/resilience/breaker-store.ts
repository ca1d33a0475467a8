/**
 * The port that keeps breaker states: one value per name with compare-and-set, and the nodes that reported lately. Its
 * adapters: memory (below), a file (queues/file-breaker-store.ts), Redis (queues/redis-breaker-store.ts); all pass
 * tests/resilience/breaker-store-contract.ts.
 */
import type { Clock } from '../clock.ts';
import type { BreakerState } from './breaker-state.ts';

export interface StoredBreaker {
  /** Null when nothing is kept under that name. */
  readonly state: BreakerState | null;
  /** Passed to compareAndSet; means nothing else. */
  readonly version: string;
  /** Epoch milliseconds by the one clock of all who share the store. */
  readonly nowMs: number;
}

/** Every method may throw when the store cannot be reached; nothing was kept then, or nobody knows. */
export interface BreakerStateStore {
  readonly read: (name: string) => Promise<StoredBreaker>;
  /** Keeps the state if the version is still the one read; false when somebody else was faster. */
  readonly compareAndSet: (name: string, version: string, state: BreakerState) => Promise<boolean>;
  /** Every state kept, by name. */
  readonly list: () => Promise<ReadonlyMap<string, BreakerState>>;
  /** Notes that the node is alive now. */
  readonly reportNode: (nodeId: string) => Promise<void>;
  /** Nodes that reported within the last `withinMs`. */
  readonly liveNodes: (withinMs: number) => Promise<readonly string[]>;
}

/** Keeps states in this process only; for tests, and for a run whose shared store is away. */
export function createMemoryBreakerStore(clock: Pick<Clock, 'now'>): BreakerStateStore {
  const kept = new Map<string, { readonly state: BreakerState; readonly version: number }>();
  const seenAtMs = new Map<string, number>();
  const versionOf = (name: string): number => kept.get(name)?.version ?? 0;
  return {
    read: async (name) => ({
      state: kept.get(name)?.state ?? null,
      version: String(versionOf(name)),
      nowMs: clock.now(),
    }),
    compareAndSet: async (name, version, state) => {
      if (version !== String(versionOf(name))) return false;
      kept.set(name, { state, version: versionOf(name) + 1 });
      return true;
    },
    list: async () => new Map([...kept].map(([name, { state }]) => [name, state])),
    reportNode: async (nodeId) => void seenAtMs.set(nodeId, clock.now()),
    liveNodes: async (withinMs) =>
      [...seenAtMs].flatMap(([nodeId, atMs]) => (atMs > clock.now() - withinMs ? [nodeId] : [])),
  };
}
