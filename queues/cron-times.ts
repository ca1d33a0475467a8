/**
 * When a schedule comes true, as BullMQ itself reckons it: its own function is asked, so that what is printed, what is
 * caught up and what fires cannot differ. A time that summer time leaves out comes one hour later on that clock, a time
 * that comes twice comes true the first time.
 */
import { getNextMillis } from 'bullmq';
import { boundsOfNominalDay, nominalDayOf } from '../src/clock.ts';
import { messageOf, ScraperError } from '../src/errors.ts';

export interface ScheduleDefinition {
  /** Cron pattern of 5 fields, or 6 with seconds first. */
  readonly pattern: string;
  /** IANA time zone that the pattern is read in. */
  readonly timezone: string;
}

/** Tells which day an instant belongs to, and when that day begins and ends; names of days sort by time. */
export interface Calendar {
  readonly dayOf: (epochMs: number) => string;
  readonly boundsOf: (day: string) => { readonly fromMs: number; readonly toMs: number };
}

/** The nominal days of runs: Helsinki's. */
export const helsinkiCalendar: Calendar = { dayOf: nominalDayOf, boundsOf: boundsOfNominalDay };

/**
 * The first time after an instant, in epoch milliseconds; null when there is none.
 * @throws ScraperError SCHEDULE_INVALID when BullMQ cannot read the definition.
 */
export function nextTime({ pattern, timezone }: ScheduleDefinition, afterMs: number): number | null {
  try {
    return getNextMillis(afterMs, { pattern, tz: timezone }) ?? null;
  } catch (error) {
    const message = `schedule: expected a pattern and a time zone that can be read, got "${pattern}" in ${timezone} (${messageOf(error)}); correct schedule.pattern or schedule.timezone`;
    throw new ScraperError('SCHEDULE_INVALID', message, { category: 'UNKNOWN', cause: error });
  }
}

/** The times at which the runs of the next days start after an instant: of each day with a time its first one. */
export function nextDays(
  definition: ScheduleDefinition,
  { afterMs, count, calendar = helsinkiCalendar }: { afterMs: number; count: number; calendar?: Calendar },
): readonly number[] {
  const times: number[] = [];
  let fromMs = afterMs;
  while (times.length < count) {
    const timeMs = nextTime(definition, fromMs);
    if (timeMs === null) break;
    times.push(timeMs);
    fromMs = calendar.boundsOf(calendar.dayOf(timeMs)).toMs - 1;
  }
  return times;
}

/** The first time of each day that came true after `afterMs` and up to `untilMs`, oldest first. */
export function dueTimes(
  definition: ScheduleDefinition,
  { afterMs, untilMs, calendar = helsinkiCalendar }: { afterMs: number; untilMs: number; calendar?: Calendar },
): readonly number[] {
  const times: number[] = [];
  for (let fromMs = afterMs; ; ) {
    const timeMs = nextTime(definition, fromMs);
    if (timeMs === null || timeMs > untilMs) return times;
    times.push(timeMs);
    fromMs = calendar.boundsOf(calendar.dayOf(timeMs)).toMs - 1;
  }
}
