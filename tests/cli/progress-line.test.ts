import { describe, expect, it } from 'vitest';
import { progressBar, progressLine } from '../../cli/progress-line.ts';
import type { CityProgress } from '../../workers/progress.ts';

const halfWay: CityProgress = {
  city: 'Helsinki',
  settled: 2914,
  total: 4780,
  requestsPerSecond: 0.98,
  allowedPerSecond: 1,
  new: 112,
  changed: 31,
  failed: 2,
  etaMs: Date.parse('2026-11-22T12:05:00Z'),
  isDone: false,
};

describe('progress line', () => {
  it('says how far, how fast, what was found and when it will be done, in Helsinki time', () => {
    expect(progressLine(halfWay)).toBe(
      'Helsinki 61% 2,914/4,780 | 0.98 req/s of 1.00 | new 112 changed 31 failed 2 | ETA 14:05',
    );
  });

  it('never says 100% before all of it is done', () => {
    expect(progressLine({ ...halfWay, settled: 4779 })).toContain(' 99% ');
  });

  it('says that a city has started before its size is known', () => {
    expect(progressLine({ ...halfWay, total: null, settled: 0, etaMs: null })).toContain('Helsinki starting | ');
  });

  it('says done instead of a time when the city is done', () => {
    expect(progressLine({ ...halfWay, isDone: true, etaMs: null })).toMatch(/\| done$/);
  });

  it('leaves the limit out when there is none', () => {
    expect(progressLine({ ...halfWay, allowedPerSecond: Number.POSITIVE_INFINITY })).toContain('| 0.98 req/s |');
  });

  it('draws a bar in proportion', () => {
    expect(progressBar({ ...halfWay, settled: 25, total: 100 }, 8)).toMatch(/^\[##------\] Helsinki/);
  });
});
