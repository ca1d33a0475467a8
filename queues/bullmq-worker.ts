/**
 * One BullMQ worker of this process: it takes the jobs of one queue and hands them to the processor. How many at once, how
 * soon a lost one is taken back, and when a limited queue is looked at again is said here.
 */
import { Worker } from 'bullmq';
import { messageOf } from '../src/errors.ts';
import { isCrawlQueue } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import type { EngineJob, JobEnvelope } from './bullmq-jobs.ts';
import type { BullMqProcessor } from './bullmq-processor.ts';
import { RetryLater } from './bullmq-processor.ts';
import { telemetryOf } from './bullmq-queues.ts';
import type { EngineTiming } from './engine-timing.ts';
import type { JobEngineOptions } from './job-engine.ts';
import type { QueueTelemetry } from './open-telemetry.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isAway, isConnectionError } from './redis-connection.ts';

interface WorkerParts extends Pick<JobEngineOptions, 'settingsOf'> {
  readonly redis: RedisConnection;
  readonly prefix: string;
  /** Stored on every job it takes. */
  readonly nodeId: string;
  readonly log: Log;
  readonly timing: EngineTiming;
  readonly processor: BullMqProcessor;
  readonly telemetry?: QueueTelemetry;
}

/**
 * Times a job that asks the portal may lose its process before it is failed for good: more than crashes and upgrades
 * need, because it may run twice; few enough that a page which kills its process does not do so for ever.
 */
const maxStallsOfCrawlJob = 10;
/** Any other job must not be lost, however often its process is. */
const maxStallsOfOtherJob = 1_000_000;
/** A queue that is limited or on hold is looked at again this soon, in milliseconds. */
const longestRestMs = 1_000;

/** Starts it; it takes jobs at once. */
export function startBullMqWorker(name: string, parts: WorkerParts): Worker<JobEnvelope> {
  const { redis, prefix, nodeId, log, settingsOf, timing, processor } = parts;
  const { batch, concurrency } = settingsOf(name);
  const worker = new Worker<JobEnvelope>(name, (job, token, signal) => processor.run(job, token ?? '', signal), {
    connection: redis,
    prefix,
    name: nodeId,
    ...telemetryOf(parts),
    // A store takes two batches: one is written while the next one gathers.
    concurrency: batch === undefined ? concurrency : batch.maxJobs * 2,
    lockDuration: timing.lockDurationMs,
    stalledInterval: timing.stalledIntervalMs,
    // A worker that begins while its queue is put on hold may miss the end of it (seen with BullMQ 6.7).
    ...(isCrawlQueue(name) ? { drainDelay: timing.pollIntervalMs / 1_000 } : {}),
    // A queue's limit may change while this worker waits for it.
    maximumRateLimitDelay: longestRestMs,
    maxStalledCount: isCrawlQueue(name) ? maxStallsOfCrawlJob : maxStallsOfOtherJob,
    settings: { backoffStrategy: (_attempts, _type, error) => (error instanceof RetryLater ? error.delayMs : -1) },
  });
  // Every worker says it again and again while Redis is away; the connection has said it once.
  worker.on('error', (error) => {
    const level = isAway(redis) || isConnectionError(error) ? 'debug' : 'warn';
    log[level]({ queue: name, error: error.message }, 'a worker met an error');
  });
  if (batch === undefined) {
    // The load of this process may allow fewer than configured.
    worker.on('active', () => {
      worker.concurrency = Math.max(1, settingsOf(name).concurrency);
    });
  }
  worker.on('completed', (job) => {
    processor.emit('completed', job);
    if (batch !== undefined) forgetPayload(job, log);
  });
  worker.on('lockRenewalFailed', (jobIds) => {
    for (const jobId of jobIds) worker.cancelJob(jobId, 'the lock was lost');
  });
  return worker;
}

/** What is written is in the database; in Redis only the id must stay, so that a repeat adds nothing. */
function forgetPayload(job: EngineJob, log: Log): void {
  job
    .updateData({ ...job.data, payload: null })
    .catch((error: unknown) => log.debug({ error: messageOf(error) }, 'a payload stays in Redis'));
}
