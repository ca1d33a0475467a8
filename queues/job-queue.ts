/**
 * One queue of the in-process engine: what waits, how much may run, and until when it is on hold. It starts nothing and
 * reads no clock.
 */
import type { JobKind } from '../src/jobs/job.ts';
import type { QueueSettings } from './job-engine.ts';
import type { Job } from './job-graph.ts';
import { ReadyJobs } from './ready-jobs.ts';

export class JobQueue {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly ready = new ReadyJobs<Job>();
  active = 0;
  isBatchDue = false;
  isBatchTimerSet = false;
  /** Nothing starts before this time (rate limit of the portal, an open breaker). */
  #heldUntilMs = 0;
  /** Queues whose hold frees a place here, one entry per held job. */
  readonly #lenders: JobQueue[] = [];

  constructor(name: string, settings: QueueSettings) {
    this.name = name;
    this.settings = settings;
  }

  /** What is left of the hold; 0 when there is none. */
  holdMs(nowMs: number): number {
    return Math.max(0, this.#heldUntilMs - nowMs);
  }

  isHeld(nowMs: number): boolean {
    return this.holdMs(nowMs) > 0;
  }

  canStart(nowMs: number): boolean {
    const lent = this.#lenders.filter((lender) => lender.isHeld(nowMs)).length;
    return this.active - lent < this.settings.concurrency && !this.isHeld(nowMs);
  }

  /** Puts a job back at the head; nothing of the queue starts before `untilMs`. */
  hold(job: Job, untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
    this.ready.pushFront(job);
  }

  /** A job that holds its place here lends it while `lender` is on hold; gives back what ends that. */
  lendWhileHeld(lender: JobQueue): () => void {
    this.#lenders.push(lender);
    return () => this.#lenders.splice(this.#lenders.indexOf(lender), 1);
  }

  /** A batch goes when it is full, when its first job has waited long enough, or when nobody else could add to it. */
  isBatchReady(isIdle: boolean): boolean {
    return this.ready.size >= (this.settings.batch?.maxJobs ?? 1) || this.isBatchDue || isIdle;
  }

  /** Lets go of the waiting jobs of other kinds, which are not begun any more, and no longer stand before the rest. */
  keepOnly(kinds: ReadonlySet<JobKind>): void {
    const waiting = Array.from({ length: this.ready.size }, () => this.ready.take());
    for (const job of waiting) if (job !== undefined && kinds.has(job.kind)) this.ready.push(job);
  }

  /** The jobs of these kinds at the head, as many as a batch may hold. */
  takeBatch(kinds: ReadonlySet<JobKind>): Job[] {
    const batch: Job[] = [];
    const maxJobs = this.settings.batch?.maxJobs ?? 1;
    for (let head = this.ready.peek(); head !== undefined && batch.length < maxJobs; head = this.ready.peek()) {
      if (!kinds.has(head.kind)) break;
      this.ready.take();
      batch.push(head);
    }
    this.isBatchDue = false;
    return batch;
  }
}
