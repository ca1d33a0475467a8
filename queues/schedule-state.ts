/** What is told of the schedule, by a command and by a page. */
import type { ScheduleDefinition } from './cron-times.ts';
import type { DayRecord, Pause } from './schedule-book.ts';

/** The schedule as it is. */
export interface ScheduleState extends ScheduleDefinition {
  /** False: no scheduler has set it up; pattern and timezone are the configured ones. */
  readonly isSetUp: boolean;
  /** False when the configuration switches it off. */
  readonly isEnabled: boolean;
  /** Null while it is not paused. */
  readonly paused: Pause | null;
  /** Nodes that run a scheduler now. */
  readonly schedulers: readonly string[];
  /** When the next run starts, ISO 8601 UTC; null when it never does. */
  readonly nextUtc: string | null;
  /** The last days, oldest first. */
  readonly days: readonly DayRecord[];
}
