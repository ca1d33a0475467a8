/**
 * What the published series cannot know: which runs go on now, which breakers are open, what the schedule will do. Filled by
 * whoever starts the dashboard.
 */
import type { CityProgress } from '../../src/jobs/city-progress.ts';

export interface LiveRun {
  readonly executionId: string;
  /** Epoch milliseconds; null when the run does not say. */
  readonly startedAtMs: number | null;
  /** When a count was last another one, as far as is known. */
  readonly movedAtMs: number;
  /** False when the process that did it is gone. */
  readonly isAlive: boolean;
  /** Every city it is to collect; null when the run does not say. */
  readonly planned: readonly string[] | null;
  /** Those that have begun. */
  readonly cities: readonly CityProgress[];
}

/** A breaker that keeps calls from going out. */
export interface OpenBreaker {
  /** The city, or `portal` for all of them. */
  readonly name: string;
  readonly state: 'open' | 'trial' | 'held';
  readonly sinceMs: number | null;
  /** When it is tried again; null when only an operator knows. */
  readonly retryAtMs: number | null;
  /** In words; null when nothing is on record. */
  readonly reason: string | null;
}

export interface LiveSchedule {
  readonly isEnabled: boolean;
  /** ISO 8601 UTC; null while it is not paused. */
  readonly pausedSinceUtc: string | null;
  /** Next start, epoch milliseconds; null when it names none. */
  readonly nextMs: number | null;
  /** What became of today, in the schedule's words; null when nothing is on record. */
  readonly today: 'ran' | 'caught_up' | 'already_run' | 'missed' | 'paused' | null;
  /** False when nobody is there to start it. */
  readonly hasScheduler: boolean;
}

export interface LiveSources {
  /** @throws Error when what goes on cannot be seen, e.g. without Redis. */
  readonly runs: () => Promise<readonly LiveRun[]>;
  /** True when the run has come to its end, though the series that is published may not say so yet. */
  readonly hasEnded: (executionId: string) => Promise<boolean>;
  readonly breakers: () => Promise<readonly OpenBreaker[]>;
  /** Null where there is none: a run is started by hand or by cron. */
  readonly schedule: () => Promise<LiveSchedule | null>;
}

/** For a dashboard that sees the published series and nothing else. @internal For tests and benchmarks. */
export const nothingLive: LiveSources = {
  runs: async () => [],
  hasEnded: async () => false,
  breakers: async () => [],
  schedule: async () => null,
};
