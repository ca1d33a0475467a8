/**
 * Listening to an abort signal that many waits share. It only listens; it never aborts anything itself.
 */
import { setMaxListeners } from 'node:events';

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Not with the event that tells of it.
    onAbort(signal, () => resolve());
  });
}

/** Calls `handler` when the signal aborts, at once if it already has; gives back how to stop listening. */
export function onAbort(signal: AbortSignal, handler: () => void): () => void {
  if (signal.aborted) {
    handler();
    return () => undefined;
  }
  // One signal serves all requests of a run; Node warns of a leak from the eleventh listener on.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', handler, { once: true });
  return () => signal.removeEventListener('abort', handler);
}
