/**
 * The job engine on BullMQ: the same handlers, the same semantics as in one process, on as many processes as there are.
 * A job is active under BullMQ's lock, a parent is a BullMQ flow, retries are its delayed set, a hold is the queue's
 * rate limit. What this process adds to Redis is there for every other one, and outlives it.
 */
import type { Worker } from 'bullmq';
import { aborted, onAbort } from '../src/crawl/on-abort.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import type { BatchHandler, JobRequest } from '../src/jobs/job.ts';
import { isCrawlQueue } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import type { JobEnvelope } from './bullmq-jobs.ts';
import { BullMqProcessor } from './bullmq-processor.ts';
import { BullMqQueues } from './bullmq-queues.ts';
import { startBullMqWorker } from './bullmq-worker.ts';
import type { EngineTiming } from './engine-timing.ts';
import { defaultEngineTiming } from './engine-timing.ts';
import { FollowUps } from './follow-ups.ts';
import type { JobEngine, JobEngineOptions, JobOutcome } from './job-engine.ts';
import type { QueueTelemetry } from './open-telemetry.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isAway } from './redis-connection.ts';
import type { ResultSpool } from './result-spool.ts';
import { noSpool } from './result-spool.ts';
import { SettlementWatch } from './settlement-watch.ts';
import { WorkersOnDemand } from './workers-on-demand.ts';

export interface BullMqEngineOptions extends Omit<JobEngineOptions, 'batchHandler'> {
  /** Shared by the queues of this process; with `maxRetriesPerRequest: null`. It stays open when the engine stops. */
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** Queues this process takes jobs from; none for a process that only adds and waits. */
  readonly takesFrom: readonly string[];
  /** Null when this process is not the store. */
  readonly batchHandler: BatchHandler | null;
  /** Stored on every job this process takes. */
  readonly nodeId: string;
  readonly log: Log;
  /** Where results lie while Redis does not take them; by default nowhere: they wait in memory. */
  readonly spool?: ResultSpool;
  readonly timing?: Partial<EngineTiming>;
  /** Told of every job that is added or taken; by default nobody is. */
  readonly telemetry?: QueueTelemetry;
}

/** What only an engine can do that shares its queues with other processes. */
export interface BullMqJobEngine extends JobEngine {
  /**
   * From now on takes jobs only from the queues that pass, each with the concurrency its settings say now. What is active
   * goes on; a job that is on its way here while its queue is closed goes back to the head of it.
   */
  readonly serve: (takes: (queue: string) => boolean) => void;
  /** Jobs this process is at, those that wait for another one included. */
  readonly activeJobs: () => number;
}

/** How long a handler may take to let go after its signal, before its job is left to the stalled check. */
const letGoMs = 3_000;

export function createBullMqEngine(options: BullMqEngineOptions): BullMqJobEngine {
  return new BullMqEngine(options);
}

class BullMqEngine implements BullMqJobEngine {
  readonly #options: BullMqEngineOptions;
  readonly #timing: EngineTiming;
  readonly #queues: BullMqQueues;
  readonly #watch: SettlementWatch;
  readonly #followUps: FollowUps;
  readonly #processor: BullMqProcessor;
  /** Of the queues that are always served … */
  readonly #workers = new Map<string, Worker<JobEnvelope>>();
  /** … and of the cities, which come and go. */
  readonly #cities: WorkersOnDemand;
  /** Queues that this process takes nothing from: for good until it is told otherwise, or for a while. */
  readonly #closed = new Set<string>();
  readonly #resting = new Set<string>();
  readonly #waiting = new AbortController();
  #stopped: Promise<void> | null = null;

  constructor(options: BullMqEngineOptions) {
    this.#options = options;
    this.#timing = { ...defaultEngineTiming, ...options.timing };
    this.#queues = new BullMqQueues(options);
    this.#watch = new SettlementWatch({
      queueOf: this.#queues.queue,
      eventsOf: this.#queues.events,
      clock: options.clock,
      pollIntervalMs: this.#timing.pollIntervalMs,
    });
    this.#followUps = new FollowUps({
      queues: this.#queues,
      spool: options.spool ?? noSpool,
      rules: options,
      lockDurationMs: this.#timing.lockDurationMs,
      onAdded: (queues) => this.#cities.wanted(queues),
    });
    this.#processor = new BullMqProcessor({
      ...options,
      queues: this.#queues,
      followUps: this.#followUps,
      watch: this.#watch,
      lockDurationMs: this.#timing.lockDurationMs,
      pollIntervalMs: this.#timing.pollIntervalMs,
      pauseHere: (name, durationMs) => this.#pauseHere(name, durationMs),
      isClosedHere: (name) => this.#closed.has(name),
    });
    const parts = { ...options, timing: this.#timing, processor: this.#processor };
    for (const name of options.takesFrom) {
      this.#queues.queue(name);
      if (!isCrawlQueue(name)) this.#workers.set(name, startBullMqWorker(name, parts));
    }
    this.#cities = new WorkersOnDemand({
      names: options.takesFrom.filter(isCrawlQueue),
      withJobs: this.#queues.withJobs,
      isServed: (name) => !this.#closed.has(name) && !this.#resting.has(name),
      start: (name) => startBullMqWorker(name, parts),
      clock: options.clock,
      log: options.log,
      lookIntervalMs: this.#timing.pollIntervalMs,
    });
    this.#followUps
      .sendLeftovers()
      .catch((error: unknown) =>
        options.log.warn(
          { error: messageOf(error) },
          'results of an earlier process cannot be sent; the next one tries',
        ),
      );
  }

  add = (request: JobRequest): Promise<void> => this.#followUps.add(request);

  settled = async (jobId: string): Promise<JobOutcome> => {
    const signal = this.#waiting.signal;
    for (;;) {
      signal.throwIfAborted();
      const queueName = await this.#queues.queueHolding(jobId);
      if (queueName === null) {
        await this.#options.clock.sleep(this.#timing.pollIntervalMs, signal);
        continue;
      }
      const outcome = await this.#watch.settled(queueName, jobId, signal);
      if (outcome === 'failed') await this.#throwIfFatal(queueName, jobId);
      return outcome;
    }
  };

  serve = (takes: (queue: string) => boolean): void => {
    for (const name of this.#options.takesFrom) {
      if (takes(name)) this.#closed.delete(name);
      else this.#closed.add(name);
      this.#steer(name);
    }
  };

  activeJobs = (): number => this.#processor.activeCount;

  stop = (graceMs: number): Promise<void> => {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  };

  async #stop(graceMs: number): Promise<void> {
    // While Redis is away nothing more can be given back: what is found in this time is kept on disk.
    const deadlineMs = this.#options.clock.now() + (isAway(this.#options.redis) ? Math.min(graceMs, letGoMs) : graceMs);
    const leftMs = (): number => Math.max(0, deadlineMs - this.#options.clock.now());
    const reason = new ScraperError('ENGINE_STOPPED', 'the run was stopped', { category: 'UNKNOWN' });
    this.#waiting.abort(reason);
    this.#processor.beginStop(reason);
    const isStore = (name: string): boolean => this.#options.settingsOf(name).batch !== undefined;
    const [stores, others] = [new Map<string, Worker>(), new Map<string, Worker>()];
    for (const [name, worker] of this.#workers) (isStore(name) ? stores : others).set(name, worker);
    await this.#closeWorkers(
      [...[...others.values()].map((worker) => worker.close()), this.#cities.close()],
      leftMs(),
      reason,
    );
    for (const name of stores.keys()) await this.#drain(name, leftMs());
    await this.#closeWorkers(
      [...stores.values()].map((worker) => worker.close()),
      leftMs(),
      reason,
    );
    await this.#isOverIn(this.#queues.close(), letGoMs);
  }

  /** Takes nothing new, waits for what is active, then makes it let go. */
  async #closeWorkers(closing: readonly Promise<void>[], graceMs: number, reason: unknown): Promise<void> {
    const closed = Promise.all(closing);
    if (await this.#isOverIn(closed, graceMs)) return;
    this.#processor.abortActive(reason);
    if (await this.#isOverIn(closed, letGoMs)) return;
    // BullMQ has no way to close a worker whose job hangs without cutting the connection that all share.
    this.#options.log.warn('some jobs did not let go; other nodes take them when their locks end');
  }

  /** Writes what is still to be stored, as far as the time allows; the rest waits in Redis for the next store. */
  async #drain(name: string, graceMs: number): Promise<void> {
    const over = new AbortController();
    const callOff = this.#options.clock.after(graceMs, () => over.abort());
    try {
      const noMore = aborted(over.signal).then(() => 0);
      while (!over.signal.aborted && (await Promise.race([this.#openJobs(name), noMore])) > 0) {
        this.#processor.flush();
        await this.#options.clock.sleep(Math.min(50, this.#timing.pollIntervalMs), over.signal).catch(() => undefined);
      }
    } finally {
      callOff();
    }
  }

  async #openJobs(name: string): Promise<number> {
    const counts = await this.#queues.queue(name).getJobCounts('waiting', 'prioritized', 'active');
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  async #isOverIn(work: Promise<unknown>, graceMs: number): Promise<boolean> {
    const late = new AbortController();
    const deadline = this.#options.clock.sleep(graceMs, late.signal).then(
      () => false,
      () => false,
    );
    const isOver = await Promise.race([work.then(() => true), deadline]);
    late.abort();
    return isOver;
  }

  #pauseHere(name: string, durationMs: number): void {
    if (this.#resting.has(name)) return;
    this.#resting.add(name);
    this.#steer(name);
    const callOff = this.#options.clock.after(durationMs, () => {
      this.#resting.delete(name);
      this.#steer(name);
    });
    onAbort(this.#waiting.signal, callOff);
  }

  #steer(name: string): void {
    const worker = this.#workers.get(name) ?? this.#cities.get(name);
    if (worker === undefined || this.#stopped !== null) return;
    const { batch, concurrency } = this.#options.settingsOf(name);
    if (batch === undefined) worker.concurrency = Math.max(1, concurrency);
    if (this.#closed.has(name) || this.#resting.has(name)) void worker.pause(true);
    else void worker.resume();
  }

  async #throwIfFatal(queueName: string, jobId: string): Promise<void> {
    const reason = await this.#processor.fatalReason(queueName, jobId);
    if (reason === null) return;
    const message = `job ${jobId} failed and the run cannot go on without it: ${reason}`;
    throw new ScraperError('JOB_FAILED', message, { category: 'UNKNOWN', details: { jobId } });
  }
}
