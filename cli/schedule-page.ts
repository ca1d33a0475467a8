/**
 * The schedule as a person reads it: times of Helsinki with the weekday, UTC beside those to come.
 */
import type { DayOutcome, DayRecord } from '../queues/schedule-book.ts';
import type { ScheduleState } from '../queues/schedule-state.ts';
import { columnWidths, renderRow } from './text-table.ts';

const helsinki = { timeZone: 'Europe/Helsinki' } as const;
const weekdayFormat = new Intl.DateTimeFormat('en-GB', { ...helsinki, weekday: 'short' });
const timeFormat = new Intl.DateTimeFormat('sv-SE', { ...helsinki, dateStyle: 'short', timeStyle: 'short' });
const utcFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'short' });

/** `Thu 2026-11-26 05:30 Helsinki (03:30 UTC)`; the day of UTC is there when it is another one. */
export function renderTime(epochMs: number): string {
  const [day, time] = timeFormat.format(epochMs).split(' ');
  const [utcDay, utcTime] = utcFormat.format(epochMs).split(' ');
  const utc = day === utcDay ? utcTime : `${utcDay} ${utcTime}`;
  return `${weekdayFormat.format(epochMs)} ${day} ${time} Helsinki (${utc} UTC)`;
}

const columns = [
  { title: 'day', isNumber: false },
  { title: 'outcome', isNumber: false },
  { title: 'noted', isNumber: false },
  { title: 'execution', isNumber: false },
] as const;

const words = {
  ran: 'run on time',
  caught_up: 'caught up',
  already_run: 'had a run already',
  missed: 'MISSED',
  paused: 'paused',
} as const satisfies Record<DayOutcome, string>;

/** What `schedule list` prints. @param width of the terminal; null = no limit */
export function renderSchedule(state: ScheduleState, width: number | null): string {
  const { pattern, timezone, nextUtc, schedulers, days } = state;
  const next = nextUtc === null ? 'never: the pattern names no time to come' : renderTime(Date.parse(nextUtc));
  const running =
    schedulers.length === 0 ? 'none is running; start one with: oikotie scheduler' : schedulers.join(', ');
  const lines = [
    ['pattern', `${pattern} in ${timezone}${state.isSetUp ? '' : ' (configured, not set up yet)'}`],
    ['next run', next],
    ['state', stateOf(state)],
    ['scheduler', running],
  ];
  const head = lines.map(([name = '', text = '']) => `${name.padEnd(9)}  ${text}\n`).join('');
  return `${head}\n${days.length === 0 ? 'No day is on record yet.\n' : renderDays(days, width)}`;
}

/** What `schedule next` prints: a line for each run. */
export function renderNext(state: ScheduleState, times: readonly number[]): string {
  const lines = times.length === 0 ? ['The pattern names no time to come.'] : times.map(renderTime);
  const isIdle = !state.isEnabled || state.paused !== null;
  return `${lines.join('\n')}\n${isIdle ? `But nothing starts: the schedule is ${stateOf(state)}.\n` : ''}`;
}

function stateOf({ isEnabled, paused }: ScheduleState): string {
  if (!isEnabled) return 'off: schedule.enabled is false';
  if (paused === null) return 'active';
  return `paused since ${timeFormat.format(Date.parse(paused.atUtc))} at ${paused.by}; resume it with: oikotie schedule resume`;
}

function renderDays(days: readonly DayRecord[], width: number | null): string {
  const rows = days.toReversed().map(({ day, outcome, atUtc, executionId }) => {
    const weekday = weekdayFormat.format(Date.parse(`${day}T12:00:00Z`));
    return [`${weekday} ${day}`, words[outcome], timeFormat.format(Date.parse(atUtc)), executionId ?? ''];
  });
  const widths = columnWidths(columns, rows, width);
  return [columns.map(({ title }) => title), ...rows].map((row) => renderRow(columns, row, widths)).join('');
}
