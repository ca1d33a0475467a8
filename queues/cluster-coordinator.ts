/**
 * For those who bring their own loop: work items handed out over the nodes of a cluster, taken, locked, completed, failed
 * and tried again, on BullMQ's own manual processing. It runs no work and no loop of its own; what it knows is in Redis,
 * except which items and locks this process has.
 */
import type { ClusterStatus } from './cluster-status.ts';
import type { NewWorkItem, WorkItem } from './work-items.ts';

/** What became of the items of one call: total = distributed + repeated + failed. */
export interface WorkDistribution {
  readonly totalWorkItems: number;
  /** Added by this call. */
  readonly distributedItems: number;
  /** Known before by their `workId`: nothing was added, wherever they stand. */
  readonly repeatedItems: number;
  /** Not added, for the reasons in `failures`. */
  readonly failedItems: number;
  readonly failures: readonly WorkFailure[];
  /**
   * Per node the work ids it was given by this call, highest priority first. Items given while no loop was known are in
   * none: they wait for whoever comes first.
   */
  readonly nodeAssignments: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds. */
  readonly distributionTimeMs: number;
}

export interface WorkFailure {
  /** As it was given; null when it was no text. */
  readonly workId: string | null;
  /** What was expected and what was given. */
  readonly reason: string;
}

export interface ShutdownReport {
  /** Items that others can take now; none of them has used a retry. */
  readonly returnedItems: number;
  readonly releasedLocks: number;
}

/**
 * One node of a cluster, as a program sees it. Commands wait while Redis is away. Every method but `coordinateShutdown`
 * throws ScraperError COORDINATOR_CLOSED after that one.
 */
export interface ClusterCoordinator {
  /** The name of this node. */
  readonly nodeId: string;
  /**
   * True when this node was asked from afar to take nothing new, or another process has taken its name while it was silent:
   * a loop should end then.
   */
  readonly isDraining: boolean;
  /**
   * Hands items out over the loops that are known and healthy or degraded, in turns by falling priority, or each city to a
   * node of its own (strategy `sticky`). Ids that are known add nothing, whoever hands them out again and when.
   * Bad items are reported, not thrown.
   */
  readonly distributeWork: (items: readonly NewWorkItem[]) => Promise<WorkDistribution>;
  /**
   * Takes up to `count` items, now `active` and held by this process until they are completed, failed, returned or this
   * process is gone: first what waits for `nodeId`, then what waits for anybody, then what waits for nodes that are
   * offline, unhealthy or forgotten or was lost by a process that is gone. Empty when there is nothing, and when this node
   * drains.
   * @param nodeId usually `coordinator.nodeId`
   * @param count whole number of 1 or more
   * @throws RangeError for another count
   */
  readonly getWorkForNode: (nodeId: string, count: number) => Promise<readonly WorkItem[]>;
  /**
   * Makes this process the only one that has the lock of the id, until it releases it or LOCK_TTL is over; false when
   * somebody has it, this process included. A lock of its own beside that of `getWorkForNode`: it also outlives the
   * process that took it.
   */
  readonly acquireWorkLock: (workId: string) => Promise<boolean>;
  /** True when the lock was this process's and is free now; a lock that somebody else has stays. */
  readonly releaseWorkLock: (workId: string) => Promise<boolean>;
  /**
   * Ends an item that this process holds. Kept for 24 hours.
   * @throws ScraperError WORK_ITEM_LOST when this process does not hold it: never taken, settled already, or lost because
   * its lock could not be renewed in time; another node does it then
   */
  readonly completeWorkItem: (item: Pick<WorkItem, 'workId'>) => Promise<WorkItem>;
  /**
   * Tells that a try has failed: the item is tried again after 30, 60, 120 s, … at most 300 s (`retrying`), or has
   * `failed` when `maxRetries` are used up. Failed items are kept until somebody removes them.
   * @param error its message is kept
   * @throws ScraperError WORK_ITEM_LOST as above
   */
  readonly failWorkItem: (item: Pick<WorkItem, 'workId'>, error: unknown) => Promise<WorkItem>;
  /**
   * Gives an item back that this process holds, without using a retry, e.g. because somebody has its work lock.
   * @param options.delayMs before it can be taken again; default 0
   * @throws ScraperError WORK_ITEM_LOST as above
   */
  readonly returnWorkItem: (
    item: Pick<WorkItem, 'workId'>,
    options?: { readonly delayMs?: number },
  ) => Promise<WorkItem>;
  /** What the node has taken and not settled, from whichever queue. */
  readonly getActiveWorkForNode: (nodeId: string) => Promise<readonly WorkItem[]>;
  /** Names of the nodes, of every kind, that say they are healthy, as many as `getClusterStatus` counts. */
  readonly getHealthyNodes: () => Promise<readonly string[]>;
  /** The nodes as they have told of themselves, and every work item of this interface once, in one reading. */
  readonly getClusterStatus: () => Promise<ClusterStatus>;
  /**
   * Makes items whose wait is over takeable and gives them back. Taking does the same for the queues it looks into; this is
   * for those who want to know.
   */
  readonly processRetryQueue: () => Promise<readonly WorkItem[]>;
  /**
   * Joins the cluster under this node's name and tells its state every HEARTBEAT_INTERVAL until the shutdown. Without it
   * nobody hands work to this node by name.
   * @throws ScraperError NODE_ID_TAKEN when another living process has the name
   */
  readonly startHealthMonitoring: () => Promise<void>;
  /**
   * Takes nothing new, gives what this process holds back without using a retry, releases its locks, leaves the cluster and
   * closes the connections. Call it once at the end; called again it gives back the same. After 10 s without Redis the
   * rest is left to the end of the locks.
   * @throws ScraperError NODE_ID_TAKEN, after all that, when the name was lost to another process
   */
  readonly coordinateShutdown: () => Promise<ShutdownReport>;
}
