/**
 * What a process shows of itself to a monitoring system. Without a port nothing is measured and nothing loaded; a port that
 * cannot be used is a missing part and nothing worse.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CityTask, Config } from '../config/config.ts';
import { readVersion } from '../config/user-agent.ts';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import { fileProblem } from '../src/file-problem.ts';
import type { BatchHandler } from '../src/jobs/job.ts';
import type { Log } from '../src/log.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { MonitoredRole } from '../src/metrics/process-metrics.ts';
import type { Readiness } from '../src/metrics/readiness.ts';
import { createReadiness } from '../src/metrics/readiness.ts';
import type { Degradations } from '../src/quality/degradations.ts';
import { replaceFile } from '../src/replace-file.ts';
import type { MetricsServer } from './metrics-server.ts';

export interface Monitoring {
  readonly readiness: Readiness;
  /** Null when none are served. */
  readonly metrics: Metrics | null;
  readonly close: () => Promise<void>;
}

interface MonitoringOptions {
  readonly config: Pick<Config, 'metricsPort' | 'metricsHost' | 'metricsFile' | 'nodeId' | 'resources'> & {
    readonly tasks: readonly Pick<CityTask, 'city' | 'enabled'>[];
  };
  readonly role: MonitoredRole;
  readonly clock: Clock;
  readonly log: Log;
  readonly degradations: Degradations;
}

/** Opens it; close it when the process ends. Never rejects. */
export async function openMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const readiness = createReadiness();
  const { metricsPort: port, metricsFile } = options.config;
  const isLeft = options.role === 'standalone' && metricsFile !== null;
  if (port === null && !isLeft) return { readiness, metrics: null, close: () => Promise.resolve() };
  const metrics = await loadMetrics(options);
  const server = port === null ? null : await serve(options, port, metrics, readiness);
  return {
    readiness,
    metrics,
    close: async () => {
      await server?.close();
      metrics.close();
    },
  };
}

async function loadMetrics({ config, role, clock, degradations }: MonitoringOptions): Promise<Metrics> {
  const { createMetrics } = await import('../src/metrics/metrics.ts');
  const { nodeId: node, resources, tasks: cities } = config;
  const memoryLimitBytes = resources.maxMemoryBytes;
  const metrics = createMetrics({ role, node, version: readVersion(), memoryLimitBytes, clock, cities });
  metrics.show({ missingParts: degradations.list });
  return metrics;
}

async function serve(
  { config, log, degradations }: MonitoringOptions,
  port: number,
  metrics: Metrics,
  readiness: Readiness,
): Promise<MetricsServer | null> {
  try {
    const { startMetricsServer } = await import('./metrics-server.ts');
    const missingParts = degradations.list;
    const server = await startMetricsServer({ host: config.metricsHost, port, metrics, readiness, missingParts });
    log.info({ url: `${server.origin}/metrics` }, 'metrics are served');
    return server;
  } catch (error) {
    const remedy = 'end what uses it, or set metrics_port to another port, to 0 for any free one, or to null';
    degradations.report({ part: 'metrics', reason: messageOf(error), remedy });
    return null;
  }
}

/** Leaves the metrics in the configured file, whole or not at all; what cannot be written is told by the log. */
export async function leaveMetrics(
  { metricsFile: path }: Pick<Config, 'metricsFile'>,
  metrics: Metrics | null,
  log: Log,
): Promise<void> {
  if (path === null || metrics === null) return;
  try {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, await metrics.render());
  } catch (error) {
    log.warn({ path, error: fileProblem(error) }, 'metrics could not be left in their file; see metrics_file');
  }
}

/** The handler, with each of its batches counted and timed. */
export function measuringBatches(handler: BatchHandler, metrics: Metrics | null, clock: Clock): BatchHandler {
  if (metrics === null) return handler;
  return {
    ...handler,
    run: async (jobs) => {
      const beginMs = clock.now();
      const count = (isWritten: boolean): void => {
        const nowMs = clock.now();
        const lagsMs = jobs.flatMap(({ payload }) => fetchedAtMs(payload)).map((atMs) => nowMs - atMs);
        metrics.recordBatch({ jobs: jobs.length, durationMs: nowMs - beginMs, isWritten, lagsMs });
      };
      await handler.run(jobs).catch((error: unknown) => {
        count(false);
        throw error;
      });
      count(true);
    },
  };
}

/** When the page of a listing was fetched; nothing for any other payload. */
function fetchedAtMs(payload: unknown): readonly number[] {
  const isObject = typeof payload === 'object' && payload !== null;
  const provenance: unknown = isObject && 'provenance' in payload ? payload.provenance : undefined;
  if (typeof provenance !== 'object' || provenance === null || !('fetchedAtUtc' in provenance)) return [];
  const atMs = Date.parse(String(provenance.fetchedAtUtc));
  return Number.isNaN(atMs) ? [] : [atMs];
}
