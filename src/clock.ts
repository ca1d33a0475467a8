/**
 * Time as a thing that is passed in, so that tests can drive it. Nothing else in src/ calls Date.now or setTimeout.
 */
import { setImmediate as setImmediatePromise, setTimeout as setTimeoutPromise } from 'node:timers/promises';

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

/** Longest part of a wait that is spent looking at the clock instead of sleeping, in milliseconds. */
const finestWaitMs = 2.5;

/**
 * A clock for pacing: it counts from an arbitrary start, is never set back, and its sleeps end within a fraction of a
 * millisecond, where a timer is up to two late. The last moment of a sleep yields to the event loop over and over; it
 * costs a few percent of a core at 20 sleeps a second. Not for times that are kept: it stands still while a laptop sleeps.
 */
const paceClock: Clock = {
  now: () => performance.now(),
  sleep: async (durationMs, signal) => {
    const endMs = performance.now() + durationMs;
    if (durationMs > finestWaitMs) await systemClock.sleep(Math.floor(durationMs - finestWaitMs), signal);
    while (performance.now() < endMs) await setImmediatePromise(undefined, signal === undefined ? {} : { signal });
  },
  after: systemClock.after,
};

/** The clock to pace by where `clock` tells the time: an exact one for the system's, the same one for any other. */
export function paceClockOf(clock: Clock): Clock {
  return clock === systemClock ? paceClock : clock;
}

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

const hourMs = 3_600_000;
const minuteMs = 60_000;

/**
 * The clock on a wall in Helsinki: minutes since its midnight, 0 to 1439. On the day summer time ends an hour of them
 * comes twice, on the day it begins one is left out.
 */
export function helsinkiMinuteOf(epochMs: number): number {
  const [hour = 0, minute = 0] = wallTime.format(epochMs).split(':').map(Number);
  return hour * 60 + minute;
}

const wallTime = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', timeStyle: 'short' });

/**
 * When a nominal day begins and the next one begins, in epoch milliseconds: 24 hours apart, or 23 or 25 where summer
 * time begins or ends. Midnight in Helsinki is a whole hour of UTC.
 * @param nominalDay `YYYY-MM-DD`
 */
export function boundsOfNominalDay(nominalDay: string): { readonly fromMs: number; readonly toMs: number } {
  const noonMs = Date.parse(`${nominalDay}T10:00:00Z`);
  const startOf = (nearMs: number): number => nearMs - helsinkiMinuteOf(nearMs) * minuteMs;
  // Summer time changes at night: seen from noon the same day, midnight may be an hour off.
  const corrected = (startMs: number): number => {
    const minutes = helsinkiMinuteOf(startMs);
    return startMs - (minutes > 12 * 60 ? minutes - 24 * 60 : minutes) * minuteMs;
  };
  return { fromMs: corrected(startOf(noonMs)), toMs: corrected(startOf(noonMs + 24 * hourMs)) };
}
