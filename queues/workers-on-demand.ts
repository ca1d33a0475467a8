/**
 * The BullMQ workers of the cities that have jobs now. Each worker takes a connection to Redis and asks it a few times a
 * second also while it has nothing to do: with hundreds of cities that would be thousands of connections, so a city's
 * worker is started when a job of it appears and closed a while after the last one has gone. It takes no jobs itself.
 */
import type { Worker } from 'bullmq';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { JobEnvelope } from './bullmq-jobs.ts';

interface WorkersOnDemandOptions {
  /** Queues that are served on demand. */
  readonly names: readonly string[];
  /** Those of them that hold a job which waits, is delayed or active. */
  readonly withJobs: (names: readonly string[]) => Promise<ReadonlySet<string>>;
  /** False for a queue that this process takes nothing from now. */
  readonly isServed: (name: string) => boolean;
  readonly start: (name: string) => Worker<JobEnvelope>;
  readonly clock: Clock;
  readonly log: Log;
  /** Time between two looks, in milliseconds: a job that somebody else has added waits so long at most. */
  readonly lookIntervalMs: number;
}

/** Looks without a job after which a worker is closed: a city's next job often comes soon after its last one. */
const looksUntilClosed = 10;

export class WorkersOnDemand {
  readonly #options: WorkersOnDemandOptions;
  readonly #names: ReadonlySet<string>;
  readonly #open = new Map<string, Worker<JobEnvelope>>();
  /** Looks in a row that found nothing, by queue. */
  readonly #idleLooks = new Map<string, number>();
  readonly #closing = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(options: WorkersOnDemandOptions) {
    this.#options = options;
    this.#names = new Set(options.names);
    void this.#goOn();
  }

  /** The worker of a queue that is open now. */
  get(name: string): Worker<JobEnvelope> | undefined {
    return this.#open.get(name);
  }

  /** These queues have been given a job: those of them that are served are opened without waiting for the next look. */
  wanted(names: Iterable<string>): void {
    if (this.#ending.signal.aborted) return;
    for (const name of names) {
      if (!this.#names.has(name) || !this.#options.isServed(name)) continue;
      this.#idleLooks.delete(name);
      if (!this.#open.has(name)) this.#open.set(name, this.#options.start(name));
    }
  }

  /** Takes nothing new; resolves when what is active has ended. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all([...[...this.#open.values()].map((worker) => worker.close()), ...this.#closing]);
  }

  async #goOn(): Promise<void> {
    const { clock, log, lookIntervalMs, names, withJobs } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const busy = await withJobs(names);
        this.wanted(busy);
        this.#closeIdle(busy);
      } catch (error) {
        // That Redis is away, its connection has said.
        log.debug({ error: messageOf(error) }, 'which cities have jobs cannot be read');
      }
      await clock.sleep(lookIntervalMs, signal).catch(() => undefined);
    }
  }

  #closeIdle(busy: ReadonlySet<string>): void {
    if (this.#ending.signal.aborted) return;
    for (const [name, worker] of this.#open) {
      const looks = busy.has(name) ? 0 : (this.#idleLooks.get(name) ?? 0) + 1;
      this.#idleLooks.set(name, looks);
      if (looks < looksUntilClosed) continue;
      this.#open.delete(name);
      this.#idleLooks.delete(name);
      const closed = worker.close().finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
  }
}
