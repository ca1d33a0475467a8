/** Fewer jobs at once under load, more again slowly: the rules over any sequence of samples. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadLevel, LoadSample } from '../../src/resilience/load-limiter.ts';
import { concurrencyAt, fullConcurrency, nextLevel } from '../../src/resilience/load-limiter.ts';

const limits = { maxMemoryBytes: 1_000, maxCpuPercent: 90 };
const calm: LoadSample = { memoryBytes: 500, cpuPercent: 10 };
const busy: LoadSample = { memoryBytes: 500, cpuPercent: 99 };
const full: LoadSample = { memoryBytes: 1_001, cpuPercent: 10 };
const between: LoadSample = { memoryBytes: 900, cpuPercent: 80 };

const levelAfter = (samples: readonly LoadSample[], from: LoadLevel = fullConcurrency) =>
  samples.reduce((state, sample) => nextLevel(state, sample, limits), from);
const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

describe('load limiter', () => {
  it('takes a step down for each sample with too much memory, down to one job', () => {
    expect(times(6, 0).map((_zero, steps) => concurrencyAt(levelAfter(times(steps, full)), 10))).toEqual([
      10, 7, 5, 4, 3, 2,
    ]);
    expect(concurrencyAt(levelAfter(times(100, full)), 50)).toBe(1);
  });

  it('takes a step down for three busy samples in a row, not for bursts', () => {
    expect(levelAfter(times(3, busy)).level).toBe(1);
    expect(levelAfter([busy, busy, calm, busy, busy, between, busy, busy]).level).toBe(0);
  });

  it('takes a step up after five calm samples in a row, and none while the load is between', () => {
    const low = levelAfter(times(4, full));

    expect(levelAfter(times(4, calm), low).level).toBe(4);
    expect(levelAfter(times(5, calm), low).level).toBe(3);
    expect(levelAfter(times(50, between), low).level).toBe(4);
  });

  it('stays within its bounds, moves a step at most, and never up under load, whatever comes', () => {
    const sample = fc.record({ memoryBytes: fc.nat(2_000), cpuPercent: fc.double({ min: 0, max: 400, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (samples, configured) => {
        let state = fullConcurrency;
        for (const each of samples) {
          const next = nextLevel(state, each, limits);
          const isOver = each.memoryBytes > limits.maxMemoryBytes || each.cpuPercent > limits.maxCpuPercent;
          expect(Math.abs(next.level - state.level)).toBeLessThanOrEqual(1);
          if (isOver) expect(next.level).toBeGreaterThanOrEqual(state.level);
          expect(concurrencyAt(next, configured)).toBeGreaterThanOrEqual(1);
          expect(concurrencyAt(next, configured)).toBeLessThanOrEqual(configured);
          state = next;
        }
      }),
    );
  });

  it('is back at full concurrency after a bounded calm, whatever was before', () => {
    const sample = fc.record({ memoryBytes: fc.nat(2_000), cpuPercent: fc.nat(400) });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 100 }), (samples) => {
        expect(levelAfter(times(60, calm), levelAfter(samples)).level).toBe(0);
      }),
    );
  });
});
