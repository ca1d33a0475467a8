/**
 * What the dashboard sees of the processes that collect. Whoever starts the dashboard fills it: from Redis in a cluster, from
 * the files of a run in one process elsewhere.
 */

import type { Queue } from 'bullmq';
import type { ClusterStatus } from '../queues/cluster-status.ts';
import type { QueueReading } from '../queues/queue-overview.ts';
import type { ScheduleState } from '../queues/schedule-state.ts';
import type { CityLimits } from '../src/crawl/city-limits.ts';
import type { BreakerMetrics } from '../src/resilience/circuit-breaker.ts';

export interface ClusterView {
  /** Null where runs are made by one process: there are no nodes, no queues and no schedule. */
  readonly board: QueueBoard | null;
  /** @throws ScraperError CLUSTER_UNREACHABLE when Redis does not answer soon, StorageError STATE_UNUSABLE for the breakers. */
  readonly read: () => Promise<ClusterReading>;
}

/** The queues in Redis, for Bull Board. */
export interface QueueBoard {
  /** True while Redis would not answer. */
  readonly isAway: () => boolean;
  /** Of all queues, those of cities that came since the start too. */
  readonly names: () => Promise<readonly string[]>;
  /** Opened when it is first asked for; it stays open. */
  readonly queue: (name: string) => Queue;
}

export interface ClusterReading {
  /** Null where there is no cluster. */
  readonly cluster: {
    readonly status: ClusterStatus;
    readonly queues: readonly QueueReading[];
    readonly schedule: ScheduleState;
    /** Executions that are under way. */
    readonly runs: readonly string[];
  } | null;
  /** The portal's first, then by name. */
  readonly breakers: readonly BreakerMetrics[];
  /** Of all configured cities. */
  readonly cities: readonly CityReading[];
  /** Requests of this day to the portal. */
  readonly portalBudget: BudgetReading;
}

export interface CityReading {
  readonly city: string;
  readonly configured: CityLimits;
  readonly inForce: CityLimits;
  /** Null when nothing is set by an operator. */
  readonly set: { readonly setAtUtc: string; readonly by: string } | null;
  readonly isPaused: boolean;
  readonly budget: BudgetReading;
}

export interface BudgetReading {
  /** Requests since midnight in Helsinki; null when nobody knows. */
  readonly used: number | null;
  /** Null = no budget. */
  readonly limit: number | null;
}
