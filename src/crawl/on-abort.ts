/**
 * Listening to an abort signal that many waits share. It only listens; it never aborts anything itself.
 */

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
  const waits = waitsOf.get(signal) ?? new SignalWaits(signal);
  return waits.add(handler);
}

/** Who waits for which signal. */
const waitsOf = new WeakMap<AbortSignal, SignalWaits>();

/**
 * All waits for one signal, behind a single listener: one signal serves all requests of a run, and listening to it takes
 * longer than most of them have to wait. It listens only while somebody waits, or the signal could not be collected.
 */
class SignalWaits {
  readonly #signal: AbortSignal;
  readonly #handlers = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    waitsOf.set(signal, this);
  }

  add(handler: () => void): () => void {
    // Of its own, so that the same handler may wait twice.
    const wait = () => handler();
    if (this.#handlers.size === 0) this.#signal.addEventListener('abort', this.#tell);
    this.#handlers.add(wait);
    return () => this.#remove(wait);
  }

  #remove(wait: () => void): void {
    if (this.#handlers.delete(wait) && this.#handlers.size === 0) {
      this.#signal.removeEventListener('abort', this.#tell);
    }
  }

  readonly #tell = (): void => {
    for (const wait of this.#handlers) {
      this.#remove(wait);
      try {
        wait();
      } catch (error) {
        // As an event does: it must not keep the others from hearing.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };
}
