/**
 * A breaker store that answers soon or throws. The shared connection waits for a Redis that is away; a job that has its
 * page must not wait with it, or its result is lost when the process ends meanwhile.
 */
import type { Clock } from '../src/clock.ts';
import { StorageError } from '../src/errors.ts';
import type { BreakerStateStore } from '../src/resilience/breaker-store.ts';

interface TimelyOptions {
  readonly store: BreakerStateStore;
  /** True when it is plain that there will be no answer now. */
  readonly isAway: () => boolean;
  readonly clock: Pick<Clock, 'after'>;
}

/** Far more than a Redis that is there needs, in milliseconds. */
const patienceMs = 1_000;

/** Wraps the store; each method throws StorageError STATE_UNUSABLE when there is no answer in time. */
export function createTimelyBreakerStore({ store, isAway, clock }: TimelyOptions): BreakerStateStore {
  function soon<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (isAway()) return Promise.reject(awayError());
    return new Promise<Answer>((resolve, reject) => {
      const callOff = clock.after(patienceMs, () => reject(awayError()));
      ask().then(resolve, reject).finally(callOff);
    });
  }

  return {
    read: (name) => soon(() => store.read(name)),
    compareAndSet: (name, version, state) => soon(() => store.compareAndSet(name, version, state)),
    list: () => soon(() => store.list()),
    reportNode: (nodeId) => soon(() => store.reportNode(nodeId)),
    liveNodes: (withinMs) => soon(() => store.liveNodes(withinMs)),
  };
}

function awayError(): StorageError {
  return new StorageError(
    'STATE_UNUSABLE',
    `breaker states in Redis: expected an answer within ${patienceMs} ms, got none`,
  );
}
