/**
 * The coordinator on Redis and BullMQ: joins assignment, queues, held items, locks and presence together.
 */
import type { Job } from 'bullmq';
import type { Clock } from '../src/clock.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { ClusterCoordinator, ShutdownReport } from './cluster-coordinator.ts';
import { readClusterStatus } from './cluster-status.ts';
import type { DistributionStrategy } from './distribution.ts';
import { serversOf } from './distribution.ts';
import type { HeldItem } from './held-work.ts';
import { HeldWork } from './held-work.ts';
import type { LoopPresence } from './loop-presence.ts';
import { LostWork } from './lost-work.ts';
import type { NodeRegistry } from './node-registry.ts';
import type { RedisConnection } from './redis-connection.ts';
import { WorkAssignment } from './work-assignment.ts';
import { distribute } from './work-distribution.ts';
import type { WorkBackoff, WorkItem, WorkItemStatus } from './work-items.ts';
import { toWorkItem } from './work-items.ts';
import { WorkLocks } from './work-lock.ts';
import type { WorkTiming } from './work-queues.ts';
import { servedWorkQueues, WorkQueues, workQueueOfAll } from './work-queues.ts';

export interface CoordinatorOptions {
  /** Belongs to the coordinator: its shutdown closes it. */
  readonly redis: RedisConnection;
  /** Before every key, e.g. `{scraper}`. */
  readonly prefix: string;
  readonly nodeId: string;
  readonly registry: Pick<NodeRegistry, 'list'>;
  readonly presence: LoopPresence;
  readonly strategy: DistributionStrategy;
  /** Life of a work lock whose owner does not release it. */
  readonly lockTtlMs: number;
  readonly timing: WorkTiming;
  readonly backoff: WorkBackoff;
  /** Called before the first command; what it throws, the command throws. */
  readonly prepare: () => Promise<void>;
  readonly newToken: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of an item that this process held and lost: another node does it. */
  readonly onLost?: (workId: string) => void;
}

/** After this long without Redis a shutdown leaves the rest to the locks' ends. */
const shutdownGraceMs = 10_000;

/** Nothing is sent before the first method is called; `coordinateShutdown` ends it. */
export class WorkCoordinator implements ClusterCoordinator {
  readonly nodeId: string;
  readonly #options: CoordinatorOptions;
  readonly #assignment: WorkAssignment;
  readonly #queues: WorkQueues;
  readonly #held: HeldWork;
  readonly #locks: WorkLocks;
  readonly #lost: LostWork;
  /** Takes and settlements under way; a shutdown waits for them. */
  readonly #running = new Set<Promise<unknown>>();
  #prepared: Promise<void> | null = null;
  #closing: Promise<ShutdownReport> | null = null;

  constructor(options: CoordinatorOptions) {
    const { registry, clock, log, timing, onLost } = options;
    this.nodeId = options.nodeId;
    this.#options = options;
    this.#assignment = new WorkAssignment(options);
    this.#queues = new WorkQueues(options);
    this.#held = new HeldWork({
      clock,
      log,
      lockDurationMs: timing.lockDurationMs,
      onLost: ({ workId }) => {
        log.warn({ workId }, 'a work item was lost: its lock was not renewed in time, another node does it');
        onLost?.(workId);
      },
    });
    this.#locks = new WorkLocks({ ...options, ttlMs: options.lockTtlMs });
    this.#lost = new LostWork({
      queues: this.#queues,
      assignment: this.#assignment,
      registry,
      clock,
      intervalMs: timing.stalledIntervalMs,
    });
  }

  get isDraining(): boolean {
    return this.#options.presence.isDraining;
  }

  distributeWork: ClusterCoordinator['distributeWork'] = (items) =>
    this.#tracked(async () => {
      const { registry, strategy, clock, newToken } = this.#options;
      const loops = serversOf(workQueueOfAll, await registry.list(), 'round_robin');
      const nodes = loops.map(({ nodeId }) => nodeId);
      const parts = { assignment: this.#assignment, queues: this.#queues };
      return distribute(items, { ...parts, nodes, strategy, clock, distributionId: newToken() });
    });

  getWorkForNode: ClusterCoordinator['getWorkForNode'] = (nodeId, count) => {
    if (!Number.isSafeInteger(count) || count < 1) {
      const message = `work for ${nodeId}: expected a whole number of 1 or more, got ${count}; say how many to take`;
      return Promise.reject(new RangeError(message));
    }
    return this.#tracked(async () => {
      if (this.isDraining) return [];
      const items = await this.#take(nodeId, nodeId, count);
      items.push(...(await this.#take(null, nodeId, count - items.length)));
      if (items.length === count) return items;
      for (const { node, most } of await this.#lost.sources(nodeId)) {
        items.push(...(await this.#take(node, nodeId, Math.min(most, count - items.length))));
      }
      return items;
    });
  };

  acquireWorkLock: ClusterCoordinator['acquireWorkLock'] = (workId) => this.#tracked(() => this.#locks.acquire(workId));

  releaseWorkLock: ClusterCoordinator['releaseWorkLock'] = (workId) => this.#tracked(() => this.#locks.release(workId));

  completeWorkItem: ClusterCoordinator['completeWorkItem'] = (item) =>
    this.#settle(item, async ({ job, token }) => {
      await job.moveToCompleted(null, token, false);
      await this.#assignment.forgetLater(item.workId);
      return 'completed';
    });

  failWorkItem: ClusterCoordinator['failWorkItem'] = (item, error) =>
    this.#settle(item, async ({ job, token }) => {
      const failure = error instanceof Error ? error : new Error(messageOf(error));
      await job.moveToFailed(failure, token, false);
      return job.finishedOn === undefined ? 'retrying' : 'failed';
    });

  returnWorkItem: ClusterCoordinator['returnWorkItem'] = (item, { delayMs = 0 } = {}) =>
    this.#settle(item, async ({ job, token }) => {
      if (delayMs > 0) await job.moveToDelayed(Date.now() + delayMs, token);
      else await job.moveToWait(token);
      return job.attemptsMade > 0 ? 'retrying' : 'pending';
    });

  getActiveWorkForNode: ClusterCoordinator['getActiveWorkForNode'] = (nodeId) =>
    this.#tracked(async () => {
      const jobs = await this.#inEveryQueue((node) => this.#queues.active(node));
      return jobs.filter(({ processedBy }) => processedBy === nodeId).map((job) => toWorkItem(job, 'active'));
    });

  getHealthyNodes: ClusterCoordinator['getHealthyNodes'] = () =>
    this.#tracked(async () => {
      const nodes = await this.#options.registry.list();
      return nodes.filter(({ status }) => status === 'healthy').map(({ nodeId }) => nodeId);
    });

  getClusterStatus: ClusterCoordinator['getClusterStatus'] = () =>
    this.#tracked(async () => {
      const queues = servedWorkQueues(await this.#assignment.nodes());
      // Items have their node since they were handed out: here no city prefers one.
      return readClusterStatus({ ...this.#options, queues, strategy: 'round_robin' });
    });

  processRetryQueue: ClusterCoordinator['processRetryQueue'] = () =>
    this.#tracked(async () => {
      const jobs = await this.#inEveryQueue((node) => this.#queues.promoteDue(node, Date.now()));
      return jobs.map((job) => toWorkItem(job, 'pending'));
    });

  startHealthMonitoring: ClusterCoordinator['startHealthMonitoring'] = async () => {
    this.#throwIfClosed();
    await this.#prepare();
    // A shutdown ends the wait for a name itself.
    await this.#options.presence.start(() => this.#held.size);
  };

  coordinateShutdown: ClusterCoordinator['coordinateShutdown'] = () => {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  };

  async #take(node: string | null, forNode: string, count: number): Promise<WorkItem[]> {
    const taken = await this.#queues.take(node, forNode, count);
    return taken.map(({ job, token, worker }) => {
      const item = toWorkItem(job, 'active');
      this.#held.add({ workId: item.workId, job, token, worker });
      return item;
    });
  }

  #settle({ workId }: Pick<WorkItem, 'workId'>, move: (held: HeldItem) => Promise<WorkItemStatus>): Promise<WorkItem> {
    return this.#tracked(async () => {
      const held = this.#held.take(workId);
      if (held === undefined) throw lostError(workId, 'one that was never taken here, is settled or was lost');
      try {
        return toWorkItem(held.job, await move(held));
      } catch (error) {
        if (isLossOfLock(error)) throw lostError(workId, 'one that another node has by now', error);
        this.#held.add(held);
        throw error;
      }
    });
  }

  async #inEveryQueue(look: (node: string | null) => Promise<readonly Job[]>): Promise<readonly Job[]> {
    const nodes = await this.#assignment.nodes();
    return (await Promise.all([null, ...nodes].map(look))).flat();
  }

  async #shutDown(): Promise<ShutdownReport> {
    const { clock, log, redis } = this.#options;
    const over = new AbortController();
    const deadline = clock.sleep(shutdownGraceMs, over.signal).then(
      () => null,
      () => null,
    );
    try {
      const report = await Promise.race([this.#giveBackAll(), deadline]);
      if (report !== null) return report;
      log.warn({ nodeId: this.nodeId }, 'Redis is away: what this node held goes to others when its locks have ended');
      this.#held.stop();
      await this.#queues.close();
      return { returnedItems: 0, releasedLocks: 0 };
    } finally {
      over.abort();
      redis.disconnect();
    }
  }

  async #giveBackAll(): Promise<ShutdownReport> {
    await Promise.allSettled([...this.#running]);
    const returned = await Promise.all(this.#held.takeAll().map((held) => giveBack(held)));
    this.#held.stop();
    const releasedLocks = await this.#locks.releaseAll();
    try {
      await this.#options.presence.stop();
    } finally {
      await this.#queues.close();
    }
    return { returnedItems: returned.filter(Boolean).length, releasedLocks };
  }

  /** Runs work that a shutdown waits for. */
  async #tracked<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#throwIfClosed();
    const running = this.#prepare().then(() => {
      this.#throwIfClosed();
      return work();
    });
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Once; again when it failed. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#options.prepare().catch((error: unknown) => {
      this.#prepared = null;
      throw error;
    });
    return this.#prepared;
  }

  #throwIfClosed(): void {
    if (this.#closing === null) return;
    const message = `node ${this.nodeId}: expected a coordinator that runs, got one that was shut down; make another one`;
    throw new ScraperError('COORDINATOR_CLOSED', message, { category: 'UNKNOWN' });
  }
}

/** False when another node has it by now. */
async function giveBack({ job, token }: HeldItem): Promise<boolean> {
  try {
    await job.moveToWait(token);
    return true;
  } catch (error) {
    if (isLossOfLock(error)) return false;
    throw error;
  }
}

/** BullMQ's codes for a job that is gone, without a lock, not active, or under the lock of another. */
const lossCodes: readonly unknown[] = [-1, -2, -3, -6];

function isLossOfLock(error: unknown): boolean {
  return error instanceof Error && 'code' in error && lossCodes.includes(error.code);
}

function lostError(workId: string, got: string, cause?: unknown): ScraperError {
  const message = `work item ${workId}: expected one that this process holds, got ${got}; take it with getWorkForNode`;
  return new ScraperError('WORK_ITEM_LOST', message, { category: 'UNKNOWN', details: { workId }, cause });
}
