/**
 * The standalone run: one process that joins the rooms together, collects the cities and closes the books. It is the
 * composition root of the embedded default; it holds no logic of its own about pages, rates or rows.
 */
import type { CityTask, Config } from '../config/config.ts';
import { createFileBreakerStore } from '../queues/file-breaker-store.ts';
import type { InProcessJobEngine } from '../queues/in-process-engine.ts';
import { createInProcessEngine } from '../queues/in-process-engine.ts';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf } from '../src/clock.ts';
import type { RequestSink } from '../src/crawl/request-log.ts';
import { messageOf } from '../src/errors.ts';
import type { BreakerGuard } from '../src/jobs/breaker-guard.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import type { DayRequests, SeriesStore } from '../src/jobs/series-store.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { Log } from '../src/log.ts';
import type { FigureSources } from '../src/metrics/figures.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import type { SeriesHealth } from '../src/quality/series-health.ts';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import { readSeriesHealth } from '../src/storage/series-health.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import { auditJobEvent } from './audit-job-event.ts';
import { createAuditTrail, recordConfiguration } from './audit-trail.ts';
import { createStandaloneBreakers } from './breakers.ts';
import type { ChosenExecution } from './choose-execution.ts';
import { chooseExecution } from './choose-execution.ts';
import type { DegradableParts } from './degradable-parts.ts';
import { openDegradableParts, reportMissingGeodata } from './degradable-parts.ts';
import { discoveryOf } from './discovery.ts';
import { citiesByQueue, createHandlers, engineSettings } from './handlers.ts';
import { requireBrowser } from './lazy-browser.ts';
import { closeLeftRuns } from './left-runs.ts';
import { startLoadWatch } from './load-watch.ts';
import { logJobEvent } from './log-job-event.ts';
import type { Monitoring } from './monitoring.ts';
import { leaveMetrics, measuringBatches, openMonitoring } from './monitoring.ts';
import { createPageReader } from './page-reader.ts';
import { RequestRates } from './progress.ts';
import type { ProgressFile } from './progress-file.ts';
import { openProgressFile } from './progress-file.ts';
import { pruneRawArchive } from './prune-archive.ts';
import type { Publications } from './publications.ts';
import { openPublications, publishingCities, publishRun } from './publications.ts';
import { readCityFigures, readProgress } from './report-progress.ts';
import type { EndedRun } from './run-alerts.ts';
import { openStandaloneAlerts } from './run-alerts.ts';
import { endEvent, failureEvent, startEvent } from './run-events.ts';
import { runToEnd, settledJobIds } from './run-to-end.ts';
import { openStandalonePortal } from './standalone-portal.ts';
import { watchProgress } from './watch-progress.ts';

export interface StandaloneOptions {
  readonly config: Config;
  /** The cities to collect, in any order, each with its listing limit. */
  readonly tasks: readonly CityTask[];
  /** An operator accepts that the cities lose many listings at once; by default not. */
  readonly acceptsDrop?: boolean;
  /** What this day has seen beside what the database knows of: it counts for budgets and intervals. By default nothing. */
  readonly askedElsewhere?: DayRequests;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Stops the run cleanly when it aborts. */
  readonly signal: AbortSignal;
  readonly progressIntervalMs: number;
  readonly onProgress: (cities: readonly CityProgress[]) => void;
  /** Told the name of the execution once it is known. */
  readonly onStarted?: (executionId: string) => void;
}

/**
 * Collects the cities into the configured database and gives back the result; its status is `interrupted` when the
 * signal stopped it. An execution of the same day and cities that was stopped half-way is continued.
 * @throws ScraperError BROWSER_MISSING before anything starts when a city needs a browser and there is none;
 * StorageError when the database cannot be opened or written; what was committed before stays.
 */
export async function runStandalone(options: StandaloneOptions): Promise<ExecutionResult> {
  const parts = openDegradableParts(options);
  const monitoring = await openMonitoring({ ...options, ...parts, role: 'standalone' });
  const alerts = openStandaloneAlerts({ ...options, log: parts.log, metrics: monitoring.metrics });
  try {
    const ended = await runWith({ ...parts, monitoring }, { ...options, log: parts.log });
    await alerts.runEnded(ended);
    return ended.result;
  } catch (error) {
    await alerts.runCrashed(error);
    throw error;
  } finally {
    await monitoring.close();
    await parts.flush();
  }
}

/** Null when it cannot be read: the run is over, and stays what it has come to. */
function readSeriesSafely(database: Database, log: Log): Promise<SeriesHealth | null> {
  return readSeriesHealth(database).catch((error: unknown) => {
    log.warn({ error: messageOf(error) }, 'alerts of the run cannot be judged');
    return null;
  });
}

interface MonitoredParts extends DegradableParts {
  readonly monitoring: Monitoring;
}

async function runWith(parts: MonitoredParts, options: StandaloneOptions): Promise<EndedRun> {
  const { config, clock, log, tasks } = options;
  await requireBrowser(config, tasks);
  const database = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database });
  try {
    const store = createSeriesStore({ database, clock, requestLogDays: config.politeness.requestLogDays });
    const { monitoring, degradations } = parts;
    const showSeries = () => monitoring.metrics?.show({ series: () => readSeriesHealth(database) });
    showSeries();
    const chosen = await chooseExecution(store, nominalDayOf(clock.now()), tasks);
    log.info({ ...chosen, cities: tasks.map(({ city }) => city) }, 'run started');
    options.onStarted?.(chosen.executionId);
    await reportMissingGeodata(config, tasks, parts.degradations);
    const publications = openPublications({ config, database, clock, log, degradations });
    const result = await collectWithAudit({ ...parts, publications }, options, store, chosen).finally(
      publications.close,
    );
    log.info({ executionId: chosen.executionId, status: result.status, requests: result.requests }, 'run ended');
    showSeries();
    await leaveMetrics(config, monitoring.metrics, log);
    return { result, series: await readSeriesSafely(database, log) };
  } finally {
    await database.close();
  }
}

/** Begin and end of the run in the audit log, whatever the end is. */
async function collectWithAudit(
  parts: MonitoredParts & { readonly publications: Publications },
  options: StandaloneOptions,
  store: SeriesStore,
  chosen: ChosenExecution,
): Promise<ExecutionResult> {
  const { clock, config, log, tasks } = options;
  const { executionId } = chosen;
  const isAlive = async (id: string) => id === executionId;
  const { auditFile } = parts;
  const trail = createAuditTrail({ recordAudit: store.recordAudit, auditFile, clock, nodeId: config.nodeId });
  const audit = trail.of(executionId);
  const { series, quality } = config;
  const books: BookOptions = { store, clock, audit, series, quality, missingParts: parts.degradations.list };
  audit.record(startEvent(chosen, tasks));
  const planned = tasks.map(({ city }) => city);
  const progressFile = openProgressFile({ config, executionId, planned, clock, log });
  try {
    await recordConfiguration({ store, config, clock, audit, executionId });
    await closeLeftRuns({ store, clock, series, quality, trail, log, isAlive });
    await parts.publications.runBegins(executionId);
    const result = await collect({ ...parts, progressFile, auditSink: trail.sink }, books, options, chosen);
    audit.record(endEvent(result));
    // What is noticed only now, while the last lines are written, belongs to the result all the same.
    const flush = () => Promise.all([parts.flush(), store.flush()]);
    const published = await publishRun(books, result, { publications: parts.publications, flush });
    await pruneRawArchive({ config, store, clock, log });
    return published;
  } catch (error) {
    audit.record(failureEvent(executionId, error));
    throw error;
  } finally {
    // Not before what it has done is published: in between it would look like a run that died.
    await progressFile.remove();
  }
}

interface RunParts extends MonitoredParts {
  readonly publications: Publications;
  readonly progressFile: ProgressFile;
  /** Takes whole events, for what makes its own: the breakers. */
  readonly auditSink: AuditSink;
}

async function collect(
  parts: RunParts,
  books: BookOptions,
  options: StandaloneOptions,
  chosen: ChosenExecution,
): Promise<ExecutionResult> {
  const { config, clock, log, tasks, random } = options;
  const { store, audit } = books;
  const { metrics, readiness } = parts.monitoring;
  const { executionId } = chosen;
  const rates = new RequestRates(clock);
  const sources = { store, rates, clock, executionId, tasks };
  const cityOf = citiesByQueue(tasks);
  const settledJobs = await settledJobIds(store, executionId, tasks);
  const onRequest: RequestSink = (entry) => {
    metrics?.recordRequest(entry);
    if (entry.city !== null) rates.record(entry.city, Date.parse(entry.sentAtUtc));
  };
  const guard = createGuard(parts, options, executionId);
  const portal = await openStandalonePortal(options, store, {
    executionId,
    onRequest,
    checkBeforeSending: guard.checkBeforeSending,
    archive: parts.archive,
    ...(metrics === null ? {} : { onGateWait: metrics.recordGateWait }),
  });
  const discovery = discoveryOf(portal.client, tasks, log);
  const pageReader = createPageReader({ clock, timeoutMs: config.crawler.parseTimeoutMs });
  const ports = { config, books, portal: portal.client, discovery, guard, readPage: pageReader.read };
  const load = startLoadWatch({ limits: config.resources, clock, log });
  const { handlers, batchHandler } = createHandlers(ports);
  const engine = createInProcessEngine({
    handlers: publishingCities(handlers, parts.publications),
    batchHandler: measuringBatches(batchHandler, metrics, clock),
    ...engineSettings({ config, tasks, random, limit: load.limit }),
    isAlreadySettled: (jobId) => settledJobs.has(jobId),
    clock,
    onEvent: (event) => {
      logJobEvent(log, event);
      auditJobEvent(audit, event, cityOf.get(event.queue) ?? null);
      metrics?.recordJob(event);
    },
  });
  showRun(parts.monitoring, options, { cities: () => readCityFigures(sources), queueDepths: engine.queueDepths });
  readiness.begin();
  const endWatch = watchProgress(sources, { ...options, file: parts.progressFile });
  try {
    const result = await runToEnd(options, engine, books, chosen, parts.flush);
    options.onProgress(await readProgress(sources));
    return result;
  } finally {
    load.stop();
    await endWatch();
    await Promise.all([pageReader.close(), portal.close()]);
  }
}

/** What the metrics show of a run under way, and why it is not ready when it is about to end. */
function showRun(
  { metrics, readiness }: Monitoring,
  { config, clock, tasks, signal }: StandaloneOptions,
  figures: Required<Pick<FigureSources, 'cities'>> & Pick<InProcessJobEngine, 'queueDepths'>,
): void {
  readiness.watch('run', () => (signal.aborted ? 'the run is being stopped' : null));
  const cityOf = citiesByQueue(tasks);
  const breakers = createFileBreakerStore({ directory: config.stateDirectory, clock, onProblem: () => undefined });
  metrics?.show({
    cities: figures.cities,
    breakers: breakers.list,
    queues: async () =>
      figures.queueDepths().map(({ queue, waiting, active }) => {
        return { queue, city: cityOf.get(queue) ?? null, jobs: { waiting, active } };
      }),
  });
}

function createGuard(parts: RunParts, options: StandaloneOptions, executionId: string): BreakerGuard {
  const { config, clock, log } = options;
  const { auditSink: audit, degradations } = parts;
  return createStandaloneBreakers({ config, clock, log, executionId, audit, degradations });
}
