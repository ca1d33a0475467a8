/**
 * One run a day, or a word why there is none: on time, late, twice at once, cut off in the middle, paused, with a Redis
 * that has forgotten everything. The record is in a real Redis; what is started is counted.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { ScheduleBook } from '../../queues/schedule-book.ts';
import { createScheduleBook } from '../../queues/schedule-book.ts';
import type { DayKeeper, DayKeeperPorts } from '../../workers/day-keeper.ts';
import { createDayKeeper } from '../../workers/day-keeper.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { silentLog as log, useRedis } from '../queues/redis-server.ts';

const redis = useRedis();
const timezone = 'Europe/Helsinki';
const daily = { pattern: '30 5 * * *', timezone };
const at = (utc: string): number => Date.parse(`${utc}Z`);

type Skipped = Parameters<DayKeeperPorts['recordSkipped']>[0];

let clock: FakeClock;
let book: ScheduleBook;
/** Executions that are known to the queue, in the order they came. */
let started: string[];
let skipped: Skipped[];

beforeEach(async () => {
  await redis().flushall();
  clock = createFakeClock(at('2026-11-20T10:00:00'));
  book = createScheduleBook({ redis: redis(), prefix: 'test' });
  started = [];
  skipped = [];
});

function keeper(ports: Partial<DayKeeperPorts> = {}): DayKeeper {
  return createDayKeeper({
    book,
    clock,
    log,
    ports: {
      isRunKnown: async (executionId) => started.includes(executionId),
      startRun: async ({ executionId }) => {
        if (!started.includes(executionId)) started.push(executionId);
      },
      recordSkipped: async (day) => void skipped.push(day),
      ...ports,
    },
  });
}

async function outcomes(): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await book.days()).map(({ day, outcome }) => [day, outcome]));
}

describe('a day', () => {
  it('whose tick comes on time has its run', async () => {
    clock.set(at('2026-11-21T03:30:00.050'));

    await keeper().settle(at('2026-11-21T03:30:00'));

    expect(started).toEqual(['daily-2026-11-21']);
    expect(await book.days()).toEqual([
      { day: '2026-11-21', outcome: 'ran', atUtc: '2026-11-21T03:30:00.050Z', executionId: 'daily-2026-11-21' },
    ]);
  });

  it('is that of the planned time, though midnight comes before the tick', async () => {
    clock.set(at('2026-11-21T22:00:01'));

    await keeper().settle(at('2026-11-21T21:59:59'));

    expect(started).toEqual(['daily-2026-11-21']);
    expect(await outcomes()).toEqual({ '2026-11-21': 'ran' });
  });

  it.each([
    ['30 5 * * *', '2026-03-29'],
    ['30 3 * * *', '2026-03-29'],
    ['30 5 * * *', '2026-10-25'],
    ['30 3 * * *', '2026-10-25'],
  ])('of %s on %s, when the clock is put, has one run', async (pattern, day) => {
    clock.set(at(`${day}T00:00:00`) - 12 * 3_600_000);
    const kept = keeper();
    const looks = Array.from({ length: 36 * 4 });
    for (const _ of looks) {
      await kept.look({ pattern, timezone });
      clock.set(clock.now() + 15 * 60_000);
    }

    expect(started.filter((each) => each === `daily-${day}`)).toHaveLength(1);
    expect(Object.values(await outcomes())).not.toContain('missed');
  });

  it('that was missed is caught up while it is that day, and written down as missed when it is not', async () => {
    await keeper().look(daily);
    clock.set(at('2026-11-23T16:00:00'));

    await keeper().look(daily);

    expect(started).toEqual(['daily-2026-11-23']);
    expect(await outcomes()).toEqual({ '2026-11-21': 'missed', '2026-11-22': 'missed', '2026-11-23': 'caught_up' });
    expect(skipped).toEqual(
      ['21', '22'].map((day) => ({
        executionId: `daily-2026-11-${day}`,
        nominalDay: `2026-11-${day}`,
        status: 'missed',
        plannedAtUtc: `2026-11-${day}T03:30:00.000Z`,
      })),
    );
  });

  it('before the schedule was first set up was nobody’s to run', async () => {
    const kept = keeper();
    await kept.look(daily);
    clock.set(at('2026-11-20T21:00:00'));
    await kept.look(daily);

    expect(started).toEqual([]);
    expect(await outcomes()).toEqual({});
  });

  it('that has a run already is left at that, whatever started it', async () => {
    started.push('daily-2026-11-21');
    clock.set(at('2026-11-21T03:30:00'));

    await keeper().settle(clock.now());

    expect(started).toEqual(['daily-2026-11-21']);
    expect(await outcomes()).toEqual({ '2026-11-21': 'already_run' });
  });

  it('whose scheduler dies between starting the run and writing that down has one run', async () => {
    clock.set(at('2026-11-21T03:30:00'));
    const dying = { ...book, note: () => Promise.reject(new Error('killed')) };
    const first = createDayKeeper({
      ...{ book: dying, clock, log },
      ports: {
        isRunKnown: async () => false,
        startRun: async ({ executionId }) => void started.push(executionId),
        recordSkipped: async () => undefined,
      },
    });
    await expect(first.settle(clock.now())).rejects.toThrow('killed');

    await keeper().settle(at('2026-11-21T03:30:00'));

    expect(started).toEqual(['daily-2026-11-21']);
    expect(await outcomes()).toEqual({ '2026-11-21': 'already_run' });
  });

  it('whose scheduler dies before the run is on its queue is caught up by the next one', async () => {
    await keeper().look(daily);
    clock.set(at('2026-11-21T03:30:00'));
    const dying = keeper({ startRun: () => Promise.reject(new Error('killed')) });
    await expect(dying.settle(clock.now())).rejects.toThrow('killed');
    clock.set(at('2026-11-21T03:40:00'));

    await keeper().look(daily);

    expect(started).toEqual(['daily-2026-11-21']);
    expect(await outcomes()).toEqual({ '2026-11-21': 'caught_up' });
  });

  it('that two schedulers see to at once has one run, and the one that started it is believed', async () => {
    clock.set(at('2026-11-21T03:30:00'));
    const plannedMs = clock.now();

    await Promise.all([keeper(), keeper(), keeper()].map((each) => each.settle(plannedMs)));

    expect(started).toEqual(['daily-2026-11-21']);
    expect(await outcomes()).toEqual({ '2026-11-21': 'ran' });
  });

  it('is started by a new pattern whose time has passed today, but judged by the old one when it is over', async () => {
    await keeper().look({ pattern: '0 5 * * 5', timezone });
    clock.set(at('2026-11-24T04:00:00'));

    await keeper().look({ pattern: '30 4 * * *', timezone }, { pattern: '0 5 * * 5', timezone });

    expect(started).toEqual(['daily-2026-11-24']);
    expect(await outcomes()).toEqual({ '2026-11-24': 'caught_up' });
  });
});

describe('a paused schedule', () => {
  const pause = () => book.setPause({ atUtc: new Date(clock.now()).toISOString(), by: 'desk-1' });

  it('starts nothing and says so of the day; resumed on that day it is caught up', async () => {
    const kept = keeper();
    await kept.look(daily);
    await pause();
    clock.set(at('2026-11-21T03:30:00'));
    await kept.settle(clock.now());
    const whilePaused = { started: [...started], outcomes: await outcomes() };
    await book.endPause();
    clock.set(at('2026-11-21T09:00:00'));

    await kept.look(daily);

    expect(whilePaused).toEqual({ started: [], outcomes: { '2026-11-21': 'paused' } });
    expect(started).toEqual(['daily-2026-11-21']);
    expect(await outcomes()).toEqual({ '2026-11-21': 'caught_up' });
    expect(skipped).toEqual([]);
  });

  it('has the series say that a day was left out once it is over, also when no scheduler was there', async () => {
    await keeper().look(daily);
    await pause();
    clock.set(at('2026-11-21T03:30:00'));
    await keeper().settle(clock.now());
    clock.set(at('2026-11-23T01:00:00'));

    await keeper().look(daily);

    expect(await outcomes()).toEqual({ '2026-11-21': 'paused', '2026-11-22': 'paused' });
    expect(skipped.map(({ nominalDay, status }) => [nominalDay, status])).toEqual([
      ['2026-11-21', 'paused'],
      ['2026-11-22', 'paused'],
    ]);
  });
});

describe('a Redis that comes back empty', () => {
  it('costs no day: what came due while it was away is caught up', async () => {
    const kept = keeper();
    await kept.look(daily);
    clock.set(at('2026-11-21T03:29:30'));
    await kept.look(daily);
    await redis().flushall();
    clock.set(at('2026-11-21T03:31:30'));

    await kept.look(daily);

    expect(started).toEqual(['daily-2026-11-21']);
  });

  it('starts no second run of a day that had its run before', async () => {
    const kept = keeper();
    await kept.look(daily);
    clock.set(at('2026-11-21T03:30:00'));
    await kept.look(daily);
    await redis().flushall();
    started = [];
    clock.set(at('2026-11-21T08:00:00'));

    await kept.look(daily);

    expect(started).toEqual([]);
  });
});

describe('the record of the days', () => {
  const note = (outcome: Parameters<ScheduleBook['note']>[0]['outcome']) =>
    book.note({ day: '2026-11-21', outcome, atUtc: '2026-11-21T03:30:00.000Z', executionId: null });

  it('keeps what says most of a day', async () => {
    for (const outcome of ['paused', 'already_run', 'paused', 'ran', 'already_run', 'caught_up'] as const) {
      await note(outcome);
    }

    expect(await outcomes()).toEqual({ '2026-11-21': 'ran' });
  });

  it('is paused once and resumed once, however often that is asked', async () => {
    const asked = { atUtc: '2026-11-21T03:30:00.000Z', by: 'desk-1' };

    expect([await book.setPause(asked), await book.setPause({ ...asked, by: 'desk-2' })]).toEqual([true, false]);
    expect(await book.pause()).toEqual(asked);
    expect([await book.endPause(), await book.endPause()]).toEqual([true, false]);
    expect(await book.pause()).toBeNull();
  });
});
