/**
 * Today, put together from what is published and what goes on now: the day's runs, and each city with what is the matter with
 * it. Pure; it knows no language.
 */
import type { Config } from '../../config/config.ts';
import type { CityProgress } from '../../src/jobs/city-progress.ts';
import type { RunOfDay } from '../../src/storage/day-reader.ts';
import type { CityToday } from '../../src/storage/today-reader.ts';
import type { LiveRun, LiveSchedule, OpenBreaker } from './live-sources.ts';

/** How it stands with a city today; the first five as its receipt says. */
export type Condition =
  | 'complete'
  | 'partial'
  | 'failed'
  | 'foreign'
  | 'quarantined'
  | 'collecting'
  | 'waiting'
  | 'stopped'
  | 'notStarted'
  | 'paused'
  | 'missed';

export interface CityState {
  readonly city: string;
  readonly condition: Condition;
  /** The run of today that has or had it; null when there is none, or none that is published. */
  readonly executionId: string | null;
  /** `YYYY-MM-DD` of the last run, when that is not today; null when it is, or there never was one. */
  readonly lastDay: string | null;
  readonly progress: Pick<CityProgress, 'settled' | 'total'> | null;
  /** Listings whose outcome is known, and the portal's own total. */
  readonly captured: number | null;
  readonly portalTotal: number | null;
  readonly new: number | null;
  readonly changed: number | null;
  /** Known at the end only. */
  readonly gone: number | null;
  readonly failed: number | null;
  readonly requests: number | null;
  /** Requests per second; null when there were too few to say. */
  readonly rate: number | null;
  /** Infinity = no limit; null for a city that is not configured. */
  readonly allowedRate: number | null;
  /** Epoch milliseconds; null unless it is being collected. */
  readonly etaMs: number | null;
  /** Of a city that is closed. */
  readonly durationMs: number | null;
  readonly lastCompleteDay: string | null;
  /** Why, in the words of the receipt. */
  readonly reason: string | null;
  readonly breaker: OpenBreaker | null;
}

export type RunKind = 'running' | 'still' | 'died' | 'unseen' | 'ending' | RunOfDay['status'];

export interface RunState {
  readonly executionId: string;
  /** `unseen`: nobody can say whether it goes on; `ending`: it has ended and is about to be published. */
  readonly kind: RunKind;
  readonly startedAtUtc: string | null;
  readonly finishedAtUtc: string | null;
  /** Since when nothing has moved, epoch milliseconds; null unless it stands still or died. */
  readonly movedAtMs: number | null;
  readonly closedCities: number;
  /** Null when the run does not say how many it is to collect. */
  readonly cities: number | null;
  /** False until the series knows of it. */
  readonly isPublished: boolean;
  readonly missingParts: RunOfDay['missingParts'];
}

export interface TodayState {
  readonly day: string;
  readonly runs: readonly RunState[];
  /** By name: those that are collected today or are to be. */
  readonly cities: readonly CityState[];
  /** Cities of the series that nobody collects any more. */
  readonly retired: readonly { readonly city: string; readonly lastDay: string }[];
  readonly schedule: LiveSchedule | null;
  /** Of the whole portal; null while it is closed. */
  readonly portalBreaker: OpenBreaker | null;
  /** What cannot be seen of what goes on now; null when everything can. */
  readonly unseen: string | null;
}

export interface TodayInput {
  readonly day: string;
  readonly nowMs: number;
  readonly config: Pick<Config, 'tasks'>;
  readonly receipts: readonly CityToday[];
  readonly runs: readonly RunOfDay[];
  /** Null = they could not be asked for; then `unseen` says why. */
  readonly live: readonly LiveRun[] | null;
  /** Executions of the series that have ended, though it does not say so yet. */
  readonly ended: ReadonlySet<string>;
  readonly breakers: readonly OpenBreaker[];
  readonly schedule: LiveSchedule | null;
  readonly unseen: string | null;
}

/** A run whose counts have not changed for this long stands still. */
const stillAfterMs = 120_000;
const portalBreakerName = 'portal';

export function composeToday(input: TodayInput): TodayState {
  const { day, config, receipts, schedule, breakers, unseen } = input;
  const isCollected = (city: string) => config.tasks.some((task) => task.city === city && task.enabled);
  const planned = config.tasks.filter(({ enabled }) => enabled).map(({ city }) => city);
  const inProgress = (input.live ?? []).flatMap(({ cities }) => cities.map(({ city }) => city));
  const ofToday = receipts.filter((receipt) => receipt.nominalDay === day).map(({ city }) => city);
  const names = [...new Set([...planned, ...ofToday, ...inProgress])].sort((one, other) =>
    one.localeCompare(other, 'fi'),
  );
  return {
    day,
    runs: runsOf(input),
    cities: names.map((city) => cityOf(city, input)),
    retired: receipts
      .filter(({ city, nominalDay }) => nominalDay !== day && !isCollected(city))
      .map(({ city, nominalDay }) => ({ city, lastDay: nominalDay })),
    schedule,
    portalBreaker: breakers.find(({ name }) => name === portalBreakerName) ?? null,
    unseen,
  };
}

function runsOf(input: TodayInput): readonly RunState[] {
  const { runs, live, nowMs } = input;
  const known = runs.map((run): RunState => {
    const { executionId, startedAtUtc, finishedAtUtc, missingParts, closedCities } = run;
    const now = (live ?? []).find((each) => each.executionId === executionId);
    const kind = run.status === 'running' || now?.isAlive === true ? kindOf(executionId, now, input) : run.status;
    const hasMoved = kind === 'still' || kind === 'died' ? (now?.movedAtMs ?? null) : null;
    return {
      ...{ executionId, kind, startedAtUtc: run.resumedAtUtc ?? startedAtUtc, finishedAtUtc, missingParts },
      movedAtMs: hasMoved,
      closedCities: Math.max(closedCities, doneOf(now)),
      cities: run.cities.length,
      isPublished: true,
    };
  });
  const unpublished = (live ?? [])
    .filter(({ executionId, isAlive }) => isAlive && !runs.some((run) => run.executionId === executionId))
    .map((now): RunState => {
      const isStill = nowMs - now.movedAtMs > stillAfterMs;
      return {
        executionId: now.executionId,
        kind: isStill ? 'still' : 'running',
        startedAtUtc: now.startedAtMs === null ? null : new Date(now.startedAtMs).toISOString(),
        finishedAtUtc: null,
        movedAtMs: isStill ? now.movedAtMs : null,
        closedCities: doneOf(now),
        cities: now.planned?.length ?? null,
        isPublished: false,
        missingParts: [],
      };
    });
  return [...known, ...unpublished];
}

function kindOf(executionId: string, now: LiveRun | undefined, { live, ended, nowMs }: TodayInput): RunKind {
  if (now?.isAlive === true) return nowMs - now.movedAtMs > stillAfterMs ? 'still' : 'running';
  if (live === null) return 'unseen';
  return ended.has(executionId) ? 'ending' : 'died';
}

function doneOf(now: LiveRun | undefined): number {
  return now === undefined ? 0 : now.cities.filter(({ isDone }) => isDone).length;
}

function cityOf(city: string, input: TodayInput): CityState {
  const { day, receipts, breakers, config } = input;
  const task = config.tasks.find((each) => each.city === city);
  const last = receipts.find((each) => each.city === city);
  const today = last?.nominalDay === day ? last : null;
  const run = (input.live ?? []).find(({ isAlive, cities }) => isAlive && cities.some((each) => each.city === city));
  const progress = run?.cities.find((each) => each.city === city) ?? null;
  const allowedRate = task === undefined ? null : rateOf(task.requestIntervalMs);
  const shared = {
    city,
    lastDay: today === null ? (last?.nominalDay ?? null) : null,
    lastCompleteDay: last?.lastCompleteDay ?? null,
    breaker: breakers.find(({ name }) => name === city) ?? null,
  };
  // A receipt that is published says more than the progress of a city that is done.
  const isShownLive = progress !== null && (today?.executionId !== run?.executionId || today?.verdict == null);
  const isPublished = input.runs.some(({ executionId }) => executionId === run?.executionId);
  if (isShownLive)
    return { ...shared, ...liveColumns(progress), executionId: isPublished ? (run?.executionId ?? null) : null };
  if (today !== null) return { ...shared, ...receiptColumns(today, input), allowedRate };
  return { ...shared, ...emptyColumns, condition: conditionWithoutRun(city, input), allowedRate };
}

const emptyColumns = {
  executionId: null,
  progress: null,
  ...{ captured: null, portalTotal: null, new: null, changed: null, gone: null, failed: null, requests: null },
  ...{ rate: null, etaMs: null, durationMs: null, reason: null },
} as const;

function liveColumns(progress: CityProgress) {
  const { settled, total, portalTotal, requests, requestsPerSecond, allowedPerSecond, failed, etaMs } = progress;
  return {
    ...emptyColumns,
    condition: 'collecting' as const,
    progress: { settled, total },
    captured: settled - failed,
    portalTotal,
    ...{ new: progress.new, changed: progress.changed, failed, requests, etaMs },
    rate: requests < 2 ? null : requestsPerSecond,
    allowedRate: allowedPerSecond,
  };
}

function receiptColumns(today: CityToday, input: TodayInput) {
  const { discovered, failed, requests, startedAtUtc, finishedAtUtc, executionId, portalTotal, gone } = today;
  const isClosed = today.verdict !== null;
  const durationMs =
    isClosed && startedAtUtc !== null && finishedAtUtc !== null
      ? Math.max(0, Date.parse(finishedAtUtc) - Date.parse(startedAtUtc))
      : null;
  const canTell = durationMs !== null && durationMs > 0 && requests !== null && requests > 1;
  return {
    ...emptyColumns,
    condition: conditionOf(today, input),
    executionId,
    captured: discovered === null ? null : (today.new ?? 0) + (today.changed ?? 0) + (today.unchanged ?? 0),
    portalTotal,
    ...{ new: today.new, changed: today.changed, gone, failed, requests, durationMs },
    rate: canTell ? ((requests - 1) * 1_000) / durationMs : null,
    reason: today.isQuarantined ? (today.drift ?? today.reason) : today.reason,
  };
}

function conditionOf(today: CityToday, input: TodayInput): Condition {
  if (today.verdict !== null) return today.isQuarantined ? 'quarantined' : today.verdict;
  const kind = runsOf(input).find(({ executionId }) => executionId === today.executionId)?.kind;
  const goesOn = kind === 'running' || kind === 'still' || kind === 'unseen' || kind === 'ending';
  if (!goesOn) return 'stopped';
  return today.startedAtUtc === null ? 'waiting' : 'collecting';
}

function conditionWithoutRun(city: string, { runs, live, schedule }: TodayInput): Condition {
  const isWaiting = (run: LiveRun) =>
    run.isAlive && !runs.some(({ executionId }) => executionId === run.executionId) && mayCollect(run, city);
  if ((live ?? []).some(isWaiting)) return 'waiting';
  const isSkipped = (status: 'missed' | 'paused') => runs.some((run) => run.status === status);
  if (schedule?.today === 'missed' || isSkipped('missed')) return 'missed';
  const isPaused = schedule !== null && schedule.pausedSinceUtc !== null;
  return isPaused || schedule?.today === 'paused' || isSkipped('paused') ? 'paused' : 'notStarted';
}

/** A run that does not say what it collects is taken to be one of all. */
function mayCollect({ planned }: LiveRun, city: string): boolean {
  return planned === null || planned.includes(city);
}

function rateOf(intervalMs: number): number {
  return intervalMs === 0 ? Number.POSITIVE_INFINITY : 1_000 / intervalMs;
}
