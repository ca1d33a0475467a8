/**
 * The schedule of the cluster as an operator sees it, pauses and resumes it.
 */

import type { Config } from '../../config/config.ts';
import { helsinkiCalendar, nextDays } from '../../queues/cron-times.ts';
import type { RunSchedule } from '../../queues/run-schedule.ts';
import type { DayRecord, ScheduleBook } from '../../queues/schedule-book.ts';
import type { ScheduleState } from '../../queues/schedule-state.ts';
import type { Clock } from '../../src/clock.ts';
import { toUtcIso } from '../../src/clock.ts';
import type { AuditSink } from '../../src/lineage/audit-event.ts';
import { operatorEvent } from '../../src/lineage/operator-event.ts';

export interface ScheduleDesk {
  readonly config: Pick<Config, 'schedule' | 'nodeId'>;
  readonly schedule: RunSchedule;
  readonly book: ScheduleBook;
  readonly clock: Clock;
  readonly audit: AuditSink;
}

export interface Resumed {
  /** Today's run was left out by the pause and is caught up now. */
  readonly catchesUp: boolean;
  /** False: nothing starts until somebody starts one. */
  readonly hasScheduler: boolean;
}

const shownDays = 10;

export async function readSchedule({ config, schedule, book, clock }: ScheduleDesk): Promise<ScheduleState> {
  const current = await schedule.current();
  const { pattern, timezone } = current ?? config.schedule;
  const days = await book.days();
  const [nextMs] = nextDays({ pattern, timezone }, { afterMs: afterToday(days, clock.now()), count: 1 });
  return {
    pattern,
    timezone,
    isSetUp: current !== null,
    isEnabled: config.schedule.isEnabled,
    paused: await book.pause(),
    schedulers: await schedule.takers(),
    nextUtc: nextMs === undefined ? null : toUtcIso(nextMs),
    days: days.slice(-shownDays),
  };
}

/** No run of the schedule starts until it is resumed; a run that is under way goes on. False when it was paused already. */
export async function pauseSchedule(desk: ScheduleDesk): Promise<boolean> {
  const { book, clock, config } = desk;
  const isNew = await book.setPause({ atUtc: toUtcIso(clock.now()), by: config.nodeId });
  if (isNew) recordScheduleAction(desk, 'the schedule was paused');
  return isNew;
}

/** Runs start again; a run of today whose time has passed meanwhile is caught up at once. Null when it was not paused. */
export async function resumeSchedule(desk: ScheduleDesk): Promise<Resumed | null> {
  const { book, schedule, clock } = desk;
  if (!(await book.endPause())) return null;
  recordScheduleAction(desk, 'the schedule was resumed');
  const today = await book.day(helsinkiCalendar.dayOf(clock.now()));
  await schedule.nudge();
  return { catchesUp: today?.outcome === 'paused', hasScheduler: (await schedule.takers()).length > 0 };
}

function recordScheduleAction({ audit, clock, config }: ScheduleDesk, message: string): void {
  audit(operatorEvent({ clock, nodeId: config.nodeId }, { message: `${message}: by an operator` }));
}

/** Until when the schedule has nothing more to do: the end of today when today's run was seen to, else now. */
function afterToday(days: readonly DayRecord[], nowMs: number): number {
  const today = helsinkiCalendar.dayOf(nowMs);
  const isDone = days.some(({ day, outcome }) => day === today && outcome !== 'paused');
  return isDone ? helsinkiCalendar.boundsOf(today).toMs - 1 : nowMs;
}
