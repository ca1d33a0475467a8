/**
 * A clock that starts at any moment and runs faster than time, for tests of whole runs that go on over minutes or a
 * change of day. Sockets keep real time, so timeouts must be given with room.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';

/** Makes a clock that shows `startAt` (ISO 8601) now and then runs `speed` times as fast. */
export function createQuickClock(startAt: string, speed: number): Clock {
  const startMs = Date.parse(startAt);
  const begunMs = performance.now();
  return {
    now: () => startMs + (performance.now() - begunMs) * speed,
    sleep: (durationMs, signal) => systemClock.sleep(durationMs / speed, signal),
    after: (durationMs, action) => systemClock.after(durationMs / speed, action),
  };
}
