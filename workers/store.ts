/**
 * The store: the one process of a cluster that opens the database. It opens executions, writes what the workers found,
 * closes the books of cities and runs, and shows the progress to whoever follows a run. It never asks the portal.
 */
import { randomUUID } from 'node:crypto';
import { createBullMqEngine } from '../queues/bullmq-engine.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { createRedisKnownPages } from '../queues/redis-known-pages.ts';
import { createRunBoard } from '../queues/run-board.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import type { AnyJobHandler, JobKind } from '../src/jobs/job.ts';
import { runPayload } from '../src/jobs/payloads.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import { createStoreBatchHandler } from '../src/jobs/store-batch-handler.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { AuditRecorder } from '../src/lineage/audit-recorder.ts';
import { createAuditRecorder } from '../src/lineage/audit-recorder.ts';
import { createCountedLog } from '../src/log.ts';
import { openDatabase } from '../src/storage/database.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import type { RoleOptions } from './cluster.ts';
import { clusterPrefix, connectCluster, engineTiming, isRedisReady, storeQueues } from './cluster.ts';
import type { DegradableParts } from './degradable-parts.ts';
import { openDegradableParts } from './degradable-parts.ts';
import { createExecutionHandlers } from './execution-handlers.ts';
import { createBookHandlers, engineSettings } from './handlers.ts';
import { KnownPagesPublisher } from './known-pages-publisher.ts';
import { closeLeftRuns, runLiveness } from './left-runs.ts';
import { limitsEvent } from './limits-event.ts';
import { followClusterLimits } from './live-limits.ts';
import { logJobEvent } from './log-job-event.ts';
import type { NodeMembership } from './node-membership.ts';
import { workAsClusterNode } from './node-membership.ts';
import { endEvent, startEvent } from './run-events.ts';
import { RunWatch } from './run-watch.ts';

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
  const redis = connectCluster(config, log);
  try {
    if (!(await isRedisReady(redis, log, signal))) return;
    await workAsClusterNode({ ...options, log, redis, role: 'store', cities: [], counts }, (node) =>
      openAndServe(options, parts, redis, node),
    );
  } finally {
    redis.disconnect();
    await parts.flush();
  }
}

async function openAndServe(
  options: RoleOptions,
  parts: DegradableParts,
  redis: RedisConnection,
  node: NodeMembership,
): Promise<void> {
  const { config, clock } = options;
  const database = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database });
  try {
    const { requestLogDays } = config.politeness;
    await serve(options, parts, redis, node, createSeriesStore({ database, clock, requestLogDays }));
  } finally {
    await database.close();
  }
}

async function serve(
  { config, clock, random }: RoleOptions,
  parts: DegradableParts,
  redis: RedisConnection,
  node: NodeMembership,
  store: SeriesStore,
): Promise<void> {
  const { log, auditFile } = parts;
  const { nodeId, tasks, series, quality } = config;
  const isAlive = runLiveness(redis, log);
  const closing = closeLeftRuns({ store, clock, series, quality, nodeId, auditFile, log, isAlive });
  await Promise.race([closing, aborted(node.ending)]);
  const board = createRunBoard({ redis, prefix: clusterPrefix });
  const cityLimits = await followClusterLimits({ config, clock, log, redis, signal: node.ending });
  const watch = new RunWatch({ config, store, board, cityLimits, clock, log });
  const shared = createRedisKnownPages({ redis, prefix: clusterPrefix, log });
  const publisher = new KnownPagesPublisher({ store, shared, log });
  await Promise.race([publisher.publish(tasks.map(({ city }) => city)), aborted(node.ending)]);
  const watched = watch.counting(publisher.publishing(store));
  const sink: AuditSink = (event) => {
    store.recordAudit(event);
    parts.auditFile(event);
  };
  const auditOf = (executionId: string): AuditRecorder =>
    createAuditRecorder({ sink, clock, executionId, nodeId, newEventId: randomUUID });
  cityLimits.onChange((city, limits) => {
    for (const executionId of watch.collecting(city)) auditOf(executionId).record(limitsEvent(city, limits));
  });
  const books = createExecutionHandlers(bookKinds, (executionId) => {
    const audit = auditOf(executionId);
    const missingParts = parts.degradations.list;
    const bookStore = auditingEnd(watched, audit);
    const handlers = createBookHandlers({ store: bookStore, clock, audit, series, quality, missingParts });
    return { handlers: handlers.map((each) => auditingStart(each, audit)), close: () => Promise.resolve() };
  });
  const engine = createBullMqEngine({
    redis,
    prefix: clusterPrefix,
    takesFrom: storeQueues,
    handlers: books.handlers.map((handler) => (handler.kind === 'run' ? watch.watching(handler) : handler)),
    batchHandler: createStoreBatchHandler({ store: watched, clock }),
    ...engineSettings({ config, tasks, random }),
    isAlreadySettled: () => false,
    clock,
    nodeId,
    log,
    timing: engineTiming(config),
    onEvent: (event) => logJobEvent(log, event),
  });
  // It writes whatever its health is: nobody else can.
  node.follow({ activeJobs: engine.activeJobs, look: () => undefined });
  log.info({ nodeId, database: config.databasePath }, 'store takes jobs');
  await aborted(node.ending);
  log.info({ nodeId }, 'store stops: what it has taken is written first');
  await engine.stop(config.cluster.drainMs);
  await watch.close();
  await store.flush();
  log.info({ nodeId }, 'store has stopped');
}

/** The handler of `run` says in the audit log that the run began, or goes on because its store was lost. */
function auditingStart(handler: AnyJobHandler, audit: AuditRecorder): AnyJobHandler {
  if (handler.kind !== 'run') return handler;
  return {
    ...handler,
    run: async (payload, context) => {
      const { executionId, nominalDay, tasks } = runPayload.parse(payload);
      audit.record(startEvent({ executionId, nominalDay, isContinued: false }, tasks));
      return handler.run(payload, context);
    },
  };
}

function auditingEnd(store: SeriesStore, audit: AuditRecorder): SeriesStore {
  return {
    ...store,
    saveExecutionResult: async (result, finishedAtUtc) => {
      audit.record(endEvent(result));
      await store.saveExecutionResult(result, finishedAtUtc);
    },
  };
}
