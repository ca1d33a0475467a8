/**
 * The places for pages that may be open at once: first come, first served. A place that was given is given back exactly
 * once, whatever happened to its page.
 */
import { onAbort } from '../on-abort.ts';

export interface PageSlots {
  /** Resolves when a page may be opened, with how to give the place back. @throws the signal's reason when it aborts. */
  readonly take: (signal: AbortSignal) => Promise<() => void>;
}

/** Makes `count` free places. */
export function createPageSlots(count: number): PageSlots {
  let free = count;
  const waiting: (() => void)[] = [];
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return giveBack;
      }
      return new Promise((resolve, reject) => {
        const grant = (): void => {
          stopListening();
          resolve(giveBack);
        };
        const stopListening = onAbort(signal, () => {
          waiting.splice(waiting.indexOf(grant), 1);
          reject(signal.reason);
        });
        waiting.push(grant);
      });
    },
  };
}
