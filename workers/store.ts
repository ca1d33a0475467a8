/**
 * The store: the one process of a cluster that opens the database. It opens executions, writes what the workers found,
 * closes the books of cities and runs, and shows the progress to whoever follows a run. It never asks the portal.
 */
import { createBullMqEngine } from '../queues/bullmq-engine.ts';
import type { JobEvent } from '../queues/job-engine.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { createRedisKnownPages } from '../queues/redis-known-pages.ts';
import { createRunBoard } from '../queues/run-board.ts';
import type { LiveCityLimits } from '../src/crawl/city-limits.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import { closeExecution } from '../src/jobs/finalize-handlers.ts';
import type { AnyJobHandler, JobKind } from '../src/jobs/job.ts';
import { sealHandler } from '../src/jobs/job.ts';
import { finalizeRunPayload, runPayload } from '../src/jobs/payloads.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import { createStoreBatchHandler } from '../src/jobs/store-batch-handler.ts';
import type { AuditRecorder } from '../src/lineage/audit-recorder.ts';
import type { Log } from '../src/log.ts';
import { createCountedLog } from '../src/log.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import { openDatabase } from '../src/storage/database.ts';
import { readSeriesHealth } from '../src/storage/series-health.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import type { AuditTrail } from './audit-trail.ts';
import { createAuditTrail, recordConfiguration } from './audit-trail.ts';
import type { RoleOptions } from './cluster.ts';
import { clusterPrefix, connectCluster, engineTiming, isRedisReady, loadTelemetry, storeQueues } from './cluster.ts';
import type { DegradableParts } from './degradable-parts.ts';
import { openDegradableParts } from './degradable-parts.ts';
import type { OpenedExecution } from './execution-handlers.ts';
import { createExecutionHandlers } from './execution-handlers.ts';
import { createBookHandlers, engineSettings } from './handlers.ts';
import { KnownPagesPublisher } from './known-pages-publisher.ts';
import { closeLeftRuns } from './left-runs.ts';
import { limitsEvent } from './limits-event.ts';
import { followClusterLimits } from './live-limits.ts';
import { logJobEvent } from './log-job-event.ts';
import type { Monitoring } from './monitoring.ts';
import { measuringBatches, openMonitoring } from './monitoring.ts';
import type { NodeMembership } from './node-membership.ts';
import { workAsClusterNode } from './node-membership.ts';
import { showNode, showRedis } from './node-monitoring.ts';
import { createNodeWatch } from './node-watch.ts';
import { pruneRawArchive } from './prune-archive.ts';
import type { Publications } from './publications.ts';
import { openPublications, publishingCities, publishRun } from './publications.ts';
import { endEvent, startEvent } from './run-events.ts';
import { runLiveness } from './run-liveness.ts';
import { RunWatch } from './run-watch.ts';
import type { StoreAlerts } from './store-alerts.ts';
import { openStoreAlerts } from './store-alerts.ts';

/** What the store does besides writing down what workers found. */
const bookKinds = [
  'run',
  'start-city',
  'reconcile-list',
  'finalize-city',
  'finalize-run',
  'skip-day',
  'close-quarantine',
] as const satisfies readonly JobKind[];

/**
 * Stores until the signal aborts, then writes what it has taken and gives the file free.
 * @throws ConfigError when no Redis is configured; StorageError when the database cannot be opened.
 */
export async function runStore(options: RoleOptions): Promise<void> {
  const { config, signal } = options;
  const { log: countedLog, counts } = createCountedLog(options.log);
  const parts = openDegradableParts({ ...options, log: countedLog });
  const { log } = parts;
  const monitoring = await openMonitoring({ ...options, ...parts, role: 'store' });
  const redis = connectCluster(config, log);
  showRedis(monitoring, redis);
  try {
    if (!(await isRedisReady(redis, log, signal))) return;
    await workAsClusterNode({ ...options, log, redis, role: 'store', cities: [], counts }, (node) =>
      openAndServe(options, { ...parts, monitoring }, redis, node),
    );
  } finally {
    redis.disconnect();
    await monitoring.close();
    await parts.flush();
  }
}

async function openAndServe(
  options: RoleOptions,
  parts: MonitoredParts,
  redis: RedisConnection,
  node: NodeMembership,
): Promise<void> {
  const { config, clock } = options;
  const database = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database });
  try {
    const { requestLogDays } = config.politeness;
    const store = createSeriesStore({ database, clock, requestLogDays });
    const readSeries = () => readSeriesHealth(database);
    parts.monitoring.metrics?.show({ series: readSeries });
    const { metrics } = parts.monitoring;
    const alerts = openStoreAlerts({ config, redis, clock, log: parts.log, signal: node.ending, metrics, readSeries });
    const publications = openPublications({
      config,
      database,
      clock,
      log: parts.log,
      degradations: parts.degradations,
    });
    await serve(options, { ...parts, publications, alerts }, redis, node, store)
      .finally(alerts.close)
      .finally(publications.close);
  } finally {
    await database.close();
  }
}

async function serve(
  { config, clock, random }: RoleOptions,
  parts: MonitoredParts & { readonly publications: Publications; readonly alerts: StoreAlerts },
  redis: RedisConnection,
  node: NodeMembership,
  store: SeriesStore,
): Promise<void> {
  const { log, publications, alerts, monitoring } = parts;
  const { nodeId, tasks, series, quality } = config;
  const trail = createAuditTrail({ recordAudit: store.recordAudit, auditFile: parts.auditFile, clock, nodeId });
  const closing = closeLeftRuns({ store, clock, series, quality, trail, log, isAlive: runLiveness(redis, log) });
  await Promise.race([closing, aborted(node.ending)]);
  const board = createRunBoard({ redis, prefix: clusterPrefix });
  const cityLimits = await followClusterLimits({ config, clock, log, redis, signal: node.ending });
  const watch = new RunWatch({ config, store, board, cityLimits, clock, log });
  const shared = createRedisKnownPages({ redis, prefix: clusterPrefix, log });
  const publisher = new KnownPagesPublisher({ store, shared, log });
  await Promise.race([publisher.publish(tasks.map(({ city }) => city)), aborted(node.ending)]);
  const watched = watch.counting(publisher.publishing(store));
  auditLimits(cityLimits, watch, trail);
  const books = createExecutionHandlers(bookKinds, (executionId) => {
    const audit = trail.of(executionId);
    const missingParts = parts.degradations.list;
    return openBooks({ store: watched, clock, audit, series, quality, missingParts }, publications, {
      begin: async () => {
        await publications.runBegins(executionId);
        await recordConfiguration({ store, config, clock, audit, executionId });
      },
      show: async (result) => {
        await watch.end(result);
        alerts.runEnded(result);
      },
      prune: () => pruneRawArchive({ config, store, clock, log }),
    });
  });
  const engine = createBullMqEngine({
    redis,
    prefix: clusterPrefix,
    telemetry: await loadTelemetry(config),
    takesFrom: storeQueues,
    handlers: books.handlers.map((handler) => (handler.kind === 'run' ? watch.watching(handler) : handler)),
    batchHandler: measuringBatches(createStoreBatchHandler({ store: watched, clock }), monitoring.metrics, clock),
    ...engineSettings({ config, tasks, random }),
    isAlreadySettled: () => false,
    clock,
    nodeId,
    log,
    timing: engineTiming(config),
    onEvent: listening(log, monitoring.metrics),
  });
  // It writes whatever its health is: nobody else can.
  node.follow({ activeJobs: engine.activeJobs, look: createNodeWatch({ nodes: node.nodes, audit: trail.of(null) }) });
  monitoring.metrics?.show({ cities: () => watch.cities() });
  showNode(monitoring, nodeId, node, false);
  log.info({ nodeId, database: config.databasePath }, 'store takes jobs');
  await aborted(node.ending);
  log.info({ nodeId }, 'store stops: what it has taken is written first');
  await engine.stop(config.cluster.drainMs);
  await watch.close().then(store.flush);
  log.info({ nodeId }, 'store has stopped');
}

interface MonitoredParts extends DegradableParts {
  readonly monitoring: Monitoring;
}

function listening(log: Log, metrics: Metrics | null): (event: JobEvent) => void {
  return (event) => {
    logJobEvent(log, event);
    metrics?.recordJob(event);
  };
}

/** Limits that an operator changes during a run are events of that run. */
function auditLimits(cityLimits: LiveCityLimits, watch: RunWatch, trail: AuditTrail): void {
  cityLimits.onChange((city, limits) => {
    for (const executionId of watch.collecting(city)) trail.of(executionId).record(limitsEvent(city, limits));
  });
}

/** What belongs to a run besides its books. */
interface RunDuties {
  /** At its start. */
  readonly begin: () => Promise<void>;
  /** Told its result at the very end. */
  readonly show: (result: ExecutionResult) => Promise<void>;
  /** After that. */
  readonly prune: () => Promise<void>;
}

/** The handlers that keep the books of one execution. */
function openBooks(books: BookOptions, publications: Publications, duties: RunDuties): OpenedExecution {
  const ending = endingRun(books, publications, duties);
  const handlers = publishingCities(createBookHandlers(books), publications).map((each) =>
    each.kind === 'finalize-run' ? ending : auditingStart(each, books.audit, duties.begin),
  );
  return { handlers, close: () => Promise.resolve() };
}

/** The handler of `run` says in the audit log that the run began, or goes on because its store was lost. */
function auditingStart(handler: AnyJobHandler, audit: AuditRecorder, begin: () => Promise<void>): AnyJobHandler {
  if (handler.kind !== 'run') return handler;
  return {
    ...handler,
    run: async (payload, context) => {
      const { executionId, nominalDay, tasks } = runPayload.parse(payload);
      audit.record(startEvent({ executionId, nominalDay, isContinued: false }, tasks));
      await begin();
      return handler.run(payload, context);
    },
  };
}

/** Closes the books of a run and publishes it; whoever follows the run is shown the result when all of that is done. */
function endingRun(books: BookOptions, publications: Publications, { show, prune }: RunDuties): AnyJobHandler {
  return sealHandler({
    kind: 'finalize-run',
    schema: finalizeRunPayload,
    run: async (payload) => {
      const result = await closeExecution(books, { ...payload, isInterrupted: false });
      books.audit.record(endEvent(result));
      await show(await publishRun(books, result, { publications, flush: books.store.flush }));
      await prune();
      return { followUps: [] };
    },
  });
}
