/**
 * The job engine of one process: no Redis, the same semantics. Payloads go through JSON as they would on a wire, ids
 * make repeats no-ops, a parent waits for everything that grows below it, retries are decided by the caller.
 * It keeps jobs in memory only: what must survive a crash is in the store, and the next run adds the rest again.
 */
import type { Clock } from '../src/clock.ts';
import { categoryOf, messageOf, ScraperError } from '../src/errors.ts';
import type { AnyJobHandler, BatchHandler, JobFailure, JobKind, JobRequest } from '../src/jobs/job.ts';
import { ActiveWork } from './active-work.ts';
import type { JobEngine, JobEvent, JobOutcome } from './job-engine.ts';
import { ReadyJobs } from './ready-jobs.ts';

export interface QueueSettings {
  /** Jobs of this queue at once. */
  readonly concurrency: number;
  /** For batch handlers: most jobs per batch, and how long a job waits for company. */
  readonly batch?: { readonly maxJobs: number; readonly maxDelayMs: number };
}

export type RetryDecision =
  | { readonly action: 'retry'; readonly delayMs: number; readonly costsAttempt: boolean }
  | { readonly action: 'give_up'; readonly reason: string };

export interface InProcessEngineOptions {
  readonly handlers: readonly AnyJobHandler[];
  readonly batchHandler: BatchHandler;
  readonly settingsOf: (queue: string) => QueueSettings;
  /** @param attempts tries that counted; @param starts all tries, rate-limited ones included */
  readonly decideRetry: (failed: {
    readonly kind: JobKind;
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

interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly queue: string;
  readonly payloadJson: string;
  readonly priority: number;
  readonly parent: Job | null;
  pendingChildren: number;
  attempts: number;
  starts: number;
}

interface Queue {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly ready: ReadyJobs<Job>;
  active: number;
  /** Nothing starts before this time (rate limit of the portal). */
  heldUntilMs: number;
  isBatchDue: boolean;
  isBatchTimerSet: boolean;
}

interface Waiter {
  readonly resolve: (outcome: JobOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

export function createInProcessEngine(options: InProcessEngineOptions): JobEngine {
  return new InProcessEngine(options);
}

class InProcessEngine implements JobEngine {
  readonly #options: InProcessEngineOptions;
  readonly #handlers: ReadonlyMap<JobKind, AnyJobHandler>;
  readonly #batchKinds: ReadonlySet<JobKind>;
  readonly #queues = new Map<string, Queue>();
  readonly #jobs = new Map<string, Job>();
  readonly #settled = new Map<string, JobOutcome>();
  readonly #waiters = new Map<string, Waiter[]>();
  readonly #work: ActiveWork;
  #fatal: { readonly error: unknown } | null = null;

  constructor(options: InProcessEngineOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.kind, handler]));
    this.#batchKinds = new Set(options.batchHandler.kinds);
    this.#work = new ActiveWork(options.clock);
  }

  add = async (request: JobRequest): Promise<void> => {
    this.#addUnder(request, null);
    this.#pump();
  };

  settled = (jobId: string): Promise<JobOutcome> => {
    const outcome = this.#settled.get(jobId);
    if (outcome !== undefined) return Promise.resolve(outcome);
    return new Promise((resolve, reject) => {
      if (this.#fatal !== null) return reject(this.#fatal.error);
      this.#waiters.set(jobId, [...(this.#waiters.get(jobId) ?? []), { resolve, reject }]);
    });
  };

  stop = async (graceMs: number): Promise<void> => {
    const reason = new ScraperError('ENGINE_STOPPED', 'the run was stopped', { category: 'UNKNOWN' });
    this.#work.beginStop();
    this.#endWaiters(reason);
    await this.#work.finishOrAbort(graceMs, reason);
    const store = [...this.#queues.values()].filter((queue) => queue.settings.batch !== undefined);
    for (const queue of store) await this.#drainBatches(queue);
  };

  #addUnder(request: JobRequest, parent: Job | null): void {
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
    for (const child of request.children ?? []) this.#addUnder(child, job);
    if (job.pendingChildren === 0) this.#makeReady(job);
  }

  #queueOf(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue: Queue = {
      name,
      settings: this.#options.settingsOf(name),
      ready: new ReadyJobs<Job>(),
      active: 0,
      heldUntilMs: 0,
      isBatchDue: false,
      isBatchTimerSet: false,
    };
    this.#queues.set(name, queue);
    return queue;
  }

  #makeReady(job: Job): void {
    this.#queueOf(job.queue).ready.push(job);
  }

  #pump(): void {
    for (const queue of this.#queues.values()) {
      while (this.#canStart(queue)) {
        const head = queue.ready.peek();
        if (head === undefined) break;
        if (!this.#batchKinds.has(head.kind)) {
          queue.ready.take();
          this.#start(queue, head);
        } else if (this.#isBatchDue(queue)) {
          this.#startBatch(queue, this.#takeBatch(queue));
        } else {
          this.#armBatchTimer(queue);
          break;
        }
      }
    }
  }

  #canStart(queue: Queue): boolean {
    if (this.#work.isStopping || this.#fatal !== null) return false;
    return queue.active < queue.settings.concurrency && queue.heldUntilMs <= this.#options.clock.now();
  }

  /** A batch goes when it is full, when its first job has waited long enough, or when nobody else could add to it. */
  #isBatchDue(queue: Queue): boolean {
    const full = queue.ready.size >= (queue.settings.batch?.maxJobs ?? 1);
    return full || queue.isBatchDue || this.#work.isIdle;
  }

  #armBatchTimer(queue: Queue): void {
    if (queue.isBatchTimerSet) return;
    queue.isBatchTimerSet = true;
    this.#work.later(queue.settings.batch?.maxDelayMs ?? 0, () => {
      queue.isBatchTimerSet = false;
      queue.isBatchDue = true;
      this.#pump();
    });
  }

  #takeBatch(queue: Queue): Job[] {
    const batch: Job[] = [];
    const maxJobs = queue.settings.batch?.maxJobs ?? 1;
    for (let head = queue.ready.peek(); head !== undefined && batch.length < maxJobs; head = queue.ready.peek()) {
      if (!this.#batchKinds.has(head.kind)) break;
      queue.ready.take();
      batch.push(head);
    }
    queue.isBatchDue = false;
    return batch;
  }

  async #drainBatches(queue: Queue): Promise<void> {
    for (let batch = this.#takeBatch(queue); batch.length > 0; batch = this.#takeBatch(queue)) {
      await this.#options.batchHandler.run(batch.map(toBatchItem));
      for (const job of batch) this.#settle(job, 'completed');
    }
  }

  #start(queue: Queue, job: Job): void {
    const handler = this.#handlers.get(job.kind);
    if (handler === undefined) throw new Error(`no handler for job kind ${job.kind} of job ${job.id}`);
    queue.active += 1;
    job.attempts += 1;
    job.starts += 1;
    this.#emit('started', job);
    const run = async () => {
      try {
        const payload: unknown = JSON.parse(job.payloadJson);
        const result = await this.#work.track((signal) => handler.run(payload, { signal, attempt: job.attempts }));
        for (const followUp of result.followUps) this.#addUnder(followUp, job.parent);
        if (result.holdUntil !== undefined) {
          this.#pump();
          await this.settled(result.holdUntil);
        }
        this.#settle(job, 'completed');
      } catch (error) {
        this.#failed(queue, job, error, (failure) => handler.onGivenUp(JSON.parse(job.payloadJson), failure));
      }
      queue.active -= 1;
      this.#pump();
    };
    this.#work.runDetached(run);
  }

  #startBatch(queue: Queue, batch: readonly Job[]): void {
    queue.active += 1;
    const handler = this.#options.batchHandler;
    for (const job of batch) {
      job.attempts += 1;
      job.starts += 1;
      this.#emit('started', job);
    }
    const run = async () => {
      try {
        await this.#work.track(() => handler.run(batch.map(toBatchItem)));
        for (const job of batch) this.#settle(job, 'completed');
      } catch (error) {
        if (batch.length > 1) await this.#storeOneByOne(queue, batch);
        else for (const job of batch) this.#batchJobFailed(queue, job, error);
      }
      queue.active -= 1;
      this.#pump();
    };
    this.#work.runDetached(run);
  }

  /** One bad record must not take its whole batch down: after a failed batch each job is tried alone. */
  async #storeOneByOne(queue: Queue, batch: readonly Job[]): Promise<void> {
    for (const job of batch) {
      try {
        await this.#work.track(() => this.#options.batchHandler.run([toBatchItem(job)]));
        this.#settle(job, 'completed');
      } catch (error) {
        this.#batchJobFailed(queue, job, error);
      }
    }
  }

  #batchJobFailed(queue: Queue, job: Job, error: unknown): void {
    this.#failed(queue, job, error, (failure) => this.#options.batchHandler.onGivenUp?.(toBatchItem(job), failure) ?? []);
  }

  #failed(queue: Queue, job: Job, error: unknown, giveUp: (failure: JobFailure) => readonly JobRequest[]): void {
    if (this.#work.isStopping || this.#fatal !== null) return;
    const { kind, attempts, starts } = job;
    const decision = this.#options.decideRetry({ kind, error, attempts, starts });
    if (decision.action === 'retry') {
      this.#retry(queue, job, error, decision);
      return;
    }
    this.#emit('failed', job, { error });
    const followUps = giveUp(toFailure(error, attempts));
    for (const followUp of followUps) this.#addUnder(followUp, job.parent);
    if (followUps.length === 0 && this.#options.fatalKinds.has(kind)) this.#endWithFatal(error);
    else this.#settle(job, 'failed');
  }

  #retry(queue: Queue, job: Job, error: unknown, decision: RetryDecision & { action: 'retry' }): void {
    this.#emit('retried', job, { error, delayMs: decision.delayMs });
    if (decision.costsAttempt) {
      this.#work.later(decision.delayMs, () => {
        queue.ready.push(job);
        this.#pump();
      });
      return;
    }
    job.attempts -= 1;
    queue.heldUntilMs = Math.max(queue.heldUntilMs, this.#options.clock.now() + decision.delayMs);
    queue.ready.pushFront(job);
    this.#work.later(decision.delayMs, () => this.#pump());
  }

  #settle(job: Job, outcome: JobOutcome): void {
    this.#jobs.delete(job.id);
    this.#settled.set(job.id, outcome);
    if (outcome === 'completed') this.#emit('completed', job);
    for (const waiter of this.#waiters.get(job.id) ?? []) waiter.resolve(outcome);
    this.#waiters.delete(job.id);
    if (job.parent === null) return;
    job.parent.pendingChildren -= 1;
    if (job.parent.pendingChildren === 0) this.#makeReady(job.parent);
  }

  #endWithFatal(error: unknown): void {
    this.#fatal = { error };
    this.#work.abort(error);
    this.#endWaiters(error);
  }

  #endWaiters(reason: unknown): void {
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.reject(reason);
    this.#waiters.clear();
  }

  #emit(type: JobEvent['type'], job: Job, more: { error?: unknown; delayMs?: number } = {}): void {
    const { id: jobId, kind, queue, attempts: attempt } = job;
    this.#options.onEvent?.({ type, jobId, kind, queue, attempt, ...more });
  }
}

function toBatchItem(job: Job): { readonly kind: JobKind; readonly payload: unknown } {
  return { kind: job.kind, payload: JSON.parse(job.payloadJson) };
}

function toFailure(error: unknown, attempts: number): JobFailure {
  const isOurs = error instanceof ScraperError;
  return {
    code: isOurs ? error.code : 'UNEXPECTED',
    category: categoryOf(error),
    message: messageOf(error),
    status: isOurs ? (error.details.status ?? null) : null,
    attempts,
  };
}
