/**
 * The time limit of a rendered page. What the page asks of the portal has limits of its own and may wait long at the
 * gate; so only the time in which the page waits for nobody but itself is counted.
 */
import type { Clock } from '../../clock.ts';

export interface StallWatch {
  /** Resolves when the page has been on its own for longer than the limit. */
  readonly stalled: Promise<void>;
  /** A request of the page begins; gives back what to call when it has ended. */
  readonly pause: () => () => void;
  /** The page is done, or given up. */
  readonly end: () => void;
}

/** Starts to count at once. */
export function createStallWatch(clock: Clock, limitMs: number): StallWatch {
  let running = 0;
  let hasEnded = false;
  let callOff = (): void => undefined;
  let ring = (): void => undefined;
  const stalled = new Promise<void>((resolve) => {
    ring = resolve;
  });
  const count = (): void => {
    if (running === 0 && !hasEnded) callOff = clock.after(limitMs, ring);
  };
  count();
  return {
    stalled,
    pause: () => {
      running += 1;
      callOff();
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        running -= 1;
        count();
      };
    },
    end: () => {
      hasEnded = true;
      callOff();
    },
  };
}
