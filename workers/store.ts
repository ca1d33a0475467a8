/**
 * The store: the one process of a cluster that opens the database. It opens executions, writes what the workers found,
 * closes the books of cities and runs, and shows the progress to whoever follows a run. It never asks the portal.
 */
import type { CityTask, Config } from '../config/config.ts';
import { createBullMqEngine } from '../queues/bullmq-engine.ts';
import type { RunBoard } from '../queues/run-board.ts';
import { createRunBoard } from '../queues/run-board.ts';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { AnyJobHandler } from '../src/jobs/job.ts';
import { runPayload } from '../src/jobs/payloads.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { Log } from '../src/log.ts';
import { openDatabase } from '../src/storage/database.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import { aborted, clusterPrefix, connectCluster, engineTiming, storeQueues } from './cluster.ts';
import { createStoreHandlers, engineSettings } from './handlers.ts';
import { logJobEvent } from './log-job-event.ts';
import { RequestRates } from './progress.ts';
import { readProgress } from './report-progress.ts';
import type { RoleOptions } from './worker.ts';
import { drainGraceMs } from './worker.ts';

/** How often the progress of a run is shown. */
const progressIntervalMs = 1_000;

/**
 * Stores until the signal aborts, then writes what it has taken and gives the file free.
 * @throws ConfigError when no Redis is configured; StorageError when the database cannot be opened.
 */
export async function runStore({ config, clock, random, log, signal }: RoleOptions): Promise<void> {
  const redis = connectCluster(config, log);
  try {
    const database = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database });
    try {
      const board = createRunBoard({ redis, prefix: clusterPrefix });
      const store = createSeriesStore({ database, clock });
      const watch = createRunWatch({ config, store, board, clock, log });
      const { handlers, batchHandler } = createStoreHandlers({ store: watch.counting(store), clock });
      const engine = createBullMqEngine({
        redis,
        prefix: clusterPrefix,
        takesFrom: storeQueues,
        handlers: handlers.map((handler) => (handler.kind === 'run' ? watch.watching(handler) : handler)),
        batchHandler,
        ...engineSettings({ config, tasks: config.tasks, random }),
        isAlreadySettled: () => false,
        clock,
        nodeId: config.nodeId,
        log,
        timing: engineTiming(config),
    onEvent: (event) => logJobEvent(log, event),
      });
      log.info({ nodeId: config.nodeId, database: config.databasePath }, 'store takes jobs');
      await aborted(signal);
      log.info({ nodeId: config.nodeId }, 'store stops: what it has taken is written first');
      await engine.stop(drainGraceMs);
      await watch.end();
    } finally {
      await database.close();
    }
  } finally {
    redis.disconnect();
  }
  log.info({ nodeId: config.nodeId }, 'store has stopped');
}

interface RunWatchOptions {
  readonly config: Config;
  readonly store: SeriesStore;
  readonly board: RunBoard;
  readonly clock: Clock;
  readonly log: Log;
}

/** Shows the progress of every run that is open, and its result when it has ended. */
function createRunWatch({ config, store, board, clock, log }: RunWatchOptions) {
  const rates = new RequestRates(clock);
  const ending = new AbortController();
  const watches = new Map<string, { readonly tasks: readonly CityTask[]; readonly loop: Promise<void> }>();

  async function show(executionId: string, tasks: readonly CityTask[]): Promise<void> {
    await board.write(executionId, 'progress', await readProgress({ store, rates, clock, executionId, tasks }));
  }

  async function loop(executionId: string, tasks: readonly CityTask[]): Promise<void> {
    while (!ending.signal.aborted && watches.has(executionId)) {
      try {
        await show(executionId, tasks);
        await clock.sleep(progressIntervalMs, ending.signal);
      } catch (error) {
        if (ending.signal.aborted) return;
        log.warn({ executionId, error: messageOf(error) }, 'the progress of a run cannot be shown');
      }
    }
  }

  return {
    /** The handler of `run`, watched from when it starts, also when it starts again. */
    watching: (handler: AnyJobHandler): AnyJobHandler => ({
      ...handler,
      run: async (payload, context) => {
        const { executionId, tasks: asked } = runPayload.parse(payload);
        const tasks = config.tasks.flatMap((task) => {
          const found = asked.find(({ city }) => city === task.city);
          return found === undefined ? [] : [{ ...task, listingLimit: found.listingLimit }];
        });
        const result = await handler.run(payload, context);
        if (!watches.has(executionId)) {
          const entry = { tasks, loop: Promise.resolve() };
          watches.set(executionId, entry);
          watches.set(executionId, { tasks, loop: loop(executionId, tasks) });
        }
        return result;
      },
    }),
    /** The store, with requests counted as they come in and the result shown when the books are closed. */
    counting: (inner: SeriesStore): SeriesStore => ({
      ...inner,
      commit: async (writes) => {
        for (const { entries } of writes.requestBatches ?? []) {
          for (const { city } of entries) if (city !== null) rates.record(city);
        }
        await inner.commit(writes);
      },
      saveExecutionResult: async (result, finishedAtUtc) => {
        await inner.saveExecutionResult(result, finishedAtUtc);
        const watched = watches.get(result.executionId);
        watches.delete(result.executionId);
        if (watched !== undefined) await show(result.executionId, watched.tasks);
        await board.write(result.executionId, 'result', result);
      },
    }),
    end: async (): Promise<void> => {
      ending.abort();
      await Promise.all([...watches.values()].map((watch) => watch.loop));
    },
  };
}
