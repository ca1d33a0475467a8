/**
 * Sees to it that each day of the schedule has its run once, or says why it has none. Everything here may be done twice,
 * by two schedulers at once, or be cut off between any two steps: a run is named after its day, so the second one adds
 * nothing, and the run is on its queue before its day is written down.
 */
import type { Calendar, ScheduleDefinition } from '../queues/cron-times.ts';
import { dueTimes, helsinkiCalendar } from '../queues/cron-times.ts';
import type { DayOutcome, DayRecord, ScheduleBook } from '../queues/schedule-book.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import type { Log } from '../src/log.ts';
import { dailyExecutionId } from './run-desk.ts';

/** What became of a day that is over. */
type Skipped = 'missed' | 'paused';

export interface DayKeeperPorts {
  /** True when the run is waiting, under way or done. */
  readonly isRunKnown: (executionId: string) => Promise<boolean>;
  /** Puts the run on its queue; a run that is there stays as it is. */
  readonly startRun: (run: { readonly executionId: string; readonly nominalDay: string }) => Promise<void>;
  /** Has the series say that the day has no run. */
  readonly recordSkipped: (day: {
    readonly executionId: string;
    readonly nominalDay: string;
    readonly status: Skipped;
    readonly plannedAtUtc: string;
  }) => Promise<void>;
}

interface DayKeeperOptions {
  readonly book: ScheduleBook;
  readonly ports: DayKeeperPorts;
  readonly clock: Clock;
  readonly log: Log;
  /** Helsinki's by default. */
  readonly calendar?: Calendar;
}

export interface DayKeeper {
  /** Does what the day of a planned time asks for, whenever it is told. */
  readonly settle: (plannedMs: number) => Promise<void>;
  /**
   * Settles every day whose time has come since the last look, at most a year back, and today again.
   * @param before what was in force until now; it tells which days that are over were due
   */
  readonly look: (definition: ScheduleDefinition, before?: ScheduleDefinition) => Promise<void>;
  /** There is no schedule now; days from here on are nobody's fault. */
  readonly rest: () => Promise<void>;
}

/** A run that starts within this of its time is on time, also when midnight lies between. */
const onTimeMs = 60_000;
const longestLookBackMs = 366 * 86_400_000;

const sentences = {
  ran: 'the run of the day is on its queue',
  caught_up: 'the run of the day was late and is on its queue now',
  already_run: 'the day has a run already',
  missed: 'a day went by without its run: no scheduler was there',
  paused: 'the run of the day was not started: the schedule is paused',
} as const satisfies Record<DayOutcome, string>;

export function createDayKeeper(options: DayKeeperOptions): DayKeeper {
  const { book, ports, clock, log, calendar = helsinkiCalendar } = options;
  let lastLookMs: number | null = null;

  async function note(day: string, outcome: DayOutcome): Promise<void> {
    const executionId = outcome === 'missed' || outcome === 'paused' ? null : dailyExecutionId(day);
    await book.note({ day, outcome, atUtc: toUtcIso(clock.now()), executionId });
    log[outcome === 'missed' ? 'error' : 'info']({ day, outcome }, sentences[outcome]);
  }

  async function settlePast(day: string, plannedMs: number, record: DayRecord | null): Promise<void> {
    const executionId = dailyExecutionId(day);
    if (await ports.isRunKnown(executionId)) return note(day, 'already_run');
    const paused = await book.pause();
    const wasPaused = record !== null || (paused !== null && Date.parse(paused.atUtc) <= plannedMs);
    const status: Skipped = wasPaused ? 'paused' : 'missed';
    await ports.recordSkipped({ executionId, nominalDay: day, status, plannedAtUtc: toUtcIso(plannedMs) });
    if (record === null) await note(day, status);
  }

  async function settleToday(day: string, plannedMs: number, record: DayRecord | null): Promise<void> {
    const executionId = dailyExecutionId(day);
    if (await ports.isRunKnown(executionId)) return note(day, 'already_run');
    if ((await book.pause()) !== null) return record === null ? note(day, 'paused') : undefined;
    await ports.startRun({ executionId, nominalDay: day });
    await note(day, clock.now() - plannedMs <= onTimeMs ? 'ran' : 'caught_up');
  }

  async function settle(plannedMs: number): Promise<void> {
    const day = calendar.dayOf(plannedMs);
    const record = await book.day(day);
    if (record !== null && record.outcome !== 'paused') return;
    const nowMs = clock.now();
    const isOver = day < calendar.dayOf(nowMs) && nowMs - plannedMs > onTimeMs;
    await (isOver ? settlePast(day, plannedMs, record) : settleToday(day, plannedMs, record));
  }

  return {
    settle,
    look: async (definition, before = definition) => {
      const nowMs = clock.now();
      // A Redis that came back empty has forgotten since when there is a schedule; this process has not.
      const sinceMs = await book.begin(lastLookMs ?? nowMs);
      const lookedMs = (await book.lookedUntil()) ?? sinceMs;
      const startOf = (epochMs: number): number => calendar.boundsOf(calendar.dayOf(epochMs)).fromMs;
      const beforeFirstMs = startOf(Math.max(lookedMs, nowMs - longestLookBackMs)) - 1;
      const beforeTodayMs = startOf(nowMs) - 1;
      const past = { afterMs: Math.max(sinceMs, beforeFirstMs), untilMs: beforeTodayMs, calendar };
      const today = { afterMs: Math.max(sinceMs, beforeTodayMs), untilMs: nowMs, calendar };
      for (const plannedMs of [...dueTimes(before, past), ...dueTimes(definition, today)]) await settle(plannedMs);
      await book.setLookedUntil(nowMs);
      lastLookMs = nowMs;
    },
    rest: () => book.end(),
  };
}
