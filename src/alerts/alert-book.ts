/**
 * The port that keeps which alerts are open, and what each channel has still to be told, over restarts. Its adapters: a file
 * of the state directory (queues/file-alert-book.ts) and Redis (queues/redis-alert-book.ts); both pass
 * tests/queues/alert-book-contract.ts.
 */
import type { AlertChanges, AlertEvent, OpenAlert } from './alert.ts';

/** What a channel has still to be told. */
export interface PendingEvents {
  /** Oldest first. */
  readonly events: readonly AlertEvent[];
  /** Times that telling them has failed so far. */
  readonly attempts: number;
}

/** Every method may throw StorageError STATE_UNUSABLE when the book cannot be reached. */
export interface AlertBook {
  /** Those that are open, by key. */
  readonly open: () => Promise<readonly OpenAlert[]>;
  /**
   * Opens and resolves, and notes for each channel what it is to be told, all at once. What somebody else has opened or
   * resolved meanwhile is left out: each change is told once. Gives back what this call has changed.
   */
  readonly apply: (changes: AlertChanges, atUtc: string, channels: readonly string[]) => Promise<AlertChanges>;
  readonly pending: (channel: string) => Promise<PendingEvents>;
  /** Does the work unless somebody else is telling the channel now; false then. */
  readonly whileAlone: (channel: string, work: () => Promise<void>) => Promise<boolean>;
  /** The first so many events are told, or given up. */
  readonly settle: (channel: string, count: number) => Promise<void>;
  /** Telling has failed once more; gives the number of times. */
  readonly noteFailure: (channel: string) => Promise<number>;
}
