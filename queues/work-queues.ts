/**
 * Work items in BullMQ: one queue a node, `work-<nodeId>`, and the queue `work` of all. Items are taken by hand from
 * BullMQ's own manual processing, under its locks; retries are its delayed set, lost items its stalled check.
 */
import type { Job, Queue } from 'bullmq';
import { isNotConnectionError, UnrecoverableError, Worker } from 'bullmq';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { BullMqQueues } from './bullmq-queues.ts';
import type { ServedQueue } from './distribution.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { WorkBackoff } from './work-items.ts';
import { notWorkReason, retryDelayMs } from './work-items.ts';

export interface WorkQueuesOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly log: Log;
  readonly timing: WorkTiming;
  readonly backoff: WorkBackoff;
  readonly newToken: () => string;
}

export interface WorkTiming {
  /** An item whose process shows no sign of life for this long is taken back. */
  readonly lockDurationMs: number;
  /** How often items of lost processes, and queues of lost nodes, are looked for. */
  readonly stalledIntervalMs: number;
}

/** A job taken by hand, with what is needed to settle it. */
export interface TakenJob {
  readonly job: Job;
  readonly token: string;
  readonly worker: Worker;
}

/** Times an item may lose its process before it is failed for good: one that kills its process does not do so for ever. */
const maxStalls = 10;

const itemsPerClean = 1_000;

export class WorkQueues {
  readonly #options: WorkQueuesOptions;
  readonly #queues: BullMqQueues;
  readonly #workers = new Map<string, Worker>();

  constructor(options: WorkQueuesOptions) {
    this.#options = options;
    this.#queues = new BullMqQueues(options);
  }

  /** The queue of a node, or of all. */
  queue(node: string | null): Queue {
    return this.#queues.queue(queueNameOf(node));
  }

  /**
   * Takes up to `count` items, highest priority first, those of a lost process before all others.
   * @param forNode is kept with each item as the one that has it
   */
  async take(node: string | null, forNode: string, count: number): Promise<readonly TakenJob[]> {
    if (count <= 0) return [];
    const worker = this.watch(node, forNode);
    const taken: TakenJob[] = [];
    while (taken.length < count) {
      const token = this.#options.newToken();
      const job = await worker.getNextJob(token, { block: false });
      if (job === undefined) break;
      const refusal = job.deferredFailure || notWorkReason(job);
      if (refusal) await job.moveToFailed(new UnrecoverableError(refusal), token, false);
      else taken.push({ job, token, worker });
    }
    return taken;
  }

  /** Opens the queue for taking, and looks from now on for items in it whose process is gone. */
  watch(node: string | null, forNode: string): Worker {
    const key = `${queueNameOf(node)} ${forNode}`;
    const known = this.#workers.get(key);
    if (known !== undefined) return known;
    const { redis, prefix, timing, backoff, log } = this.#options;
    const name = queueNameOf(node);
    const worker = new Worker(name, null, {
      connection: redis,
      prefix,
      name: forNode,
      autorun: false,
      lockDuration: timing.lockDurationMs,
      stalledInterval: timing.stalledIntervalMs,
      maxStalledCount: maxStalls,
      settings: { backoffStrategy: (failedTries) => retryDelayMs(failedTries, backoff) },
    });
    worker.on('error', (error) => {
      // That the connection is lost, it has said itself.
      const isNetwork = 'syscall' in error || !isNotConnectionError(error);
      log[isNetwork ? 'debug' : 'warn']({ queue: name, error: error.message }, 'work items: a queue met an error');
    });
    worker.startStalledCheckTimer().catch((error: unknown) => {
      log.warn({ queue: name, error: messageOf(error) }, 'lost work items cannot be looked for');
    });
    this.#workers.set(key, worker);
    return worker;
  }

  /** Items that have come back from a lost process: every other one has a priority and waits elsewhere. */
  comeBack(node: string | null): Promise<number> {
    return this.queue(node).getJobCountByTypes('waiting');
  }

  async active(node: string | null): Promise<readonly Job[]> {
    return (await this.queue(node).getJobs(['active'])).filter((job) => job !== undefined);
  }

  /** Makes delayed items that are due takeable; gives them back. @param nowMs by the clock that delayed them */
  async promoteDue(node: string | null, nowMs: number): Promise<readonly Job[]> {
    const queue = this.queue(node);
    const count = await queue.getDelayedCount(nowMs + 1);
    if (count === 0) return [];
    const promoted: Job[] = [];
    for (const job of await queue.getJobs(['delayed'], 0, count - 1, true)) {
      try {
        await job.promote();
        promoted.push(job);
      } catch (error) {
        // Taken by a node that found it due, between our two looks.
        if ((await queue.getJobState(job.id ?? '')) === 'delayed') throw error;
      }
    }
    return promoted;
  }

  /** True when something waits in the queue or is active. */
  async hasOpenItems(node: string | null): Promise<boolean> {
    return (await this.queue(node).getJobCountByTypes('waiting', 'prioritized', 'delayed', 'active')) > 0;
  }

  /**
   * BullMQ removes what was completed too long ago when something else is completed; this is for a queue in which nothing
   * is any more. Gives back how many completed and failed items are left.
   */
  async removeCompleted(node: string, olderThanMs: number): Promise<number> {
    await this.queue(node).clean(olderThanMs, itemsPerClean, 'completed');
    return this.queue(node).getJobCountByTypes('completed', 'failed');
  }

  /** Needs no answer of Redis: nothing runs here that a worker of BullMQ knows of. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.close(true)));
    await this.#queues.close();
  }
}

/** The queue of all, as the status counts it: any loop that takes work serves it. */
export const workQueueOfAll: ServedQueue = { name: queueNameOf(null), servedBy: 'loop', city: null };

/** The queue of all and those of the nodes. */
export function servedWorkQueues(nodes: readonly string[]): readonly ServedQueue[] {
  return [workQueueOfAll, ...nodes.map((owner) => ({ ...workQueueOfAll, name: queueNameOf(owner), owner }))];
}

/** Names of nodes may hold what BullMQ refuses in a name of a queue. */
function queueNameOf(node: string | null): string {
  return node === null ? 'work' : `work-${encodeURIComponent(node)}`;
}
