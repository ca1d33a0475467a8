/**
 * The jobs of one process and how they hang together: which are known, which have settled, which wait for children,
 * and who wants to hear of it. It starts nothing.
 */
import type { JobKind, JobRequest } from '../src/jobs/job.ts';
import type { JobOutcome } from './job-engine.ts';

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly queue: string;
  /** As it would be on a wire. */
  readonly payloadJson: string;
  readonly priority: number;
  readonly parent: Job | null;
  pendingChildren: number;
  /** Tries that counted. */
  attempts: number;
  /** All tries, rate-limited ones included. */
  starts: number;
}

interface Waiter {
  readonly resolve: (outcome: JobOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

interface JobGraphOptions {
  /** True for a job that an earlier process has already settled: adding it is a no-op. */
  readonly isAlreadySettled: (jobId: string) => boolean;
  /** Called when a job has nothing left to wait for. */
  readonly onReady: (job: Job) => void;
}

export class JobGraph {
  readonly #options: JobGraphOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #settled = new Map<string, JobOutcome>();
  readonly #waiters = new Map<string, Waiter[]>();
  #end: { readonly reason: unknown } | null = null;

  constructor(options: JobGraphOptions) {
    this.#options = options;
  }

  /** Adds a job and its children; a known id is left as it is. */
  add(request: JobRequest, parent: Job | null): void {
    if (this.#jobs.has(request.id) || this.#settled.has(request.id)) return;
    if (this.#options.isAlreadySettled(request.id)) {
      this.#settled.set(request.id, 'completed');
      return;
    }
    const job: Job = {
      id: request.id,
      kind: request.kind,
      queue: request.queue,
      payloadJson: JSON.stringify(request.payload),
      priority: request.priority ?? 0,
      parent,
      pendingChildren: 0,
      attempts: 0,
      starts: 0,
    };
    this.#jobs.set(job.id, job);
    if (parent !== null) parent.pendingChildren += 1;
    for (const child of request.children ?? []) this.add(child, job);
    if (job.pendingChildren === 0) this.#options.onReady(job);
  }

  settle(job: Job, outcome: JobOutcome): void {
    this.#jobs.delete(job.id);
    this.#settled.set(job.id, outcome);
    for (const waiter of this.#waiters.get(job.id) ?? []) waiter.resolve(outcome);
    this.#waiters.delete(job.id);
    if (job.parent === null) return;
    job.parent.pendingChildren -= 1;
    if (job.parent.pendingChildren === 0) this.#options.onReady(job.parent);
  }

  settled(jobId: string): Promise<JobOutcome> {
    const outcome = this.#settled.get(jobId);
    if (outcome !== undefined) return Promise.resolve(outcome);
    if (this.#end !== null) return Promise.reject(this.#end.reason);
    return new Promise((resolve, reject) => {
      this.#waiters.set(jobId, [...(this.#waiters.get(jobId) ?? []), { resolve, reject }]);
    });
  }

  /** Tells everyone who waits, now or later, that what has not settled never will. */
  end(reason: unknown): void {
    this.#end ??= { reason };
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.reject(reason);
    this.#waiters.clear();
  }
}
