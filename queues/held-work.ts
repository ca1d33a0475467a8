/**
 * The items this process has taken and not yet given back: BullMQ's lock of each is renewed as long as the process lives.
 * An item whose lock was lost all the same is somebody else's: it is forgotten here and its loss is told.
 */
import type { Job, Worker } from 'bullmq';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';

export interface HeldItem {
  readonly workId: string;
  readonly job: Job;
  /** Of BullMQ's lock. */
  readonly token: string;
  /** That took it. */
  readonly worker: Worker;
}

export interface HeldWorkOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly lockDurationMs: number;
  readonly onLost: (item: HeldItem) => void;
}

export class HeldWork {
  readonly #options: HeldWorkOptions;
  readonly #items = new Map<string, HeldItem>();
  #callOff: (() => void) | null = null;

  constructor(options: HeldWorkOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.size;
  }

  add(item: HeldItem): void {
    this.#items.set(item.workId, item);
    if (this.#callOff === null) this.#renewLater();
  }

  /** Takes the item out, for the one who settles it; undefined when it is not held. */
  take(workId: string): HeldItem | undefined {
    const item = this.#items.get(workId);
    this.#items.delete(workId);
    return item;
  }

  takeAll(): readonly HeldItem[] {
    const items = [...this.#items.values()];
    this.#items.clear();
    return items;
  }

  stop(): void {
    this.#callOff?.();
  }

  /** Three tries within the life of a lock. */
  #renewLater(): void {
    const { clock, lockDurationMs, log } = this.#options;
    this.#callOff = clock.after(lockDurationMs / 3, () => {
      this.#callOff = null;
      this.#renew()
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'locks of work items could not be renewed'))
        .finally(() => {
          if (this.#items.size > 0 && this.#callOff === null) this.#renewLater();
        });
    });
  }

  async #renew(): Promise<void> {
    const byWorker = new Map<Worker, HeldItem[]>();
    for (const item of this.#items.values()) byWorker.set(item.worker, [...(byWorker.get(item.worker) ?? []), item]);
    for (const [worker, items] of byWorker) {
      const ids = items.map(({ job }) => job.id ?? '');
      const tokens = items.map(({ token }) => token);
      const lost = new Set(await worker.extendJobLocks(ids, tokens, this.#options.lockDurationMs));
      for (const item of items) if (lost.has(item.job.id ?? '')) this.#lose(item);
    }
  }

  /** Unless it was settled, or taken anew, while its lock was asked about. */
  #lose(item: HeldItem): void {
    if (this.#items.get(item.workId) !== item) return;
    this.#items.delete(item.workId);
    this.#options.onLost(item);
  }
}
