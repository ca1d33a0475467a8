/**
 * `oikotie schedule`: shows when the daily run starts and what became of the last days, and pauses or resumes it. Times
 * are Helsinki's, with UTC beside them where it matters.
 */

import type { Config } from '../config/config.ts';
import { helsinkiCalendar, nextDays } from '../queues/cron-times.ts';
import type { ScheduleState } from '../queues/schedule-state.ts';
import { toUtcIso } from '../src/clock.ts';
import type { ScheduleDesk } from '../workers/operator/schedule.ts';
import { pauseSchedule, readSchedule, resumeSchedule } from '../workers/operator/schedule.ts';
import type { CommandIo } from './command.ts';
import { renderNext, renderSchedule, renderTime } from './schedule-page.ts';
import { widthOf } from './text-table.ts';

export interface ScheduleView extends ScheduleDesk {
  readonly config: Config;
  readonly json: boolean;
}

export async function listSchedule(view: ScheduleView, io: CommandIo): Promise<void> {
  const state = await readSchedule(view);
  if (view.json) io.stdout.write(`${JSON.stringify(state, null, 2)}\n`);
  else io.stdout.write(renderSchedule(state, widthOf(io.stdout)));
}

/** Prints the times of the next runs, of each day once; a day that has its run already is left out. */
export async function showNext(view: ScheduleView, count: number, io: CommandIo): Promise<void> {
  const state = await readSchedule(view);
  const times = state.nextUtc === null ? [] : nextDays(state, { afterMs: Date.parse(state.nextUtc) - 1, count });
  const runs = times.map((timeMs) => ({ nominalDay: helsinkiCalendar.dayOf(timeMs), startsAtUtc: toUtcIso(timeMs) }));
  if (view.json) io.stdout.write(`${JSON.stringify({ ...pick(state), runs }, null, 2)}\n`);
  else io.stdout.write(renderNext(state, times));
}

function pick({ pattern, timezone, isSetUp, isEnabled, paused }: ScheduleState) {
  return { pattern, timezone, isSetUp, isEnabled, paused };
}

/** No run of the schedule starts until it is resumed; a run that is under way goes on. */
export async function pause(view: ScheduleView, io: CommandIo): Promise<void> {
  const isNew = await pauseSchedule(view);
  io.stdout.write(
    isNew
      ? 'The schedule is paused: no run starts by itself until "oikotie schedule resume". A run that is under way goes on.\n'
      : 'The schedule was paused already; resume it with: oikotie schedule resume\n',
  );
}

/** Runs start again; a run of today whose time has passed meanwhile is caught up at once. */
export async function resume(view: ScheduleView, io: CommandIo): Promise<void> {
  const resumed = await resumeSchedule(view);
  if (resumed === null) {
    io.stdout.write('The schedule was not paused; nothing has changed.\n');
    return;
  }
  const caughtUp = "Today's run, which was left out, is caught up now.";
  io.stdout.write(`The schedule is resumed. ${resumed.catchesUp ? caughtUp : await nextSentence(view)}\n`);
  if (!resumed.hasScheduler) {
    io.stderr.write('warning: no scheduler is running, so nothing starts; start one with: oikotie scheduler\n');
  }
}

async function nextSentence(view: ScheduleView): Promise<string> {
  const { nextUtc } = await readSchedule(view);
  return nextUtc === null ? 'It names no time to come.' : `The next run starts ${renderTime(Date.parse(nextUtc))}.`;
}
