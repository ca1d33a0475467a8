/**
 * A clock that stands still until a test moves it. Sleepers wake in the order of their time; between two of them
 * everything that was waiting on them runs first.
 */
import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on by `durationMs`, waking every sleeper on the way. */
  readonly advance: (durationMs: number) => Promise<void>;
  /** Moves time on to the earliest sleepers and wakes only them. */
  readonly runNext: () => Promise<void>;
  /** Moves time from sleeper to sleeper until nobody sleeps any more. */
  readonly runAll: () => Promise<void>;
  /** Sets the time as an operator would, without waking anybody. */
  readonly set: (epochMs: number) => void;
  readonly sleepers: () => number;
  /** When the next sleeper wakes; Infinity when nobody ever does. */
  readonly nextWakeMs: () => number;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Makes a clock that starts at `startMs`, by default 2026-11-22T03:00:00Z. */
export function createFakeClock(startMs = Date.UTC(2026, 10, 22, 3)): FakeClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();

  function earliest(limitMs: number): Sleeper | null {
    let first: Sleeper | null = null;
    for (const sleeper of sleepers) {
      if (sleeper.atMs <= limitMs && (first === null || sleeper.atMs < first.atMs)) first = sleeper;
    }
    return first;
  }

  async function runUntil(limitMs: number): Promise<void> {
    await turn();
    for (let next = earliest(limitMs); next !== null; next = earliest(limitMs)) {
      sleepers.delete(next);
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
      await turn();
    }
  }

  return {
    now: () => nowMs,
    sleep: (durationMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const sleeper = { atMs: nowMs + Math.max(0, durationMs), wake: () => wake() };
        const wake = () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        };
        const giveUp = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        sleepers.add(sleeper);
        // Many sleep on the one signal of a run.
        if (signal !== undefined) setMaxListeners(0, signal);
        signal?.addEventListener('abort', giveUp, { once: true });
      }),
    after: (durationMs, action) => {
      const sleeper = { atMs: nowMs + Math.max(0, durationMs), wake: action };
      sleepers.add(sleeper);
      return () => sleepers.delete(sleeper);
    },
    advance: async (durationMs) => {
      const targetMs = nowMs + durationMs;
      await runUntil(targetMs);
      nowMs = targetMs;
    },
    runNext: () => runUntil(earliest(Number.POSITIVE_INFINITY)?.atMs ?? nowMs),
    runAll: () => runUntil(Number.POSITIVE_INFINITY),
    set: (epochMs) => {
      nowMs = epochMs;
    },
    sleepers: () => sleepers.size,
    nextWakeMs: () => Math.min(...[...sleepers].map(({ atMs }) => atMs)),
  };
}
