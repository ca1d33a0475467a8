/**
 * What a run tells a monitoring system: counters and gauges in the Prometheus format, names with `oikotie_` and their
 * unit. They are told what happens; they ask nothing but the store's counts, and only when somebody reads them.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { QueueDepth } from '../queues/in-process-engine.ts';
import type { JobEvent } from '../queues/job-engine.ts';
import type { RequestLogEntry } from '../src/crawl/request-log.ts';
import type { CityCounts, MissingPart } from '../src/quality/city-receipt.ts';

/** Where the gauges get their values from when they are read. */
export interface MetricSources {
  /** Counts of each city that has begun. */
  readonly countCities: () => Promise<ReadonlyMap<string, { readonly counts: CityCounts }>>;
  readonly queueDepths: () => readonly QueueDepth[];
  readonly missingParts: () => readonly MissingPart[];
}

export interface RunMetrics {
  readonly recordRequest: (entry: RequestLogEntry) => void;
  readonly recordJob: (event: JobEvent) => void;
  /** A request waited so long for its turn. */
  readonly recordGateWait: (city: string | null, waitMs: number) => void;
  /** All of it as text. @throws StorageError when the counts cannot be read. */
  readonly render: () => Promise<string>;
  readonly contentType: string;
}

const outcomes = ['new', 'changed', 'unchanged', 'removed', 'failed', 'skipped', 'pending'] as const;
const secondsBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Label of what belongs to no city (robots.txt). */
const noCity = 'none';

/** Makes the metrics of one process; they belong to no global registry. */
export function createMetrics(sources: MetricSources): RunMetrics {
  const registry = new Registry();
  const requests = createRequestMetrics(registry);
  const jobs = new Counter({
    name: 'oikotie_jobs_total',
    help: 'What became of jobs, by kind: started, completed, retried, held or failed.',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  });
  const gateWait = new Histogram({
    name: 'oikotie_gate_wait_seconds',
    help: 'Time that requests waited for their turn before the socket.',
    labelNames: ['city'],
    buckets: secondsBuckets,
    registers: [registry],
  });
  addGauges(registry, sources);
  return {
    recordRequest: requests.record,
    recordJob: ({ kind, type }) => jobs.inc({ kind, outcome: type }),
    recordGateWait: (city, waitMs) => gateWait.observe({ city: city ?? noCity }, waitMs / 1000),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function createRequestMetrics(registry: Registry) {
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
  return {
    record: ({ city: cityOrNull, kind, status, errorCategory, bodyBytes, durationMs }: RequestLogEntry): void => {
      const city = cityOrNull ?? noCity;
      const statusClass = status === null ? 'none' : `${Math.floor(status / 100)}xx`;
      total.inc({ city, kind, status_class: statusClass, category: errorCategory ?? 'none' });
      bytes.inc({ city }, bodyBytes);
      duration.observe({ kind }, durationMs / 1000);
    },
  };
}

/** Gauges read their sources when they are collected. */
function addGauges(registry: Registry, sources: MetricSources): void {
  const registers = [registry];
  new Gauge({
    name: 'oikotie_listings',
    help: 'Listings of the run, by city and outcome.',
    labelNames: ['city', 'outcome'],
    registers,
    async collect() {
      for (const [city, { counts }] of await sources.countCities()) {
        for (const outcome of outcomes) this.set({ city, outcome }, counts[outcome]);
      }
    },
  });
  new Gauge({
    name: 'oikotie_queue_jobs',
    help: 'Jobs in each queue, waiting for their turn or active.',
    labelNames: ['queue', 'state'],
    registers,
    collect() {
      for (const { queue, waiting, active } of sources.queueDepths()) {
        this.set({ queue, state: 'waiting' }, waiting);
        this.set({ queue, state: 'active' }, active);
      }
    },
  });
  new Gauge({
    name: 'oikotie_missing_part',
    help: '1 for each part that the run goes on without.',
    labelNames: ['part'],
    registers,
    collect() {
      for (const { part } of sources.missingParts()) this.set({ part }, 1);
    },
  });
}
