/**
 * The port that carries jobs: what a run needs of a queue system, whether it is this process or BullMQ. Both adapters
 * pass tests/queues/engine-contract.ts.
 */
import type { Clock } from '../src/clock.ts';
import type { AnyJobHandler, BatchHandler, JobKind, JobRequest } from '../src/jobs/job.ts';
import type { RetryDecision } from '../src/resilience/retry-decision.ts';

export type JobOutcome = 'completed' | 'failed';

export interface JobEvent {
  readonly type: 'started' | 'retried' | 'held' | JobOutcome;
  readonly jobId: string;
  readonly kind: JobKind;
  readonly queue: string;
  readonly attempt: number;
  /** Why it was retried, held or failed. */
  readonly error?: unknown;
  /** Wait before the next try, for `retried` and `held`. */
  readonly delayMs?: number;
}

export interface QueueSettings {
  /** Jobs of this queue at once; asked again for every start. */
  readonly concurrency: number;
  /** For batch handlers: most jobs per batch, and how long a job waits for company. */
  readonly batch?: { readonly maxJobs: number; readonly maxDelayMs: number };
}

/** What every engine is given, whatever carries its jobs. */
export interface JobEngineOptions {
  readonly handlers: readonly AnyJobHandler[];
  readonly batchHandler: BatchHandler;
  readonly settingsOf: (queue: string) => QueueSettings;
  /** @param attempts tries that counted; @param starts all tries, rate-limited ones included */
  readonly decideRetry: (failed: {
    readonly kind: JobKind;
    readonly queue: string;
    readonly error: unknown;
    readonly attempts: number;
    readonly starts: number;
  }) => RetryDecision;
  /** True for a job that an earlier process has already settled: adding it is a no-op. */
  readonly isAlreadySettled: (jobId: string) => boolean;
  /** Kinds whose loss the run cannot survive. */
  readonly fatalKinds: ReadonlySet<JobKind>;
  readonly clock: Clock;
  readonly onEvent?: (event: JobEvent) => void;
}

export interface JobEngine {
  /** Adds a job and its children. Adding an id that is known, waiting or settled, is a no-op. */
  readonly add: (request: JobRequest) => Promise<void>;
  /**
   * Resolves when the job has settled.
   * @throws the error of a job the run cannot go on without (a write that was given up), or the stop reason.
   */
  readonly settled: (jobId: string) => Promise<JobOutcome>;
  /**
   * Graceful shutdown: takes nothing new, gives active jobs `graceMs` to finish, aborts the rest, writes what is still
   * to be stored. Jobs that had not finished are added again by the next run.
   */
  readonly stop: (graceMs: number) => Promise<void>;
}
