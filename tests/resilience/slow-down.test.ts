/** The slow-down: quick to grow, slow to shrink, never faster than configured. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservedRequest, SlowDown } from '../../src/resilience/slow-down.ts';
import { noSlowDown, observeRequest } from '../../src/resilience/slow-down.ts';

const maxFactor = 8;

/** The state after `count` alike requests, one a second, the first one at `fromMs`. */
function observed(
  before: SlowDown,
  count: number,
  fromMs: number,
  request: Partial<Omit<ObservedRequest, 'atMs'>> = {},
): SlowDown {
  let state = before;
  for (let n = 0; n < count; n += 1) {
    const atMs = fromMs + n * 1000;
    state = observeRequest(state, { durationMs: 400, isTrouble: false, ...request, atMs }, { maxFactor });
  }
  return state;
}

describe('slow-down', () => {
  it('does nothing while answers are as ever, a single failure included', () => {
    const calm = observed(noSlowDown, 100, 0);

    expect(observed(calm, 1, 100_000, { isTrouble: true }).factor).toBe(1);
  });

  it('doubles within a few requests when answers take far longer than usual, and says why', () => {
    const calm = observed(noSlowDown, 100, 0);

    const slow = observed(calm, 10, 100_000, { durationMs: 3000 });

    expect(slow.factor).toBeGreaterThanOrEqual(2);
    expect(slow.reason).toMatch(/^answers take \d+ ms instead of \d+ ms$/);
  });

  it('lets a quick portal vary', () => {
    const calm = observed(noSlowDown, 100, 0, { durationMs: 5 });

    expect(observed(calm, 50, 100_000, { durationMs: 60 }).factor).toBe(1);
  });

  it.each([1, 5, 30])('reaches its most within %i times the requests of its steps when all fail', (share) => {
    const failing = observed(noSlowDown, 20 * share, 0, { isTrouble: true });

    expect(failing.factor).toBe(maxFactor);
    expect(failing.reason).toBe('several of the last requests failed');
  });

  it('takes minutes of calm to come back, step by step, and ends at exactly 1', () => {
    const failing = observed(noSlowDown, 20, 0, { isTrouble: true });

    const afterOneMinute = observed(failing, 100, 20_000);
    const afterAnHour = observed(failing, 3600, 20_000);

    expect(afterOneMinute.factor).toBeLessThan(maxFactor);
    expect(afterOneMinute.factor).toBeGreaterThan(maxFactor / 2);
    expect(afterAnHour).toMatchObject({ factor: 1, reason: null });
  });

  it('gets used to a portal that has become slower for good', () => {
    const slower = observed(observed(noSlowDown, 100, 0), 2000, 100_000, { durationMs: 3000 });

    expect(slower.factor).toBe(1);
  });

  it('stays between 1 and its most, grows only on trouble or slowness and shrinks only without', () => {
    const request = fc.record({
      durationMs: fc.integer({ min: 0, max: 60_000 }),
      isTrouble: fc.boolean(),
      afterMs: fc.integer({ min: 0, max: 120_000 }),
    });

    fc.assert(
      fc.property(
        fc.array(request, { maxLength: 200 }),
        fc.double({ min: 1, max: 50, noNaN: true }),
        (requests, most) => {
          let state = noSlowDown;
          let atMs = 0;
          for (const { durationMs, isTrouble, afterMs } of requests) {
            atMs += afterMs;
            const next = observeRequest(state, { atMs, durationMs, isTrouble }, { maxFactor: most });
            expect(next.factor).toBeGreaterThanOrEqual(1);
            expect(next.factor).toBeLessThanOrEqual(most);
            if (next.factor > state.factor) expect(next.reason).not.toBeNull();
            if (next.factor < state.factor) expect(atMs - state.calmSinceMs).toBeGreaterThanOrEqual(60_000);
            state = next;
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
