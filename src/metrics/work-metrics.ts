/**
 * What a process counts while it works: requests, waits, jobs and their errors, batches of the store. Told of each as it
 * happens; counting is all that is done then.
 */
import type { Registry } from 'prom-client';
import { Counter, Histogram } from 'prom-client';
import type { RequestLogEntry } from '../crawl/request-log.ts';
import { categoryOf } from '../errors.ts';

/** What became of a job, as the engines tell it. */
export interface CountedJob {
  readonly type: 'started' | 'retried' | 'held' | 'completed' | 'failed';
  readonly kind: string;
  readonly error?: unknown;
}

/** A batch of the store that was written, or could not be. */
export interface CountedBatch {
  readonly jobs: number;
  readonly durationMs: number;
  readonly isWritten: boolean;
  /** Time from fetching a page to the end of its batch, in milliseconds, of each listing that was written. */
  readonly lagsMs: readonly number[];
}

export interface WorkRecorder {
  readonly recordRequest: (entry: RequestLogEntry) => void;
  readonly recordJob: (job: CountedJob) => void;
  /** A request waited so long for its turn. */
  readonly recordGateWait: (city: string | null, waitMs: number) => void;
  readonly recordBatch: (batch: CountedBatch) => void;
  /** What became of an alert at a channel. */
  readonly recordDelivery: (channel: string, outcome: 'sent' | 'failed' | 'given_up') => void;
}

const secondsBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const lagBuckets = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];
const batchBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];
/** Label of what belongs to no city (robots.txt), and of a city that is not configured. */
export const noCity = 'none';

/** @param labelOf the label of a city: a name that is configured, or `none`, so that their number is bounded */
export function addWorkMetrics(registry: Registry, labelOf: (city: string | null) => string): WorkRecorder {
  const registers = [registry];
  const gateWait = new Histogram({
    name: 'oikotie_gate_wait_seconds',
    help: 'Time that requests waited for their turn before the socket.',
    labelNames: ['city'],
    buckets: secondsBuckets,
    registers,
  });
  const deliveries = new Counter({
    name: 'oikotie_alert_deliveries_total',
    help: 'Messages of alerts, by channel and what became of them.',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  return {
    recordRequest: addRequests(registry, labelOf),
    recordJob: addJobs(registry),
    recordGateWait: (city, waitMs) => gateWait.observe({ city: labelOf(city) }, waitMs / 1000),
    recordBatch: addBatches(registry),
    recordDelivery: (channel, outcome) => deliveries.inc({ channel, outcome }),
  };
}

function addRequests(registry: Registry, labelOf: (city: string | null) => string): WorkRecorder['recordRequest'] {
  const registers = [registry];
  const total = new Counter({
    name: 'oikotie_requests_total',
    help: 'Requests sent, by city, kind, class of the status (none: no response) and error category (none: usable).',
    labelNames: ['city', 'kind', 'status_class', 'category'],
    registers,
  });
  const bytes = new Counter({
    name: 'oikotie_response_bytes_total',
    help: 'Decoded bodies received.',
    labelNames: ['city'],
    registers,
  });
  const duration = new Histogram({
    name: 'oikotie_request_duration_seconds',
    help: 'Time from sending a request to the end of the body.',
    labelNames: ['kind'],
    buckets: secondsBuckets,
    registers,
  });
  return ({ city: cityOrNull, kind, status, errorCategory, bodyBytes, durationMs }) => {
    const city = labelOf(cityOrNull);
    const statusClass = status === null ? 'none' : `${Math.floor(status / 100)}xx`;
    total.inc({ city, kind, status_class: statusClass, category: errorCategory ?? 'none' });
    bytes.inc({ city }, bodyBytes);
    duration.observe({ kind }, durationMs / 1000);
  };
}

function addJobs(registry: Registry): WorkRecorder['recordJob'] {
  const registers = [registry];
  const total = new Counter({
    name: 'oikotie_jobs_total',
    help: 'What became of jobs, by kind: started, completed, retried, held or failed.',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const errors = new Counter({
    name: 'oikotie_job_errors_total',
    help: 'Errors of jobs, by kind, category, and what followed: retried, held or failed.',
    labelNames: ['kind', 'category', 'outcome'],
    registers,
  });
  return ({ kind, type, error }) => {
    total.inc({ kind, outcome: type });
    if (error !== undefined) errors.inc({ kind, category: categoryOf(error), outcome: type });
  };
}

function addBatches(registry: Registry): WorkRecorder['recordBatch'] {
  const registers = [registry];
  const sizes = new Histogram({
    name: 'oikotie_store_batch_jobs',
    help: 'Jobs written in one transaction.',
    buckets: batchBuckets,
    registers,
  });
  const durations = new Histogram({
    name: 'oikotie_store_batch_duration_seconds',
    help: 'Time to write a batch.',
    buckets: secondsBuckets,
    registers,
  });
  const failures = new Counter({
    name: 'oikotie_store_batch_failures_total',
    help: 'Batches that could not be written; their jobs are tried again one by one.',
    registers,
  });
  const lags = new Histogram({
    name: 'oikotie_store_lag_seconds',
    help: 'Time from fetching a listing to the end of the transaction that stores it.',
    buckets: lagBuckets,
    registers,
  });
  return ({ jobs, durationMs, isWritten, lagsMs }) => {
    if (!isWritten) return failures.inc();
    sizes.observe(jobs);
    durations.observe(durationMs / 1000);
    for (const lagMs of lagsMs) lags.observe(Math.max(0, lagMs) / 1000);
  };
}
