/**
 * Time as a thing that is passed in, so that tests can drive it. Nothing else in src/ calls Date.now or setTimeout.
 */
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Resolves after `durationMs`; rejects with the signal's reason when it aborts first. */
  readonly sleep: (durationMs: number, signal?: AbortSignal) => Promise<void>;
  /**
   * Calls `action` once after `durationMs`; gives back how to call it off. For deadlines that are nearly always called
   * off: cheaper than a sleep that is aborted.
   */
  readonly after: (durationMs: number, action: () => void) => () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (durationMs, signal) => {
    await setTimeoutPromise(Math.max(0, durationMs), undefined, signal === undefined ? {} : { signal });
  },
  after: (durationMs, action) => {
    const timer = setTimeout(action, Math.max(0, durationMs));
    return () => clearTimeout(timer);
  },
};

/** ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T03:30:00.000Z`. */
export function toUtcIso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Made once: making one takes half a millisecond. */
const helsinkiDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Helsinki', dateStyle: 'short' });

/** The calendar day in Helsinki of an instant, `YYYY-MM-DD`: the nominal day of a run. */
export function nominalDayOf(epochMs: number): string {
  return helsinkiDay.format(epochMs);
}
