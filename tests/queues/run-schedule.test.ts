/**
 * The clockwork of the schedule on a real Redis, with patterns of seconds: what a restart, an upsert in the middle and a
 * second scheduler must not do to a day.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BullMqQueues } from '../../queues/bullmq-queues.ts';
import type { Calendar } from '../../queues/cron-times.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import { connectRedis } from '../../queues/redis-connection.ts';
import type { RunSchedule } from '../../queues/run-schedule.ts';
import { createRunSchedule } from '../../queues/run-schedule.ts';
import { createScheduleBook } from '../../queues/schedule-book.ts';
import { systemClock } from '../../src/clock.ts';
import { createDayKeeper } from '../../workers/day-keeper.ts';
import { silentLog as log, redisAt, useRedis } from './redis-server.ts';

const shared = useRedis();
const timezone = 'Europe/Helsinki';
const everySecond = { pattern: '* * * * * *', timezone };
const patience = { timeout: 30_000, interval: 20 };

const connections: RedisConnection[] = [];
const schedules: RunSchedule[] = [];
let prefixes = 0;

function newPrefix(): string {
  prefixes += 1;
  return `{schedule${prefixes}}`;
}

/** A scheduler's part in the schedule, on a connection of its own as in a process of its own. */
function open(prefix: string): { readonly schedule: RunSchedule; readonly redis: RedisConnection } {
  const { port = 0 } = shared().options;
  const redis = connectRedis({ target: redisAt(port), name: 'scheduler', log });
  const schedule = createRunSchedule({ redis, prefix, log });
  connections.push(redis);
  schedules.push(schedule);
  return { schedule, redis };
}

afterEach(async () => {
  await Promise.all(schedules.splice(0).map((schedule) => schedule.close()));
  for (const redis of connections.splice(0)) redis.disconnect();
});

const ignore = { onTick: async () => undefined, onNudge: async () => undefined };

describe('a schedule', () => {
  it('ticks with the time that was planned', async () => {
    const { schedule } = open(newPrefix());
    const planned: number[] = [];
    const stop = schedule.takeTicks('a', {
      ...ignore,
      onTick: async (plannedMs) => void planned.push(plannedMs),
    });

    await schedule.define(everySecond);
    await vi.waitUntil(() => planned.length >= 2, patience);
    await stop();

    expect(planned.map((plannedMs) => plannedMs % 1_000)).toEqual(planned.map(() => 0));
    expect(new Set(planned).size).toBe(planned.length);
  });

  it('that is set up already is left as it is, with the tick that is due', async () => {
    const { schedule } = open(newPrefix());
    const first = await schedule.define(everySecond);
    const due = (await schedule.current())?.nextMs ?? 0;
    await vi.waitUntil(() => Date.now() > due + 1_500, patience);

    const second = await schedule.define(everySecond);
    const planned: number[] = [];
    const stop = schedule.takeTicks('a', { ...ignore, onTick: async (plannedMs) => void planned.push(plannedMs) });
    await vi.waitUntil(() => planned.length > 0, patience);
    await stop();

    expect([first, second]).toEqual([true, false]);
    expect(planned[0]).toBe(due);
  });

  it('is set up anew when its pattern is another one, or when its tick was lost', async () => {
    const prefix = newPrefix();
    const { schedule, redis } = open(prefix);
    await schedule.define({ pattern: '30 5 * * *', timezone });
    const changed = await schedule.define({ pattern: '30 4 * * *', timezone });
    const { nextMs } = (await schedule.current()) ?? { nextMs: null };
    await redis.del(`${prefix}:schedule:repeat:daily:${nextMs}`);
    await redis.del(`${prefix}:schedule:delayed`);

    const mended = await schedule.define({ pattern: '30 4 * * *', timezone });

    expect([changed, mended]).toEqual([true, true]);
    expect(await schedule.current()).toEqual({ pattern: '30 4 * * *', timezone, nextMs });
    expect(await redis.zcard(`${prefix}:schedule:delayed`)).toBe(1);
  });

  it('can be taken down, and is not there then', async () => {
    const { schedule } = open(newPrefix());
    await schedule.define(everySecond);

    expect([await schedule.remove(), await schedule.remove()]).toEqual([true, false]);
    expect(await schedule.current()).toBeNull();
  });

  it('knows who takes its ticks, and makes one of them look when asked', async () => {
    const { schedule } = open(newPrefix());
    let looks = 0;
    const stops = ['b', 'a'].map((nodeId) =>
      schedule.takeTicks(nodeId, {
        ...ignore,
        onNudge: async () => {
          looks += 1;
        },
      }),
    );
    await vi.waitUntil(async () => (await schedule.takers()).length === 2, patience);

    await schedule.nudge();
    await vi.waitUntil(() => looks > 0, patience);

    expect(await schedule.takers()).toEqual(['a', 'b']);
    await Promise.all(stops.map((stop) => stop()));
    expect(looks).toBe(1);
  });
});

/** Days of one second each, named so that they sort. */
const secondsAsDays: Calendar = {
  dayOf: (epochMs) => String(Math.floor(epochMs / 1_000)),
  boundsOf: (day) => ({ fromMs: Number(day) * 1_000, toMs: (Number(day) + 1) * 1_000 }),
};

describe('several schedulers on one Redis', () => {
  it('start one run a day, though they are killed and the schedule is set up again and again', async () => {
    const prefix = newPrefix();
    const runs = new BullMqQueues({ redis: shared(), prefix, log });
    const book = createScheduleBook({ redis: shared(), prefix });
    const starts: string[] = [];
    const stops: (() => Promise<void>)[] = [];
    const start = async (nodeId: string) => {
      const { schedule, redis } = open(prefix);
      const keeper = createDayKeeper({
        ...{ book, clock: systemClock, log, calendar: secondsAsDays },
        ports: {
          isRunKnown: async (id) => (await runs.queue('runs').getJobState(id)) !== 'unknown',
          startRun: async ({ executionId, nominalDay }) => {
            starts.push(executionId);
            await runs.queue('runs').add('run', { nominalDay, nodeId }, { jobId: executionId });
          },
          recordSkipped: async () => undefined,
        },
      });
      const look = () => keeper.look(everySecond);
      await look();
      await schedule.define(everySecond);
      stops.push(schedule.takeTicks(nodeId, { onTick: keeper.settle, onNudge: look }));
      return { schedule, redis, look };
    };
    const first = await start('one');
    const living = [await start('two')];
    const firstDay = Number(secondsAsDays.dayOf(Date.now())) + 1;
    const untilDay = (day: number) => vi.waitUntil(async () => (await book.day(String(day))) !== null, patience);

    await untilDay(firstDay);
    // As a process that dies: nothing is finished, nothing is given back.
    first.redis.disconnect();
    for (const round of [1, 2, 3]) {
      await untilDay(firstDay + round);
      const [survivor] = living;
      await survivor?.schedule.remove();
      living.push(await start(`restarted-${round}`));
      await Promise.all(living.flatMap(({ look, schedule }) => [look(), schedule.define(everySecond)]));
    }
    await untilDay(firstDay + 4);
    // A tick that a busy machine left out is found by the next look.
    await living[0]?.look();
    await Promise.all(stops.map((stop) => stop()));
    const jobs = await runs.queue('runs').getJobs();
    await runs.close();

    const days = jobs.map(({ data }) => Number((data as { nominalDay: string }).nominalDay)).sort((a, b) => a - b);
    const wanted = [0, 1, 2, 3, 4].map((offset) => firstDay + offset);
    expect(days.filter((day) => wanted.includes(day))).toEqual(wanted);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(jobs.length);
    expect(starts.length).toBeGreaterThanOrEqual(days.length);
  });
});
