/**
 * Alerts of a run that has ended, told by the process that has its books: of a run in one process, or the store.
 */
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { createFileAlertBook } from '../queues/file-alert-book.ts';
import { createFileBreakerStore } from '../queues/file-breaker-store.ts';
import { breakerAlerts } from '../src/alerts/judge-cluster.ts';
import { judgeCrash, judgeRun } from '../src/alerts/judge-run.ts';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import type { SeriesHealth } from '../src/quality/series-health.ts';
import { createAlertDesk } from './alert-desk.ts';

/** What a run has come to, and how the series stands after it. */
export interface EndedRun {
  readonly result: ExecutionResult;
  /** Null when it could not be read. */
  readonly series: SeriesHealth | null;
}

export interface StandaloneAlerts {
  /** Never rejects. */
  readonly runEnded: (run: EndedRun) => Promise<void>;
  /** Never rejects. */
  readonly runCrashed: (error: unknown) => Promise<void>;
}

interface StandaloneAlertsOptions {
  readonly config: Pick<Config, 'alerts' | 'nodeId' | 'stateDirectory'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly metrics: Metrics | null;
}

const noAlerts: StandaloneAlerts = { runEnded: () => Promise.resolve(), runCrashed: () => Promise.resolve() };

/** The alerts of runs in one process: kept beside the database; none when they are switched off. */
export function openStandaloneAlerts(options: StandaloneAlertsOptions): StandaloneAlerts {
  const { config, clock, log, metrics } = options;
  if (!config.alerts.isEnabled) return noAlerts;
  const { stateDirectory: directory } = config;
  const onProblem = (error: string): void =>
    log.warn({ error, path: join(directory, 'alerts.json') }, 'a state file has a problem');
  const book = createFileAlertBook({ directory, onProblem });
  const desk = createAlertDesk({ ...options, book, recorder: metrics });
  const breakers = createFileBreakerStore({ directory, clock, onProblem });
  metrics?.show({ openAlerts: async () => (await book.open()).map(({ kind }) => kind) });
  return {
    runEnded: async ({ result, series }) => {
      const judgement = series === null ? null : judgeRun(result, series);
      if (judgement === null) return;
      const held = await breakers.list().catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, 'breaker states cannot be read; no alert tells of them');
        return new Map();
      });
      const ofBreakers = breakerAlerts(held, clock.now(), config.alerts.breakerOpenMs);
      await desk.settle({
        firing: [...judgement.firing, ...ofBreakers],
        covers: (alert) => alert.kind === 'breaker_open' || judgement.covers(alert),
      });
      await desk.pingAfter(result);
    },
    runCrashed: (error) => desk.settle(judgeCrash(messageOf(error))),
  };
}
