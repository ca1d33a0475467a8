/**
 * Puts a run on its queue, for whoever wants one: a person, who may want a second one on the same day, or the schedule,
 * whose run is named after its day and can be there once only.
 */
import type { CityTask, Config } from '../config/config.ts';
import { createBullMqEngine } from '../queues/bullmq-engine.ts';
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import type { JobEngine } from '../queues/job-engine.ts';
import { createCityLimitStore } from '../queues/redis-city-limits.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import type { RunBoard } from '../queues/run-board.ts';
import { createRunBoard } from '../queues/run-board.ts';
import type { Clock } from '../src/clock.ts';
import type { JobRequest } from '../src/jobs/job.ts';
import { jobIdOf, queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import { clusterPrefix } from './cluster.ts';
import { engineSettings } from './handlers.ts';
import { setQueueLimits } from './queue-limits.ts';

export interface RunDeskOptions {
  readonly config: Config;
  /** The cities of the runs, each with its listing limit. */
  readonly tasks: readonly CityTask[];
  readonly redis: RedisConnection;
  readonly clock: Clock;
  readonly log: Log;
}

interface WantedRun {
  readonly executionId: string;
  readonly nominalDay: string;
  /** An operator accepts that the cities lose many listings at once; by default not. */
  readonly acceptsDrop?: boolean;
}

/** Where runs are handed in; it takes no jobs itself. */
export interface RunDesk {
  readonly engine: JobEngine;
  readonly queues: BullMqQueues;
  readonly board: RunBoard;
  /** Sets the limits of the queues as they are in force, then adds the run; one that is there already stays as it is. */
  readonly enqueue: (run: WantedRun) => Promise<void>;
  /** What BullMQ says of the run; `unknown` when it has forgotten it or never knew. */
  readonly stateOf: (executionId: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export function openRunDesk({ config, tasks, redis, clock, log }: RunDeskOptions): RunDesk {
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
  return {
    engine,
    queues,
    board: createRunBoard({ redis, prefix: clusterPrefix }),
    enqueue: async (run) => {
      await setQueueLimits(queues, config, await createCityLimitStore({ redis, prefix: clusterPrefix }).read());
      await engine.add(runJob(run, tasks));
    },
    stateOf: (executionId) => queues.queue(queueNames.runs).getJobState(jobIdOf(executionId, 'run')),
    close: async () => {
      await engine.stop(0);
      await queues.close();
    },
  };
}

/** The execution of a day that the schedule starts. */
export function dailyExecutionId(nominalDay: string): string {
  return `daily-${nominalDay}`;
}

/** The day's run that has not ended, or the name of the next one: `daily-2026-11-25`, then `daily-2026-11-25-2`, … */
export async function chooseExecutionId({ stateOf }: RunDesk, nominalDay: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const daily = dailyExecutionId(nominalDay);
    const executionId = number === 1 ? daily : `${daily}-${number}`;
    if (!hasEnded(await stateOf(executionId))) return executionId;
  }
}

/** True for the state of a run that came to its end, whichever. */
function hasEnded(state: string): boolean {
  return state === 'completed' || state === 'failed';
}

function runJob({ executionId, nominalDay, acceptsDrop = false }: WantedRun, tasks: readonly CityTask[]): JobRequest {
  return {
    id: jobIdOf(executionId, 'run'),
    kind: 'run',
    queue: queueNames.runs,
    payload: {
      executionId,
      nominalDay,
      tasks: tasks.map(({ city, url, priority, listingLimit }) => ({ city, url, priority, listingLimit })),
      acceptsDrop,
    },
  };
}
