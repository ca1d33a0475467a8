/**
 * `oikotie run` on a cluster: puts the day's run on its queue, and follows it. Following changes nothing:
 * whoever stops following leaves the run going on.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { RunBoard } from '../queues/run-board.ts';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf } from '../src/clock.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import { ConfigError, messageOf, ScraperError } from '../src/errors.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import { jobIdOf } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import { connectCluster, isRedisReady } from './cluster.ts';
import { missingRoles } from './missing-roles.ts';
import { createClusterRegistry } from './node-membership.ts';
import type { RunDesk } from './run-desk.ts';
import { chooseExecutionId, openRunDesk } from './run-desk.ts';
import { readShownProgress } from './shown-progress.ts';

export interface ClusterRunOptions {
  readonly config: Config;
  /** The cities to collect, each with its listing limit. */
  readonly tasks: readonly CityTask[];
  /** An operator accepts that the cities lose many listings at once; by default not. */
  readonly acceptsDrop?: boolean;
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
 * @throws ConfigError when no Redis is configured, or `acceptsDrop` would come too late; ScraperError when the run ends with an error.
 */
export async function runOnCluster(options: ClusterRunOptions): Promise<ClusterRunEnd> {
  const { config, tasks, clock, log } = options;
  const redis = connectCluster(config, log);
  const desk = openRunDesk({ config, tasks, redis, clock, log });
  try {
    if (!(await isRedisReady(redis, log, options.signal))) return { kind: 'left', executionId: null };
    const nominalDay = nominalDayOf(clock.now());
    const executionId = await chooseExecutionId(desk, nominalDay);
    refuseToChange(options, await desk.stateOf(executionId), executionId);
    await desk.enqueue({ executionId, nominalDay, acceptsDrop: options.acceptsDrop ?? false });
    log.info({ executionId, cities: tasks.map(({ city }) => city) }, 'run is on its queue');
    options.onStarted?.(executionId);
    const nodes = await createClusterRegistry({ redis, config, clock, log }).list();
    for (const { sentence } of await missingRoles({ queues: desk.queues, nodes, tasks })) options.onWaiting(sentence);
    return await follow(options, desk, executionId);
  } finally {
    await desk.close();
    redis.disconnect();
  }
}

/** What a run that is under way accepts cannot be changed any more, and must not be ignored in silence. */
function refuseToChange({ acceptsDrop = false }: ClusterRunOptions, state: string, executionId: string): void {
  if (!acceptsDrop || state === 'unknown') return;
  const message =
    `--accept-drop: expected a run that is not on its queue yet, got ${executionId}, which is ${state}; ` +
    'wait for its end (oikotie status) and give the command again';
  throw new ConfigError([message]);
}

async function follow(
  options: ClusterRunOptions,
  { engine, board }: RunDesk,
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

async function resultOf(board: RunBoard, executionId: string): Promise<ExecutionResult> {
  const result = await board.read(executionId, 'result');
  if (result !== null) return result as ExecutionResult; // written by the store of the same deployment
  const message = `result of ${executionId}: expected it from the store, got none; see: oikotie sql "from executions"`;
  throw new ScraperError('RESULT_MISSING', message, { category: 'UNKNOWN' });
}
