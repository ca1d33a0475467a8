/**
 * The clockwork of the schedule: one BullMQ job scheduler, whose ticks whoever runs a scheduler takes. A tick carries the
 * time it was planned for, however late it comes. It is on a queue of its own, since a queue's rate limit would delay it.
 */
import type { Job } from 'bullmq';
import { Queue, Worker } from 'bullmq';
import { queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import type { ScheduleDefinition } from './cron-times.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isAway, isConnectionError } from './redis-connection.ts';

export interface RunScheduleOptions {
  /** With `maxRetriesPerRequest: null`; it stays open. */
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly log: Log;
}

export interface SetUpSchedule extends ScheduleDefinition {
  /** When it fires next, epoch milliseconds; in the past when nobody was there to take the tick. */
  readonly nextMs: number | null;
}

export interface TickHandlers {
  /** The time of a day has come; `plannedMs` is the time that was planned. */
  readonly onTick: (plannedMs: number) => Promise<void>;
  /** Somebody has changed something: look at once. */
  readonly onNudge: () => Promise<void>;
}

export interface RunSchedule {
  /** What is set up; null when nothing is. */
  readonly current: () => Promise<SetUpSchedule | null>;
  /** Sets it up unless it is: doing so again would throw a tick away that is due. True when something was changed. */
  readonly define: (definition: ScheduleDefinition) => Promise<boolean>;
  /** False when there was none. */
  readonly remove: () => Promise<boolean>;
  /** Takes ticks, on one node at a time, until the function given back is called: it waits for the one under way. */
  readonly takeTicks: (nodeId: string, handlers: TickHandlers) => () => Promise<void>;
  /** Makes a scheduler look at once. */
  readonly nudge: () => Promise<void>;
  /** Names of the nodes that take ticks. */
  readonly takers: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

const schedulerId = 'daily';
const nudgeName = 'look';

/** A tick that failed is tried again soon; the minutely look comes to the same end if it is lost. */
const tickOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: { count: 50 },
  removeOnFail: { count: 50 },
} as const;

/** A node that died with a tick is noticed soon; a tick takes milliseconds. */
const timing = { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 1_000_000 };

export function createRunSchedule({ redis, prefix, log }: RunScheduleOptions): RunSchedule {
  const connection = { connection: redis, prefix };
  const queue = new Queue(queueNames.schedule, connection);
  queue.on('error', (error) => log.debug({ error: error.message }, 'the schedule lost its connection'));

  async function current(): Promise<SetUpSchedule | null> {
    const known = await queue.getJobScheduler(schedulerId);
    if (known?.pattern === undefined) return null;
    return { pattern: known.pattern, timezone: known.tz ?? 'UTC', nextMs: known.next ?? null };
  }

  /** True when the next tick is there to come, or to be taken. */
  async function hasTick({ nextMs }: SetUpSchedule): Promise<boolean> {
    const state = await queue.getJobState(`repeat:${schedulerId}:${nextMs}`);
    return state !== 'unknown' && state !== 'completed' && state !== 'failed';
  }

  return {
    current,
    define: async ({ pattern, timezone }) => {
      const known = await current();
      const isSame = known !== null && known.pattern === pattern && known.timezone === timezone;
      if (isSame && (await hasTick(known))) return false;
      await queue.upsertJobScheduler(schedulerId, { pattern, tz: timezone }, { name: 'tick', opts: tickOptions });
      return true;
    },
    remove: () => queue.removeJobScheduler(schedulerId),
    takeTicks: (nodeId, { onTick, onNudge }) => {
      const work = (job: Job): Promise<void> => (job.name === nudgeName ? onNudge() : onTick(plannedTimeOf(job)));
      const worker = new Worker(queueNames.schedule, work, { ...connection, name: nodeId, ...timing });
      // The connection itself has said that it is lost.
      worker.on('error', (error) => {
        const level = isAway(redis) || isConnectionError(error) ? 'debug' : 'warn';
        log[level]({ error: error.message }, 'the schedule met an error');
      });
      worker.on('failed', (job, error) => log.warn({ tick: job?.id, error: error.message }, 'a tick failed'));
      // Without Redis nothing can be finished; the tick goes to whoever is there when it is back.
      return () => worker.close(isAway(redis));
    },
    nudge: async () => {
      await queue.add(nudgeName, {}, { jobId: nudgeName, removeOnComplete: true, removeOnFail: true });
    },
    takers: async () => [...new Set((await queue.getWorkers()).map(nodeIdOf))].sort(),
    close: () => queue.close(),
  };
}

/** BullMQ names a tick after the time that was planned: `repeat:daily:<epoch milliseconds>`. */
function plannedTimeOf({ id = '', opts, timestamp }: Job): number {
  return opts.prevMillis ?? (Number(/:(\d+)$/.exec(id)?.[1]) || timestamp);
}

/** A connection of a worker is called `<prefix>:<queue in base 64>:w:<name of the worker>`. */
function nodeIdOf({ rawname = '' }: { [name: string]: string }): string {
  return /:w:(.+)$/.exec(rawname)?.[1] ?? 'unknown';
}
