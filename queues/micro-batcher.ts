/**
 * Gathers what arrives one by one into batches, and runs one thing at a time: batches and single tasks share the lane,
 * because both write the same database. Whoever hands something in waits for the end of its batch.
 */
import type { Clock } from '../src/clock.ts';
import { SerialLane } from './serial-lane.ts';

export interface MicroBatcherOptions<Item> {
  /** A batch goes when it has this many items … */
  readonly maxItems: number;
  /** … or when its first one has waited this long. */
  readonly maxDelayMs: number;
  readonly run: (items: readonly Item[]) => Promise<void>;
  readonly clock: Clock;
}

interface Entry<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class MicroBatcher<Item> {
  readonly #options: MicroBatcherOptions<Item>;
  readonly #lane = new SerialLane();
  #waiting: Entry<Item>[] = [];
  #callOffTimer: (() => void) | null = null;

  constructor(options: MicroBatcherOptions<Item>) {
    this.#options = options;
  }

  /**
   * Resolves when the item has been written.
   * @throws what its writing threw; an item of a failed batch is tried once more alone, so one bad item fails alone.
   */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#waiting.length >= this.#options.maxItems) this.flush();
      else this.#callOffTimer ??= this.#options.clock.after(this.#options.maxDelayMs, () => this.flush());
    });
  }

  /** Runs a single task in its turn: after everything that was handed in before it. */
  alone<Result>(task: () => Promise<Result>): Promise<Result> {
    this.flush();
    return this.#lane.run(task);
  }

  /** Sends what waits on its way now. */
  flush(): void {
    this.#callOffTimer?.();
    this.#callOffTimer = null;
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length > 0) void this.#lane.run(() => this.#write(batch));
  }

  /** Never rejects: every entry hears its own outcome. */
  async #write(batch: readonly Entry<Item>[]): Promise<void> {
    try {
      await this.#options.run(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const [only] = batch;
      if (batch.length === 1) only?.reject(error);
      else for (const entry of batch) await this.#write([entry]);
    }
  }
}
