/**
 * The job engine of one process: no Redis, the same semantics. Payloads go through JSON as they would on a wire, ids
 * make repeats no-ops, a parent waits for everything that grows below it, retries are decided by the caller.
 * It keeps jobs in memory only: what must survive a crash is in the store, and the next run adds the rest again.
 */
import { ScraperError } from '../src/errors.ts';
import type { AnyJobHandler, JobFailure, JobKind, JobRequest } from '../src/jobs/job.ts';
import { toJobFailure } from '../src/jobs/job.ts';
import type { RetryDecision } from '../src/resilience/retry-decision.ts';
import { ActiveWork } from './active-work.ts';
import type { JobEngine, JobEngineOptions, JobEvent, JobOutcome } from './job-engine.ts';
import type { Job } from './job-graph.ts';
import { JobGraph } from './job-graph.ts';
import { JobQueue } from './job-queue.ts';

/** Jobs of one queue right now. */
export interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
}

export interface InProcessJobEngine extends JobEngine {
  /** Every queue that has had a job so far; jobs that wait for a retry or for their children are not in it. */
  readonly queueDepths: () => readonly QueueDepth[];
}

export function createInProcessEngine(options: JobEngineOptions): InProcessJobEngine {
  return new InProcessEngine(options);
}

class InProcessEngine implements InProcessJobEngine {
  readonly #options: JobEngineOptions;
  readonly #handlers: ReadonlyMap<JobKind, AnyJobHandler>;
  readonly #batchKinds: ReadonlySet<JobKind>;
  readonly #queues = new Map<string, JobQueue>();
  /** All queues, the batched ones last. */
  #pumpOrder: readonly JobQueue[] = [];
  readonly #graph: JobGraph;
  readonly #work: ActiveWork;
  #isFatal = false;

  constructor(options: JobEngineOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.kind, handler]));
    this.#batchKinds = new Set(options.batchHandler.kinds);
    this.#work = new ActiveWork(options.clock);
    this.#graph = new JobGraph({
      isAlreadySettled: options.isAlreadySettled,
      onReady: (job) => this.#queueOf(job.queue).ready.push(job),
    });
  }

  add = async (request: JobRequest): Promise<void> => {
    this.#graph.add(request, null);
    this.#pump();
  };

  settled = (jobId: string): Promise<JobOutcome> => this.#graph.settled(jobId);

  queueDepths = (): readonly QueueDepth[] =>
    [...this.#queues.values()].map(({ name, ready, active }) => ({ queue: name, waiting: ready.size, active }));

  stop = async (graceMs: number): Promise<void> => {
    const reason = new ScraperError('ENGINE_STOPPED', 'the run was stopped', { category: 'UNKNOWN' });
    this.#work.beginStop();
    this.#graph.end(reason);
    await this.#work.finishOrAbort(graceMs, reason);
    if (this.#isFatal) return;
    const store = [...this.#queues.values()].filter((queue) => queue.settings.batch !== undefined);
    for (const queue of store) await this.#drainBatches(queue);
  };

  #queueOf(name: string): JobQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new JobQueue(name, this.#options.settingsOf(name));
    this.#queues.set(name, queue);
    const isBatched = (each: JobQueue) => each.settings.batch !== undefined;
    this.#pumpOrder = [...this.#queues.values()].sort(
      (left, right) => Number(isBatched(left)) - Number(isBatched(right)),
    );
    return queue;
  }

  /** Starts what may start; batches last, so that whoever could add to a batch is running when it is judged. */
  #pump(): void {
    for (const queue of this.#pumpOrder) this.#pumpQueue(queue);
  }

  #pumpQueue(queue: JobQueue): void {
    while (this.#canStart(queue)) {
      const head = queue.ready.peek();
      if (head === undefined) return;
      if (!this.#batchKinds.has(head.kind)) {
        queue.ready.take();
        this.#start(queue, head);
      } else if (queue.isBatchReady(this.#work.isIdle)) {
        this.#startBatch(queue, queue.takeBatch(this.#batchKinds));
      } else {
        this.#armBatchTimer(queue);
        return;
      }
    }
  }

  #canStart(queue: JobQueue): boolean {
    if (this.#work.isStopping || this.#isFatal) return false;
    return queue.canStart(this.#options.clock.now());
  }

  #armBatchTimer(queue: JobQueue): void {
    if (queue.isBatchTimerSet) return;
    queue.isBatchTimerSet = true;
    this.#work.later(queue.settings.batch?.maxDelayMs ?? 0, () => {
      queue.isBatchTimerSet = false;
      queue.isBatchDue = true;
      this.#pump();
    });
  }

  async #drainBatches(queue: JobQueue): Promise<void> {
    queue.keepOnly(this.#batchKinds);
    for (let batch = queue.takeBatch(this.#batchKinds); batch.length > 0; batch = queue.takeBatch(this.#batchKinds)) {
      await this.#options.batchHandler.run(batch.map(toBatchItem));
      for (const job of batch) this.#settle(job, 'completed');
    }
  }

  #start(queue: JobQueue, job: Job): void {
    const handler = this.#handlers.get(job.kind);
    if (handler === undefined) throw new Error(`no handler for job kind ${job.kind} of job ${job.id}`);
    queue.active += 1;
    job.attempts += 1;
    job.starts += 1;
    this.#emit('started', job);
    const run = async () => {
      try {
        const payload: unknown = JSON.parse(job.payloadJson);
        const result = await this.#work.track((signal) =>
          handler.run(payload, { signal, attempt: job.attempts, jobId: job.id }),
        );
        for (const followUp of result.followUps) this.#graph.add(followUp, job.parent);
        if (result.holdUntil !== undefined) await this.#hold(queue, result.holdUntil, result.lendsPlaceWhileHeld);
        this.#settle(job, 'completed');
      } catch (error) {
        this.#failed(queue, job, error, (failure) => handler.onGivenUp(JSON.parse(job.payloadJson), failure));
      }
      queue.active -= 1;
      this.#pump();
    };
    this.#work.runDetached(run);
  }

  /** Keeps the job's place taken until the other job has settled; lends it while `lender` is on hold. */
  async #hold(queue: JobQueue, holdUntil: string, lender: string | undefined): Promise<void> {
    const endLending = lender === undefined ? () => undefined : queue.lendWhileHeld(this.#queueOf(lender));
    try {
      this.#pump();
      await this.#graph.settled(holdUntil);
    } finally {
      endLending();
    }
  }

  #startBatch(queue: JobQueue, batch: readonly Job[]): void {
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
  async #storeOneByOne(queue: JobQueue, batch: readonly Job[]): Promise<void> {
    for (const job of batch) {
      try {
        await this.#work.track(() => this.#options.batchHandler.run([toBatchItem(job)]));
        this.#settle(job, 'completed');
      } catch (error) {
        this.#batchJobFailed(queue, job, error);
      }
    }
  }

  #batchJobFailed(queue: JobQueue, job: Job, error: unknown): void {
    this.#failed(
      queue,
      job,
      error,
      (failure) => this.#options.batchHandler.onGivenUp?.(toBatchItem(job), failure) ?? [],
    );
  }

  #failed(queue: JobQueue, job: Job, error: unknown, giveUp: (failure: JobFailure) => readonly JobRequest[]): void {
    if (this.#work.isStopping || this.#isFatal) return;
    const { kind, attempts, starts } = job;
    const decision = this.#options.decideRetry({ kind, queue: queue.name, error, attempts, starts });
    if (decision.action === 'retry') {
      this.#retry(queue, job, error, decision);
      return;
    }
    if (decision.action === 'hold') {
      this.#emit('held', job, { error, delayMs: decision.delayMs });
      job.starts -= 1;
      this.#putBack(queue, job, decision.delayMs);
      return;
    }
    this.#emit('failed', job, { error });
    const followUps = giveUp(toJobFailure(error, attempts));
    for (const followUp of followUps) this.#graph.add(followUp, job.parent);
    if (followUps.length === 0 && this.#options.fatalKinds.has(kind)) this.#endWithFatal(error);
    else this.#settle(job, 'failed');
  }

  #retry(queue: JobQueue, job: Job, error: unknown, decision: RetryDecision & { action: 'retry' }): void {
    this.#emit('retried', job, { error, delayMs: decision.delayMs });
    if (decision.costsAttempt) {
      this.#work.later(decision.delayMs, () => {
        queue.ready.push(job);
        this.#pump();
      });
      return;
    }
    this.#putBack(queue, job, decision.delayMs);
  }

  /** The job waits at the head of its queue, and its queue with it; the try did not count. */
  #putBack(queue: JobQueue, job: Job, delayMs: number): void {
    job.attempts -= 1;
    queue.hold(job, this.#options.clock.now() + delayMs);
    this.#pumpAfterHold(queue);
  }

  /** A timer may ring a moment before the hold is over: then it is set again, or nobody would ever look. */
  #pumpAfterHold(queue: JobQueue): void {
    this.#work.later(queue.holdMs(this.#options.clock.now()), () => {
      if (queue.isHeld(this.#options.clock.now())) this.#pumpAfterHold(queue);
      else this.#pump();
    });
  }

  #settle(job: Job, outcome: JobOutcome): void {
    if (outcome === 'completed') this.#emit('completed', job);
    this.#graph.settle(job, outcome);
  }

  #endWithFatal(error: unknown): void {
    this.#isFatal = true;
    this.#work.abort(error);
    this.#graph.end(error);
  }

  #emit(type: JobEvent['type'], job: Job, more: { error?: unknown; delayMs?: number } = {}): void {
    const { id: jobId, kind, queue, attempts: attempt } = job;
    this.#options.onEvent?.({ type, jobId, kind, queue, attempt, ...more });
  }
}

function toBatchItem(job: Job): { readonly kind: JobKind; readonly payload: unknown } {
  return { kind: job.kind, payload: JSON.parse(job.payloadJson) };
}
