/**
 * Waits for the end of jobs that run anywhere in the cluster. An event of the queue wakes it at once; because events can
 * get lost, every job waited for is also looked up again and again.
 */
import type { Queue, QueueEvents } from 'bullmq';
import type { Clock } from '../src/clock.ts';
import { onAbort } from '../src/crawl/on-abort.ts';
import type { JobOutcome } from './job-engine.ts';

interface SettlementWatchOptions {
  readonly queueOf: (name: string) => Queue;
  readonly eventsOf: (name: string) => QueueEvents;
  readonly clock: Clock;
  readonly pollIntervalMs: number;
}

export class SettlementWatch {
  readonly #options: SettlementWatchOptions;
  readonly #subscribed = new Map<string, Promise<void>>();
  /** Who wants to be woken, by queue and job. */
  readonly #sleepers = new Map<string, Set<() => void>>();

  constructor(options: SettlementWatchOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the job has ended; a job that does not exist yet is waited for.
   * @throws the signal's reason when it aborts first; what Redis throws.
   */
  async settled(queueName: string, jobId: string, signal: AbortSignal): Promise<JobOutcome> {
    // Who has stopped has closed its connections: another one would be closed by nobody and keep the process from ending.
    signal.throwIfAborted();
    await this.#subscribe(queueName);
    const queue = this.#options.queueOf(queueName);
    for (;;) {
      signal.throwIfAborted();
      const nap = this.#nap(`${queueName} ${jobId}`, signal);
      try {
        const state = await queue.getJobState(jobId);
        if (state === 'completed' || state === 'failed') return state;
        await nap.over;
      } finally {
        nap.end();
      }
    }
  }

  #subscribe(queueName: string): Promise<void> {
    const known = this.#subscribed.get(queueName);
    if (known !== undefined) return known;
    const events = this.#options.eventsOf(queueName);
    const wake = ({ jobId }: { readonly jobId: string }): void => {
      for (const sleeper of this.#sleepers.get(`${queueName} ${jobId}`) ?? []) sleeper();
    };
    events.on('completed', wake);
    events.on('failed', wake);
    const ready = events.waitUntilReady().then(() => undefined);
    this.#subscribed.set(queueName, ready);
    return ready;
  }

  /** Over at the job's next event, at the time of the next look, or when the signal aborts. */
  #nap(key: string, signal: AbortSignal): { readonly over: Promise<void>; readonly end: () => void } {
    let wake: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const sleepers = this.#sleepers.get(key) ?? new Set();
    this.#sleepers.set(key, sleepers.add(wake));
    const stopListening = onAbort(signal, wake);
    const callOff = this.#options.clock.after(this.#options.pollIntervalMs, wake);
    const end = (): void => {
      callOff();
      stopListening();
      sleepers.delete(wake);
      if (sleepers.size === 0) this.#sleepers.delete(key);
    };
    return { over, end };
  }
}
