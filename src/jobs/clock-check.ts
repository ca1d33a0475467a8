/**
 * Whether the clock of this machine can be believed. What a run stores is ordered by time: a clock that has jumped back
 * would write the news of today into the history of yesterday.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { SeriesStore } from './series-store.ts';

/** A clock may be behind the series by this much: clocks are set right now and then. */
const toleranceMs = 300_000;

/** The sentence that says how far the clock is behind the series; null when it is not. */
export async function findClockBehind(
  store: Pick<SeriesStore, 'lastRecordedAtMs'>,
  clock: Pick<Clock, 'now'>,
): Promise<string | null> {
  const [nowMs, lastMs] = [clock.now(), await store.lastRecordedAtMs()];
  if (lastMs === null || nowMs >= lastMs - toleranceMs) return null;
  const minutes = Math.round((lastMs - nowMs) / 60_000);
  return (
    `the clock of this machine says ${toUtcIso(nowMs)}, ${minutes} minutes before the newest time in the database ` +
    `(${toUtcIso(lastMs)}); nothing was asked; set the clock right, or, when that time is wrong, restore a backup from before it`
  );
}
