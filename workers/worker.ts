/**
 * The worker: a process that crawls. It takes cities, search pages and listings from the queues, asks the portal through
 * the cluster's gate, budgets and breakers, and hands on what it found. It never opens the database.
 */
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { BullMqJobEngine } from '../queues/bullmq-engine.ts';
import { createBullMqEngine } from '../queues/bullmq-engine.ts';
import { serversOf } from '../queues/distribution.ts';
import { createRedisBudgetCounter } from '../queues/redis-budget-counter.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { isAway } from '../queues/redis-connection.ts';
import { createRedisGate } from '../queues/redis-gate.ts';
import { createRedisKnownPages } from '../queues/redis-known-pages.ts';
import { createResultSpool } from '../queues/result-spool.ts';
import type { Clock } from '../src/clock.ts';
import type { LiveCityLimits } from '../src/crawl/city-limits.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import { sealHandler } from '../src/jobs/job.ts';
import type { LedgerRelay } from '../src/jobs/ledger-relay.ts';
import { createLedgerRelay } from '../src/jobs/ledger-relay.ts';
import { createCityHandler } from '../src/jobs/run-handlers.ts';
import { createCountedLog } from '../src/log.ts';
import { auditJobEvent } from './audit-job-event.ts';
import type { AuditTrail } from './audit-trail.ts';
import { createAuditTrail } from './audit-trail.ts';
import type { RoleOptions } from './cluster.ts';
import {
  clusterPrefix,
  connectCluster,
  crawlQueuesOf,
  engineTiming,
  isRedisReady,
  loadTelemetry,
  workQueuesOf,
} from './cluster.ts';
import { createClusterBreakers } from './cluster-breakers.ts';
import type { DegradableParts } from './degradable-parts.ts';
import { openDegradableParts } from './degradable-parts.ts';
import { discoveryOf } from './discovery.ts';
import type { OpenedExecution } from './execution-handlers.ts';
import { createExecutionHandlers } from './execution-handlers.ts';
import { citiesByQueue, createCrawlHandlers, engineSettings } from './handlers.ts';
import { requireBrowser } from './lazy-browser.ts';
import { followClusterLimits } from './live-limits.ts';
import { startLoadWatch } from './load-watch.ts';
import { logJobEvent } from './log-job-event.ts';
import type { Monitoring } from './monitoring.ts';
import { openMonitoring } from './monitoring.ts';
import type { NodeMembership } from './node-membership.ts';
import { workAsClusterNode } from './node-membership.ts';
import { showNode, showRedis } from './node-monitoring.ts';
import type { PageReader } from './page-reader.ts';
import { createPageReader } from './page-reader.ts';
import { createPortal } from './portal.ts';

interface MonitoredParts extends DegradableParts {
  readonly monitoring: Monitoring;
}

/** What all executions on this node have in common. */
interface Node {
  readonly config: Config;
  readonly clock: Clock;
  readonly parts: MonitoredParts;
  readonly redis: RedisConnection;
  readonly relay: LedgerRelay;
  readonly trail: AuditTrail;
  readonly pageReader: PageReader;
  readonly cityLimits: LiveCityLimits;
}

/**
 * Crawls until the signal aborts, then finishes what is active or gives it back.
 * @throws ConfigError when no Redis is configured; ScraperError BROWSER_MISSING when a city needs one.
 */
export async function runWorker(options: RoleOptions): Promise<void> {
  const { config, signal } = options;
  await requireBrowser(config, config.tasks);
  const { log: countedLog, counts } = createCountedLog(options.log);
  const parts = openDegradableParts({ ...options, log: countedLog });
  const { log } = parts;
  const monitoring = await openMonitoring({ ...options, ...parts, role: 'worker' });
  const redis = connectCluster(config, log);
  showRedis(monitoring, redis);
  try {
    if (!(await isRedisReady(redis, log, signal))) return;
    const cities = config.tasks.map(({ city }) => city);
    await workAsClusterNode({ ...options, log, redis, role: 'worker', cities, counts }, (node) =>
      crawl(options, { ...parts, monitoring }, redis, node),
    );
  } finally {
    redis.disconnect();
    await monitoring.close();
    await parts.flush();
  }
}

async function crawl(
  options: RoleOptions,
  parts: MonitoredParts,
  redis: RedisConnection,
  membership: NodeMembership,
): Promise<void> {
  const { config, clock, random } = options;
  const { log, monitoring } = parts;
  const { metrics } = monitoring;
  const { nodeId, tasks } = config;
  let engine: BullMqJobEngine | null = null;
  const relay = createLedgerRelay({
    send: async (request) => engine?.add(request),
    source: sourceOf(nodeId, clock.now()),
    log,
  });
  const pageReader = createPageReader({ clock, timeoutMs: config.crawler.parseTimeoutMs });
  const cityLimits = await followClusterLimits({ config, clock, log, redis, signal: membership.ending });
  const trail = createAuditTrail({ recordAudit: relay.recordAudit, auditFile: parts.auditFile, clock, nodeId });
  const node: Node = { config, clock, parts, redis, relay, trail, pageReader, cityLimits };
  const asking = createExecutionHandlers(['search-page', 'listing'], (executionId) => openExecution(node, executionId));
  const load = startLoadWatch({ limits: config.resources, clock, log });
  const limit = (configured: number) => membership.limit(load.limit(configured));
  const cityOf = citiesByQueue(tasks);
  engine = createBullMqEngine({
    redis,
    prefix: clusterPrefix,
    telemetry: await loadTelemetry(config),
    takesFrom: crawlQueuesOf(tasks),
    handlers: [sealHandler(createCityHandler()), ...asking.handlers.map(relay.relayed)],
    batchHandler: null,
    ...engineSettings({ config, tasks, random, limit, cityLimits }),
    isAlreadySettled: () => false,
    clock,
    nodeId,
    log,
    timing: engineTiming(config),
    spool: createResultSpool({
      directory: join(config.stateDirectory, 'spool', nodeId),
      isAway: () => isAway(redis),
      clock,
      log,
    }),
    onEvent: (event) => {
      logJobEvent(log, event);
      metrics?.recordJob(event);
      const executionId = event.jobId.slice(0, event.jobId.indexOf('.'));
      auditJobEvent(trail.of(executionId), event, cityOf.get(event.queue) ?? null);
    },
  });
  followMembership(engine, config, membership);
  showNode(monitoring, nodeId, membership, true);
  log.info({ nodeId, cities: tasks.map(({ city }) => city) }, 'worker takes jobs');
  await aborted(membership.ending);
  log.info({ nodeId }, 'worker stops: what is active is finished or given back');
  load.stop();
  await engine.stop(config.cluster.drainMs);
  await Promise.all([asking.close(), pageReader.close()]);
  log.info({ nodeId }, 'worker has stopped');
}

/** The engine takes from the queues that are this node's to serve, by its health, its strategy and the other nodes. */
function followMembership(engine: BullMqJobEngine, config: Config, membership: NodeMembership): void {
  const { nodeId, tasks, cluster } = config;
  const queues = new Map(workQueuesOf(tasks).map((queue) => [queue.name, queue]));
  const isOurs = (name: string): boolean => {
    const queue = queues.get(name);
    const servers = queue === undefined ? [] : serversOf(queue, membership.nodes(), cluster.workDistributionStrategy);
    return servers.some((server) => server.nodeId === nodeId);
  };
  membership.follow({ activeJobs: engine.activeJobs, look: () => engine.serve(isOurs) });
}

function openExecution(node: Node, executionId: string): OpenedExecution {
  const { config, clock, parts, redis, relay, trail, pageReader, cityLimits } = node;
  const { log, archive, monitoring } = parts;
  const { metrics } = monitoring;
  const { tasks } = config;
  const prefix = clusterPrefix;
  const guard = createClusterBreakers({ config, clock, log, executionId, audit: trail.sink, redis, prefix });
  const portal = createPortal({
    config,
    tasks,
    clock,
    executionId,
    log,
    requestSink: (entry) => {
      relay.recordRequest(entry);
      metrics?.recordRequest(entry);
    },
    ...(metrics === null ? {} : { onGateWait: metrics.recordGateWait }),
    ledger: relay,
    cityLimits,
    createSharedGate: (limits) => createRedisGate({ redis, prefix, log, ...limits }),
    budgetCounter: createRedisBudgetCounter({ redis, prefix }),
    archive,
    checkBeforeSending: guard.checkBeforeSending,
  });
  const discovery = discoveryOf(portal.client, tasks, log);
  const knownPages = createRedisKnownPages({ redis, prefix, log });
  const asked = { portal: portal.client, discovery, readPage: pageReader.read, knownPages };
  return { handlers: createCrawlHandlers({ config, clock, guard, ...asked }), close: portal.close };
}

/** The name of a process and its start, as it may be part of a job's id. */
function sourceOf(nodeId: string, startedAtMs: number): string {
  return `${nodeId.replaceAll(/[^\w-]/g, '-')}-${startedAtMs.toString(36)}`;
}
