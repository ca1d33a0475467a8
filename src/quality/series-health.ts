/**
 * How the series stands, in the few figures that somebody is warned by: per city when it was complete last and how
 * complete its last run was, and what became of the last run. It only computes.
 */
import type { CityVerdict, ExecutionStatus } from './city-receipt.ts';

export interface CityHealth {
  readonly city: string;
  /** Of the last run whose books are closed. */
  readonly verdict: CityVerdict;
  /** Share of the listings of that run that are settled well, 0 to 1; null when there were none to settle. */
  readonly completeness: number | null;
  /** Nominal day (`YYYY-MM-DD`) of the last complete run; null when it never was complete. */
  readonly lastCompleteDay: string | null;
  /** Nominal day of its first run. */
  readonly firstDay: string;
  readonly openQuarantines: number;
}

export interface RunHealth {
  readonly executionId: string;
  readonly nominalDay: string;
  readonly status: ExecutionStatus;
  /** Epoch milliseconds. */
  readonly finishedAtMs: number;
}

export interface SeriesHealth {
  /** By name. */
  readonly cities: readonly CityHealth[];
  /** The last run that ended, days without a run left out; null when there was none. */
  readonly lastRun: RunHealth | null;
}

/** Days from one nominal day to another, both `YYYY-MM-DD`; negative when the second one is earlier. */
export function daysBetween(earlier: string, later: string): number {
  return Math.round((Date.parse(later) - Date.parse(earlier)) / 86_400_000);
}

/**
 * Days since the city was complete, 0 on that day. A city that never was counts from the day before its first run.
 * @param today nominal day
 */
export function daysSinceComplete({ lastCompleteDay, firstDay }: CityHealth, today: string): number {
  return lastCompleteDay === null ? daysBetween(firstDay, today) + 1 : daysBetween(lastCompleteDay, today);
}
