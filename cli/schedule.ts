/**
 * `oikotie schedule`: shows when the daily run starts and what became of the last days, and pauses or resumes it. Times
 * are Helsinki's, with UTC beside them where it matters.
 */

import type { Config } from '../config/config.ts';
import { helsinkiCalendar, nextDays } from '../queues/cron-times.ts';
import type { RunSchedule } from '../queues/run-schedule.ts';
import type { DayRecord, ScheduleBook } from '../queues/schedule-book.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import { operatorEvent } from '../src/lineage/operator-event.ts';
import type { CommandIo } from './command.ts';
import type { ScheduleState } from './schedule-page.ts';
import { renderNext, renderSchedule, renderTime } from './schedule-page.ts';
import { widthOf } from './text-table.ts';

export interface ScheduleView {
  readonly config: Config;
  readonly schedule: RunSchedule;
  readonly book: ScheduleBook;
  readonly clock: Clock;
  readonly audit: AuditSink;
  readonly json: boolean;
}

const shownDays = 10;

export async function listSchedule(view: ScheduleView, io: CommandIo): Promise<void> {
  const state = await readState(view);
  if (view.json) io.stdout.write(`${JSON.stringify(state, null, 2)}\n`);
  else io.stdout.write(renderSchedule(state, widthOf(io.stdout)));
}

/** Prints the times of the next runs, of each day once; a day that has its run already is left out. */
export async function showNext(view: ScheduleView, count: number, io: CommandIo): Promise<void> {
  const state = await readState(view);
  const times = state.nextUtc === null ? [] : nextDays(state, { afterMs: Date.parse(state.nextUtc) - 1, count });
  const runs = times.map((timeMs) => ({ nominalDay: helsinkiCalendar.dayOf(timeMs), startsAtUtc: toUtcIso(timeMs) }));
  if (view.json) io.stdout.write(`${JSON.stringify({ ...pick(state), runs }, null, 2)}\n`);
  else io.stdout.write(renderNext(state, times));
}

function pick({ pattern, timezone, isSetUp, isEnabled, paused }: ScheduleState) {
  return { pattern, timezone, isSetUp, isEnabled, paused };
}

/** No run of the schedule starts until it is resumed; a run that is under way goes on. */
export async function pauseSchedule(view: ScheduleView, io: CommandIo): Promise<void> {
  const { book, clock, config } = view;
  const isNew = await book.setPause({ atUtc: toUtcIso(clock.now()), by: config.nodeId });
  if (!isNew) {
    io.stdout.write('The schedule was paused already; resume it with: oikotie schedule resume\n');
    return;
  }
  recordAction(view, 'the schedule was paused');
  io.stdout.write(
    'The schedule is paused: no run starts by itself until "oikotie schedule resume". A run that is under way goes on.\n',
  );
}

/** Runs start again; a run of today whose time has passed meanwhile is caught up at once. */
export async function resumeSchedule(view: ScheduleView, io: CommandIo): Promise<void> {
  const { book, schedule, clock } = view;
  if (!(await book.endPause())) {
    io.stdout.write('The schedule was not paused; nothing has changed.\n');
    return;
  }
  recordAction(view, 'the schedule was resumed');
  const today = await book.day(helsinkiCalendar.dayOf(clock.now()));
  await schedule.nudge();
  const consequence =
    today?.outcome === 'paused' ? "Today's run, which was left out, is caught up now." : await nextSentence(view);
  io.stdout.write(`The schedule is resumed. ${consequence}\n`);
  if ((await schedule.takers()).length === 0) {
    io.stderr.write('warning: no scheduler is running, so nothing starts; start one with: oikotie scheduler\n');
  }
}

/** Says in the audit log that a person did it. */
export function recordAction({ audit, clock, config }: ScheduleView, message: string, executionId?: string): void {
  const deed = { message: `${message}: by an operator`, executionId: executionId ?? null };
  audit(operatorEvent({ clock, nodeId: config.nodeId }, deed));
}

async function nextSentence(view: ScheduleView): Promise<string> {
  const { nextUtc } = await readState(view);
  return nextUtc === null ? 'It names no time to come.' : `The next run starts ${renderTime(Date.parse(nextUtc))}.`;
}

async function readState({ config, schedule, book, clock }: ScheduleView): Promise<ScheduleState> {
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

/** Until when the schedule has nothing more to do: the end of today when today's run was seen to, else now. */
function afterToday(days: readonly DayRecord[], nowMs: number): number {
  const today = helsinkiCalendar.dayOf(nowMs);
  const isDone = days.some(({ day, outcome }) => day === today && outcome !== 'paused');
  return isDone ? helsinkiCalendar.boundsOf(today).toMs - 1 : nowMs;
}
