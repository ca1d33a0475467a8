/**
 * How what a job has found gets into Redis: its follow-ups join what the job's parent waits for, once, whatever happens to
 * this process, to the job's lock or to Redis in between.
 */
import { UnrecoverableError } from 'bullmq';
import { onAbort } from '../src/crawl/on-abort.ts';
import type { JobRequest } from '../src/jobs/job.ts';
import { isCrawlQueue } from '../src/jobs/job-names.ts';
import type { EngineJob, FlowRules, ParentRef } from './bullmq-jobs.ts';
import { toFlowJob, withDescendants } from './bullmq-jobs.ts';
import type { BullMqQueues } from './bullmq-queues.ts';
import type { JobResult, ResultSpool } from './result-spool.ts';

interface FollowUpsOptions {
  readonly queues: BullMqQueues;
  readonly spool: ResultSpool;
  readonly rules: FlowRules;
  readonly lockDurationMs: number;
  /** Told the queues that were given jobs. */
  readonly onAdded: (queues: readonly string[]) => void;
}

export class FollowUps {
  readonly #options: FollowUpsOptions;

  constructor(options: FollowUpsOptions) {
    this.#options = options;
  }

  /**
   * Adds the follow-ups of a job.
   * @throws UnrecoverableError when the job is another process's by now (its result counts all the same); the signal's
   * reason when it aborts first: the result is sent as soon as it can be.
   */
  async handOn(job: EngineJob, token: string, followUps: readonly JobRequest[], signal: AbortSignal): Promise<void> {
    if (followUps.length === 0) return;
    const result: JobResult = { job: { id: job.id ?? '', queue: job.queueName }, parent: parentOf(job), followUps };
    let isStillOurs = true;
    const delivery = this.#options.spool.deliver(result, async () => {
      isStillOurs = (await job.extendLock(token, this.#options.lockDurationMs)) === 1;
      if (isStillOurs) await this.#send(result);
      else await this.#sendLate(result);
    });
    await unlessAborted(delivery, signal);
    if (!isStillOurs) throw new UnrecoverableError(`lock of ${job.id} was lost; another process has the job`);
    if (job.attemptsStarted > 1) await this.#releaseFailed(followUps, result.parent);
  }

  /** Adds what belongs to no job. While Redis is away it is enough that it lies on disk, when there is a spool. */
  add(request: JobRequest): Promise<void> {
    const result: JobResult = { job: null, parent: null, followUps: [request] };
    return this.#options.spool.keep(result, () => this.#send(result));
  }

  /** Sends what an earlier process of this node could not. */
  sendLeftovers(): Promise<number> {
    return this.#options.spool.sendLeftovers((result) => this.#sendLate(result));
  }

  /** True for a job whose result came late, from a process that had lost it. One that waits for others must wait again. */
  async isHandedOn(job: EngineJob): Promise<boolean> {
    if (job.attemptsStarted <= 1 || !isCrawlQueue(job.queueName)) return false;
    return this.#options.queues.isHandedOn(job.id ?? '');
  }

  async #send({ followUps, parent }: JobResult): Promise<void> {
    const { queues, rules, onAdded } = this.#options;
    for (const request of followUps) {
      const flow = toFlowJob(request, parent, rules);
      if (flow === null) continue;
      await queues.add(flow);
      onAdded(withDescendants(request, null).map((each) => each.request.queue));
    }
  }

  /** A result whose job this process no longer has counts when nobody else has ended the job, which is not done again. */
  async #sendLate(result: JobResult): Promise<void> {
    const { queues } = this.#options;
    if (result.job === null) return this.#send(result);
    const state = await queues.queue(result.job.queue).getJobState(result.job.id);
    if (state === 'completed' || state === 'failed' || state === 'unknown') return;
    await this.#send(result);
    await queues.markHandedOn(result.job.id);
  }

  /**
   * A job that runs again adds its follow-ups again. One that has failed meanwhile joins its parent's dependencies once
   * more and would never leave them, so the parent is freed of it here.
   */
  async #releaseFailed(followUps: readonly JobRequest[], parent: ParentRef | null): Promise<void> {
    for (const { request, parentId } of followUps.flatMap((each) => withDescendants(each, parent?.id ?? null))) {
      const known = parentId === null ? undefined : await this.#options.queues.queue(request.queue).getJob(request.id);
      if (known?.parent !== undefined && (await known.isFailed())) await known.removeChildDependency();
    }
  }
}

function parentOf({ parent }: EngineJob): ParentRef | null {
  return parent?.id === undefined ? null : { id: parent.id, queue: parent.queueKey };
}

/** Resolves with the work, or rejects with the signal's reason when it aborts first; the work goes on then. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stopListening: () => void = () => undefined;
  const gone = new Promise<never>((_resolve, reject) => {
    stopListening = onAbort(signal, () => reject(signal.reason));
  });
  try {
    await Promise.race([work, gone]);
  } finally {
    stopListening();
  }
}
