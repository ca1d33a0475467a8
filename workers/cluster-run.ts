/**
 * `oikotie run` on a cluster: sets the limits, puts the day's run on its queue, and follows it. Following changes nothing:
 * whoever stops following leaves the run going on.
 */
import type { CityTask, Config } from '../config/config.ts';
import { createBullMqEngine } from '../queues/bullmq-engine.ts';
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import type { JobEngine } from '../queues/job-engine.ts';
import { createRunBoard } from '../queues/run-board.ts';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf } from '../src/clock.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import { crawlQueueOf, jobIdOf, queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import { clusterPrefix, connectCluster, crawlQueuesOf, isRedisReady, storeQueues } from './cluster.ts';
import { engineSettings } from './handlers.ts';
import type { CityProgress } from './progress.ts';
import { readShownProgress } from './shown-progress.ts';

export interface ClusterRunOptions {
  readonly config: Config;
  /** The cities to collect, each with its listing limit. */
  readonly tasks: readonly CityTask[];
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the following, not the run. */
  readonly signal: AbortSignal;
  readonly progressIntervalMs: number;
  readonly onProgress: (cities: readonly CityProgress[]) => void;
  /** Told the name of the execution once it is known. */
  readonly onStarted?: (executionId: string) => void;
  /** Told once when nobody serves a queue that the run needs. */
  readonly onWaiting: (sentence: string) => void;
}

export type ClusterRunEnd =
  | { readonly kind: 'ended'; readonly result: ExecutionResult }
  /** Null when it was left before the run was on its queue. */
  | { readonly kind: 'left'; readonly executionId: string | null };

/**
 * Enqueues the day's run, or joins it when it is under way, and follows it to its end.
 * @throws ConfigError when no Redis is configured; ScraperError when the run ends with an error.
 */
export async function runOnCluster(options: ClusterRunOptions): Promise<ClusterRunEnd> {
  const { config, tasks, clock, log } = options;
  const redis = connectCluster(config, log);
  const queues = new BullMqQueues({ redis, prefix: clusterPrefix, log });
  const engine = createBullMqEngine({
    redis,
    prefix: clusterPrefix,
    takesFrom: [],
    handlers: [],
    batchHandler: null,
    ...engineSettings({ config, tasks, random: Math.random }),
    isAlreadySettled: () => false,
    clock,
    nodeId: config.nodeId,
    log,
  });
  try {
    if (!(await isRedisReady(redis, log, options.signal))) return { kind: 'left', executionId: null };
    await setQueueLimits(queues, config);
    const nominalDay = nominalDayOf(clock.now());
    const executionId = await chooseExecutionId(queues, nominalDay);
    await engine.add({
      id: jobIdOf(executionId, 'run'),
      kind: 'run',
      queue: queueNames.runs,
      payload: {
        executionId,
        nominalDay,
        tasks: tasks.map(({ city, url, priority, listingLimit }) => ({ city, url, priority, listingLimit })),
      },
    });
    log.info({ executionId, cities: tasks.map(({ city }) => city) }, 'run is on its queue');
    options.onStarted?.(executionId);
    await warnOfMissingRoles(queues, tasks, options.onWaiting);
    return await follow(options, engine, createRunBoard({ redis, prefix: clusterPrefix }), executionId);
  } finally {
    await engine.stop(0);
    await queues.close();
    redis.disconnect();
  }
}

/** The limits of every queue, as configured: set here and nowhere else. */
async function setQueueLimits(queues: BullMqQueues, config: Config): Promise<void> {
  await queues.setLimits(queueNames.cities, { concurrency: config.concurrentCities, startIntervalMs: 0 });
  for (const name of storeQueues) await queues.setLimits(name, { concurrency: null, startIntervalMs: 0 });
  for (const { city, maxDetailWorkers, requestIntervalMs } of config.tasks) {
    const limits = { concurrency: maxDetailWorkers, startIntervalMs: requestIntervalMs };
    await queues.setLimits(crawlQueueOf(city), limits);
  }
}

/** The day's run that has not ended, or the name of the next one: `daily-2026-11-25`, then `daily-2026-11-25-2`, … */
async function chooseExecutionId(queues: BullMqQueues, nominalDay: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const executionId = number === 1 ? `daily-${nominalDay}` : `daily-${nominalDay}-${number}`;
    const state = await queues.queue(queueNames.runs).getJobState(jobIdOf(executionId, 'run'));
    if (state !== 'completed' && state !== 'failed') return executionId;
  }
}

async function warnOfMissingRoles(
  queues: BullMqQueues,
  tasks: readonly CityTask[],
  onWaiting: (sentence: string) => void,
): Promise<void> {
  const isServed = async (name: string) => (await queues.queue(name).getWorkersCount()) > 0;
  if (!(await isServed(queueNames.store)))
    onWaiting('No store is running: the run waits. Start one with: oikotie store');
  for (const name of crawlQueuesOf(tasks)) {
    if (await isServed(name)) continue;
    onWaiting(`No worker serves ${name}: the run waits. Start one with: oikotie worker`);
    return;
  }
}

async function follow(
  options: ClusterRunOptions,
  engine: JobEngine,
  board: ReturnType<typeof createRunBoard>,
  executionId: string,
): Promise<ClusterRunEnd> {
  const { clock, signal, log, progressIntervalMs, onProgress } = options;
  const show = async (): Promise<void> => {
    const progress = await readShownProgress(board, executionId);
    if (progress !== null) onProgress(progress);
  };
  const watching = new AbortController();
  const watch = (async () => {
    while (!watching.signal.aborted) {
      await show().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'progress cannot be read'));
      await clock.sleep(progressIntervalMs, watching.signal).catch(() => undefined);
    }
  })();
  const left = aborted(signal).then(() => 'left' as const);
  try {
    const end = await Promise.race([engine.settled(jobIdOf(executionId, 'run')), left]);
    if (end === 'left') return { kind: 'left', executionId };
    await show();
    return { kind: 'ended', result: await resultOf(board, executionId) };
  } finally {
    watching.abort();
    await watch;
  }
}

async function resultOf(board: ReturnType<typeof createRunBoard>, executionId: string): Promise<ExecutionResult> {
  const result = await board.read(executionId, 'result');
  if (result !== null) return result as ExecutionResult; // written by the store of the same deployment
  const message = `result of ${executionId}: expected it from the store, got none; see: oikotie sql "from executions"`;
  throw new ScraperError('RESULT_MISSING', message, { category: 'UNKNOWN' });
}
