/**
 * What happens to one job that BullMQ has handed to this process: its handler runs, its follow-ups join the flow, and its
 * end is told to BullMQ in BullMQ's way. Everything here may happen twice, because a process can die between any two
 * steps: ids make the second time a no-op.
 */
import { DelayedError, RateLimitError, UnrecoverableError, WaitingError } from 'bullmq';
import { onAbort } from '../src/crawl/on-abort.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import type { AnyJobHandler, BatchHandler, HandlerResult, JobFailure, JobKind, JobRequest } from '../src/jobs/job.ts';
import { jobKinds, toJobFailure } from '../src/jobs/job.ts';
import type { EngineJob } from './bullmq-jobs.ts';
import { withDescendants } from './bullmq-jobs.ts';
import type { BullMqQueues } from './bullmq-queues.ts';
import type { FollowUps } from './follow-ups.ts';
import type { JobEngineOptions, JobEvent, JobOutcome } from './job-engine.ts';
import { MicroBatcher } from './micro-batcher.ts';
import type { SettlementWatch } from './settlement-watch.ts';

/** Tells BullMQ to try again after this pause. */
export class RetryLater extends Error {
  readonly delayMs: number;

  constructor(error: unknown, delayMs: number) {
    super(messageOf(error), { cause: error });
    this.name = 'RetryLater';
    this.delayMs = delayMs;
  }
}

interface ProcessorOptions extends Omit<JobEngineOptions, 'batchHandler'> {
  readonly batchHandler: BatchHandler | null;
  readonly queues: BullMqQueues;
  readonly followUps: FollowUps;
  readonly watch: SettlementWatch;
  readonly lockDurationMs: number;
  readonly pollIntervalMs: number;
  /** This process takes nothing from the queue for this long; others do. */
  readonly pauseHere: (queueName: string, durationMs: number) => void;
  /** True for a queue this process has stopped taking from: a job that was on its way goes back. */
  readonly isClosedHere: (queueName: string) => boolean;
}

interface StoreItem {
  readonly kind: JobKind;
  readonly payload: unknown;
}

export class BullMqProcessor {
  readonly #options: ProcessorOptions;
  readonly #handlers: ReadonlyMap<JobKind, AnyJobHandler>;
  readonly #batchers = new Map<string, MicroBatcher<StoreItem>>();
  /** Jobs that are being worked on … */
  readonly #active = new Set<AbortController>();
  /** … and those that only wait for another one, which a stop ends at once. */
  readonly #holding = new Set<AbortController>();
  #stopReason: { readonly reason: unknown } | null = null;

  constructor(options: ProcessorOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.kind, handler]));
  }

  /** The processor of every worker. @throws what tells BullMQ where the job goes. */
  async run(job: EngineJob, token: string, cancelled: AbortSignal | undefined): Promise<void> {
    const controller = new AbortController();
    this.#active.add(controller);
    cancelled?.addEventListener('abort', () => controller.abort(cancelled.reason), { once: true });
    try {
      if (this.#isClosed(job)) await this.#giveBack(job, token);
      this.emit('started', job);
      if (await this.#options.followUps.isHandedOn(job)) return;
      if (this.#isBatched(job))
        await this.#batcherOf(job.queueName).add({ kind: kindOf(job), payload: job.data.payload });
      else await this.#handle(job, token, controller);
    } catch (error) {
      if (isForBullMq(error)) throw error;
      // Another node has the job, or will have it soon; what this one says of it no longer counts.
      if (cancelled?.aborted) throw new RetryLater(error, this.#options.lockDurationMs);
      if (this.#stopReason !== null && controller.signal.aborted) await this.#giveBack(job, token);
      await this.#failed(job, token, error, controller.signal);
    } finally {
      this.#active.delete(controller);
    }
  }

  get activeCount(): number {
    return this.#active.size;
  }

  /** From now on only the store takes jobs: what comes in late goes back. */
  beginStop(reason: unknown): void {
    this.#stopReason = { reason };
    for (const controller of this.#holding) controller.abort(reason);
  }

  abortActive(reason: unknown): void {
    for (const controller of this.#active) controller.abort(reason);
  }

  /** Sends gathered writes on their way without waiting for more. */
  flush(): void {
    for (const batcher of this.#batchers.values()) batcher.flush();
  }

  emit(type: JobEvent['type'], job: EngineJob, more: { error?: unknown; delayMs?: number } = {}): void {
    const attempt = job.attemptsMade + (type === 'completed' ? 0 : 1);
    this.#options.onEvent?.({ type, jobId: job.id ?? '', kind: kindOf(job), queue: job.queueName, attempt, ...more });
  }

  async #handle(job: EngineJob, token: string, controller: AbortController): Promise<void> {
    const kind = kindOf(job);
    const handler = this.#handlers.get(kind);
    if (handler === undefined) throw new Error(`no handler for job kind ${kind} of job ${job.id}`);
    const context = { signal: controller.signal, attempt: job.attemptsMade + 1, jobId: job.id ?? '' };
    const work = (): Promise<HandlerResult> => handler.run(job.data.payload, context);
    const isStore = this.#options.settingsOf(job.queueName).batch !== undefined;
    const result = await (isStore ? this.#batcherOf(job.queueName).alone(work) : work());
    await this.#options.followUps.handOn(job, token, result.followUps, controller.signal);
    if (result.holdUntil !== undefined) await this.#hold(job, token, result, result.holdUntil, controller);
  }

  /** Keeps the job active until the other one has ended; gives its place away while the queue it lends to is on hold. */
  async #hold(job: EngineJob, token: string, result: HandlerResult, holdUntil: string, controller: AbortController) {
    const queueName = queueOfJob(result.followUps, holdUntil);
    if (queueName === null) throw new Error(`job ${job.id} holds for ${holdUntil}, which is none of its follow-ups`);
    const lender = result.lendsPlaceWhileHeld;
    this.#holding.add(controller);
    if (this.#stopReason !== null) controller.abort(this.#stopReason.reason);
    const done = new AbortController();
    const stopListening = onAbort(controller.signal, () => done.abort(controller.signal.reason));
    try {
      const ends: Promise<JobOutcome | number>[] = [this.#options.watch.settled(queueName, holdUntil, done.signal)];
      if (lender !== undefined) ends.push(this.#heldFor(lender, done.signal));
      const end = await firstOf(ends);
      if (typeof end === 'number') await this.#comeBackIn(job, token, end);
      const reason = end === 'failed' ? await this.fatalReason(queueName, holdUntil) : null;
      if (reason !== null) throw new UnrecoverableError(`${holdUntil} failed: ${reason}`);
    } finally {
      done.abort();
      stopListening();
      this.#holding.delete(controller);
    }
  }

  /** Resolves with the length of the hold when the queue is put on one. */
  async #heldFor(queueName: string, signal: AbortSignal): Promise<number> {
    for (;;) {
      const holdMs = await this.#options.queues.holdMs(queueName);
      if (holdMs > 0) return holdMs;
      await this.#options.clock.sleep(this.#options.pollIntervalMs, signal);
    }
  }

  /** Why a job failed that the run cannot go on without; null for any other. */
  async fatalReason(queueName: string, jobId: string): Promise<string | null> {
    const job = await this.#options.queues.queue(queueName).getJob(jobId);
    return job === undefined || !this.#options.fatalKinds.has(kindOf(job)) ? null : job.failedReason;
  }

  async #failed(job: EngineJob, token: string, error: unknown, signal: AbortSignal): Promise<void> {
    const kind = kindOf(job);
    const attempts = job.attemptsMade + 1;
    const starts = job.attemptsStarted - job.data.holds;
    const decision = this.#options.decideRetry({ kind, queue: job.queueName, error, attempts, starts });
    if (decision.action === 'hold') {
      this.emit('held', job, { error, delayMs: decision.delayMs });
      if (decision.scope === 'node') {
        this.#options.pauseHere(job.queueName, decision.delayMs);
        return this.#giveBack(job, token);
      }
      await leaveUncounted(job);
      await this.#options.queues.hold(job.queueName, decision.delayMs);
      throw new RateLimitError();
    }
    if (decision.action === 'retry') {
      this.emit('retried', job, { error, delayMs: decision.delayMs });
      if (decision.costsAttempt) throw new RetryLater(error, decision.delayMs);
      await this.#options.queues.hold(job.queueName, decision.delayMs);
      throw new RateLimitError();
    }
    this.emit('failed', job, { error });
    await this.#options.followUps.handOn(job, token, this.#givenUp(job, toJobFailure(error, attempts)), signal);
    throw new UnrecoverableError(messageOf(error));
  }

  #givenUp(job: EngineJob, failure: JobFailure): readonly JobRequest[] {
    const kind = kindOf(job);
    const { payload } = job.data;
    if (this.#isBatched(job)) return this.#options.batchHandler?.onGivenUp?.({ kind, payload }, failure) ?? [];
    return this.#handlers.get(kind)?.onGivenUp(payload, failure) ?? [];
  }

  /** The job goes back to the head of its queue; its try did not count. */
  async #giveBack(job: EngineJob, token: string): Promise<never> {
    await leaveUncounted(job);
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async #comeBackIn(job: EngineJob, token: string, delayMs: number): Promise<never> {
    await leaveUncounted(job);
    await job.moveToDelayed(this.#options.clock.now() + delayMs, token);
    throw new DelayedError();
  }

  #isClosed({ queueName }: EngineJob): boolean {
    if (this.#options.isClosedHere(queueName)) return true;
    return this.#stopReason !== null && this.#options.settingsOf(queueName).batch === undefined;
  }

  #isBatched(job: EngineJob): boolean {
    return this.#options.batchHandler?.kinds.includes(kindOf(job)) ?? false;
  }

  #batcherOf(queueName: string): MicroBatcher<StoreItem> {
    const known = this.#batchers.get(queueName);
    if (known !== undefined) return known;
    const { settingsOf, batchHandler, clock } = this.#options;
    const { maxJobs, maxDelayMs } = settingsOf(queueName).batch ?? { maxJobs: 1, maxDelayMs: 0 };
    const batcher = new MicroBatcher<StoreItem>({
      maxItems: maxJobs,
      maxDelayMs,
      run: async (items) => batchHandler?.run(items),
      clock,
    });
    this.#batchers.set(queueName, batcher);
    return batcher;
  }
}

/** This start of the job is not held against it. */
function leaveUncounted(job: EngineJob): Promise<void> {
  return job.updateData({ ...job.data, holds: job.data.holds + 1 });
}

/** @throws ScraperError JOB_KIND_UNKNOWN when Redis holds a job of another version or another program. */
function kindOf(job: { readonly name: string; readonly id?: string | undefined }): JobKind {
  const kind = jobKinds.find((each) => each === job.name);
  if (kind !== undefined) return kind;
  const message = `job ${job.id}: expected a kind this version knows (${jobKinds.join(', ')}), got ${job.name}`;
  throw new ScraperError('JOB_KIND_UNKNOWN', message, { category: 'UNKNOWN' });
}

function queueOfJob(requests: readonly JobRequest[], jobId: string): string | null {
  const all = requests.flatMap((request) => withDescendants(request, null));
  return all.find(({ request }) => request.id === jobId)?.request.queue ?? null;
}

/** The first to end; what the others do afterwards is nobody's business. */
async function firstOf<Result>(promises: readonly Promise<Result>[]): Promise<Result> {
  for (const promise of promises) promise.catch(() => undefined);
  return Promise.race(promises);
}

/** True for what BullMQ itself understands. */
function isForBullMq(error: unknown): boolean {
  return (
    error instanceof DelayedError ||
    error instanceof WaitingError ||
    error instanceof RateLimitError ||
    error instanceof UnrecoverableError
  );
}
