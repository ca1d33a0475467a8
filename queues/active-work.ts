/**
 * What is going on in this process: running handlers, timers, and the one signal that ends them. Lets a stop wait for
 * work to finish, and cut it off when its grace is over. It knows nothing of jobs.
 */
import type { Clock } from '../src/clock.ts';

export class ActiveWork {
  readonly #clock: Clock;
  readonly #abortHandlers = new AbortController();
  readonly #abortTimers = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** True when no handler is running that could add more work. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Runs a handler with the signal of this process, and counts it as running until it ends. */
  async track<Result>(handler: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const work = handler(this.#abortHandlers.signal);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Starts work nobody waits for; an error that escapes it is a bug and ends the process. */
  runDetached(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      queueMicrotask(() => {
        throw error;
      });
    });
  }

  /** Calls `action` after a delay, unless stopped before. */
  later(delayMs: number, action: () => void): void {
    const signal = this.#abortTimers.signal;
    this.runDetached(async () => {
      try {
        await this.#clock.sleep(delayMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      action();
    });
  }

  beginStop(): void {
    this.#isStopping = true;
    this.#abortTimers.abort();
  }

  abort(reason: unknown): void {
    this.#abortHandlers.abort(reason);
    this.#abortTimers.abort();
  }

  /** Waits for running handlers, at most `graceMs`; then aborts them and waits until they have let go. */
  async finishOrAbort(graceMs: number, reason: unknown): Promise<void> {
    const graceOver = new AbortController();
    const deadline = this.#clock.sleep(graceMs, graceOver.signal).catch(() => undefined);
    await Promise.race([deadline, this.#allEnded()]);
    graceOver.abort();
    this.abort(reason);
    await this.#allEnded();
  }

  async #allEnded(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running]);
  }
}
