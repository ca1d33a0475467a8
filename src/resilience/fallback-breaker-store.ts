/**
 * A breaker store that may go away. While it does, this process counts for itself, beginning with what it last knew, and
 * says so once: the crawl neither stops nor loses its protection. When the store is back its states hold again; what this
 * process counted meanwhile is dropped, because others may have gone on.
 */
import type { Clock } from '../clock.ts';
import type { BreakerState } from './breaker-state.ts';
import type { BreakerStateStore } from './breaker-store.ts';
import { createMemoryBreakerStore } from './breaker-store.ts';

export interface FallbackOptions {
  readonly store: BreakerStateStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Called once when the store goes away. */
  readonly onAway: (error: unknown) => void;
  /** Called once when it is back. */
  readonly onBack: () => void;
  /** Time before a store that is away is tried again, in milliseconds; default 10,000. */
  readonly tryAgainMs?: number;
}

/** Versions of the process's own states, so that one of them never matches a state of the store. */
const ownPrefix = 'own:';

/** Wraps the store; reading and writing through it never throws. */
export function createFallbackBreakerStore(options: FallbackOptions): BreakerStateStore {
  const { store, clock, onAway, onBack, tryAgainMs = 10_000 } = options;
  const lastKnown = new Map<string, BreakerState>();
  let own: BreakerStateStore | null = null;
  let tryAtMs = Number.NEGATIVE_INFINITY;

  async function useOwn(error: unknown): Promise<BreakerStateStore> {
    tryAtMs = clock.now() + tryAgainMs;
    if (own !== null) return own;
    const memory = createMemoryBreakerStore(clock);
    own = memory;
    onAway(error);
    for (const [name, state] of lastKnown) await memory.compareAndSet(name, '0', state);
    return memory;
  }

  async function ask<Result>(question: (store: BreakerStateStore, isOwn: boolean) => Promise<Result>): Promise<Result> {
    if (own !== null && clock.now() < tryAtMs) return question(own, true);
    try {
      const answer = await question(store, false);
      if (own !== null) onBack();
      own = null;
      return answer;
    } catch (error) {
      return question(await useOwn(error), true);
    }
  }

  return {
    read: (name) =>
      ask(async (asked, isOwn) => {
        const stored = await asked.read(name);
        if (isOwn) return { ...stored, version: ownPrefix + stored.version };
        if (stored.state !== null) lastKnown.set(name, stored.state);
        return stored;
      }),
    compareAndSet: (name, version, state) =>
      ask(async (asked, isOwn) => {
        if (version.startsWith(ownPrefix) !== isOwn) return false;
        const isKept = await asked.compareAndSet(name, isOwn ? version.slice(ownPrefix.length) : version, state);
        if (isKept && !isOwn) lastKnown.set(name, state);
        return isKept;
      }),
    list: () => ask((asked) => asked.list()),
    reportNode: (nodeId) => ask((asked) => asked.reportNode(nodeId)),
    liveNodes: (withinMs) => ask((asked) => asked.liveNodes(withinMs)),
  };
}
