/**
 * Sees a run begin while something else asks the portal, so that the two never ask at the same time. It does not open
 * the database: for that moment the run could not.
 */
import { access } from 'node:fs/promises';
import type { Clock } from '../src/clock.ts';

const lookEveryMs = 1_000;

export interface SeriesWatch {
  /** Aborts with `stop` of the caller, or when somebody holds the database. */
  readonly signal: AbortSignal;
  /** True when it aborted because somebody holds the database. */
  readonly hasGivenWay: () => boolean;
  /** Ends the watch. */
  readonly close: () => Promise<void>;
}

/**
 * Watches a database that nobody held when the watch began. Whoever writes to it has a log beside it (`.wal`) for as long
 * as it is open, once something was written; a command that is done in a moment does not last two looks.
 */
export function watchSeries(databasePath: string, clock: Pick<Clock, 'sleep'>, stop: AbortSignal): SeriesWatch {
  const taken = new AbortController();
  const closing = new AbortController();
  const watching = look();

  async function look(): Promise<void> {
    for (let seen = 0; seen < 2; seen = (await isThere(`${databasePath}.wal`)) ? seen + 1 : 0) {
      try {
        await clock.sleep(lookEveryMs, closing.signal);
      } catch {
        return; // The watch was closed.
      }
    }
    taken.abort(new Error('a run has begun'));
  }

  return {
    signal: AbortSignal.any([stop, taken.signal]),
    hasGivenWay: () => taken.signal.aborted,
    close: async () => {
      closing.abort();
      await watching;
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false; // No log: nobody has written.
  }
}
