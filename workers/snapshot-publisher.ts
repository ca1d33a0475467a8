/**
 * Publishes snapshots of the database while a run goes on: soon after each city, but neither too often nor for too much of
 * the time, and when it is told to. A snapshot that fails is a missing part of the run and nothing worse.
 */
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { Degradations } from '../src/quality/degradations.ts';
import type { PublishedSnapshot } from '../src/storage/snapshot.ts';

/** At most one part in so many of a run is spent on snapshots. */
const timeShare = 20;
/** A run that ends with its last city publishes at its end: the city waits that long for it, or there would be two. */
const soonMs = 2_000;

interface PublisherOptions {
  /** Makes the snapshot; rejects when it cannot. */
  readonly publish: () => Promise<PublishedSnapshot>;
  /** Smallest time between two snapshots that nobody has asked for by `publishNow`. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly degradations: Degradations;
}

export class SnapshotPublisher {
  readonly #options: PublisherOptions;
  /** The snapshot under way; resolves to whether it was published. */
  #publishing: Promise<boolean> | null = null;
  #callOff: (() => void) | null = null;
  #nextAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Publishes as soon as it is time again; what is asked for until then is in the same snapshot. */
  publishSoon(): void {
    if (this.#isClosed || this.#callOff !== null) return;
    const { clock } = this.#options;
    this.#callOff = clock.after(Math.max(soonMs, this.#nextAtMs - clock.now()), () => {
      this.#callOff = null;
      // The time may have moved on while one was under way.
      if (this.#publishing !== null) void this.#publishing.then(() => this.publishSoon());
      else if (clock.now() < this.#nextAtMs) this.publishSoon();
      else void this.#start();
    });
  }

  /** Publishes what is stored by now and tells whether it could; never rejects. */
  async publishNow(): Promise<boolean> {
    this.#endWait();
    while (this.#publishing !== null) await this.#publishing;
    return this.#start();
  }

  /** Waits for the snapshot under way; no other one is begun. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endWait();
    await this.#publishing;
  }

  #endWait(): void {
    this.#callOff?.();
    this.#callOff = null;
  }

  #start(): Promise<boolean> {
    this.#publishing = this.#publish().finally(() => {
      this.#publishing = null;
    });
    return this.#publishing;
  }

  async #publish(): Promise<boolean> {
    const { publish, intervalMs, clock, log, degradations } = this.#options;
    const beginMs = clock.now();
    try {
      const { path, bytes, heldMs } = await publish();
      log.info({ path, bytes, heldMs: Math.round(heldMs) }, 'snapshot published');
      return true;
    } catch (error) {
      const remedy =
        'free some space there, or set publish.snapshots to false; until then readers see an older one or none';
      degradations.report({ part: 'snapshot', reason: messageOf(error), remedy });
      return false;
    } finally {
      const endMs = clock.now();
      this.#nextAtMs = endMs + Math.max(intervalMs, timeShare * (endMs - beginMs));
    }
  }
}
