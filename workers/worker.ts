/**
 * The worker: a process that crawls. It takes cities, search pages and listings from the queues, asks the portal through
 * the cluster's gate, and hands on what it found. It never opens the database.
 */
import type { Config } from '../config/config.ts';
import { createBullMqEngine } from '../queues/bullmq-engine.ts';
import type { JobEngine } from '../queues/job-engine.ts';
import { createRedisGate } from '../queues/redis-gate.ts';
import type { Clock } from '../src/clock.ts';
import type { Gate } from '../src/crawl/gate.ts';
import type { RequestSink } from '../src/crawl/request-log.ts';
import { ScraperError } from '../src/errors.ts';
import type { AnyJobHandler } from '../src/jobs/job.ts';
import { sealHandler } from '../src/jobs/job.ts';
import { createRequestRelay } from '../src/jobs/request-relay.ts';
import { createCityHandler } from '../src/jobs/run-handlers.ts';
import type { Log } from '../src/log.ts';
import { aborted, clusterPrefix, connectCluster, engineTiming, crawlQueuesOf } from './cluster.ts';
import { createCrawlHandlers, engineSettings } from './handlers.ts';
import { logJobEvent } from './log-job-event.ts';
import type { Portal } from './portal.ts';
import { createPortal, gateLimits } from './portal.ts';

export interface RoleOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Ends the role cleanly when it aborts. */
  readonly signal: AbortSignal;
}

/** How long active jobs may go on after SIGTERM before they are given back. */
export const drainGraceMs = 30_000;

/**
 * Crawls until the signal aborts, then finishes what is active or gives it back.
 * @throws ConfigError when no Redis is configured.
 */
export async function runWorker({ config, clock, random, log, signal }: RoleOptions): Promise<void> {
  const redis = connectCluster(config, log);
  const { nodeId, tasks } = config;
  const gate = createRedisGate({ redis, prefix: clusterPrefix, clock, log, ...gateLimits(config, tasks) });
  let engine: JobEngine | null = null;
  const relay = createRequestRelay({
    send: async (request) => engine?.add(request),
    source: `${nodeId.replaceAll(/[^\w-]/g, '-')}-${clock.now().toString(36)}`,
    log,
  });
  const crawl = createExecutionHandlers({ config, clock, gate, requestSink: relay.sink });
  engine = createBullMqEngine({
    redis,
    prefix: clusterPrefix,
    takesFrom: crawlQueuesOf(tasks),
    handlers: [sealHandler(createCityHandler()), ...crawl.handlers.map(relay.relayed)],
    batchHandler: null,
    ...engineSettings({ config, tasks, random }),
    isAlreadySettled: () => false,
    clock,
    nodeId,
    log,
    timing: engineTiming(config),
    onEvent: (event) => logJobEvent(log, event),
  });
  log.info({ nodeId, cities: tasks.map(({ city }) => city) }, 'worker takes jobs');
  await aborted(signal);
  log.info({ nodeId }, 'worker stops: what is active is finished or given back');
  await engine.stop(drainGraceMs);
  await crawl.close();
  redis.disconnect();
  log.info({ nodeId }, 'worker has stopped');
}

interface ExecutionHandlersOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly requestSink: RequestSink;
}

/** Handlers that ask the portal for whichever execution a job belongs to; its requests are logged under that one. */
function createExecutionHandlers({ config, clock, gate, requestSink }: ExecutionHandlersOptions) {
  const { tasks } = config;
  const executions = new Map<string, { readonly portal: Portal; readonly handlers: readonly AnyJobHandler[] }>();

  function handlerOf(kind: string, payload: unknown): AnyJobHandler {
    const executionId = executionIdOf(payload);
    const known = executions.get(executionId) ?? open(executionId);
    const handler = known.handlers.find((each) => each.kind === kind);
    if (handler === undefined) throw new Error(`no crawl handler of kind ${kind}`);
    return handler;
  }

  function open(executionId: string) {
    const portal = createPortal({ config, tasks, clock, executionId, requestSink, gate });
    const guard = { call: <Result>(_city: string, work: () => Promise<Result>) => work() };
    const execution = { portal, handlers: createCrawlHandlers({ config, portal: portal.client, guard, clock }) };
    executions.set(executionId, execution);
    return execution;
  }

  const handlers = (['search-page', 'listing'] as const).map(
    (kind): AnyJobHandler => ({
      kind,
      run: (payload, context) => handlerOf(kind, payload).run(payload, context),
      onGivenUp: (payload, failure) => handlerOf(kind, payload).onGivenUp(payload, failure),
    }),
  );
  return {
    handlers,
    close: async () => {
      await Promise.all([...executions.values()].map(({ portal }) => portal.close()));
    },
  };
}

function executionIdOf(payload: unknown): string {
  const isObject = typeof payload === 'object' && payload !== null;
  const executionId = isObject && 'executionId' in payload ? payload.executionId : undefined;
  if (typeof executionId === 'string') return executionId;
  const message = `payload of a crawl job: expected an executionId, got ${JSON.stringify(payload)?.slice(0, 100)}`;
  throw new ScraperError('PAYLOAD_INVALID', message, { category: 'PARSING_ERROR' });
}
