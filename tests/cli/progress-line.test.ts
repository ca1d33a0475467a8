import { describe, expect, it } from 'vitest';
import { progressBars, progressLine } from '../../cli/progress-line.ts';
import type { CityProgress } from '../../src/jobs/city-progress.ts';

const halfWay: CityProgress = {
  city: 'Helsinki',
  settled: 2914,
  total: 4780,
  portalTotal: 4780,
  requests: 2990,
  requestsPerSecond: 0.98,
  allowedPerSecond: 1,
  new: 112,
  changed: 31,
  unchanged: 2769,
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
});

describe('progress bars', () => {
  const espoo: CityProgress = { ...halfWay, city: 'Espoo', settled: 25, total: 100 };

  it('have the whole line behind them in a wide terminal, names one width', () => {
    expect(progressBars([halfWay, espoo], 120)).toEqual([
      '[############--------] Helsinki 61% 2,914/4,780 | 0.98 req/s of 1.00 | new 112 changed 31 failed 2 | ETA 14:05',
      '[#####---------------] Espoo    25% 25/100 | 0.98 req/s of 1.00 | new 112 changed 31 failed 2 | ETA 14:05',
    ]);
  });

  it.each([
    [80, '[######----] Helsinki 61% 2,914/4,780 | new 112 changed 31 failed 2 | ETA 14:05'],
    [60, '[######----] Helsinki 61% 2,914/4,780 | ETA 14:05'],
    [45, '[###--] Helsinki 61% 2,914/4,780 ETA 14:05'],
    [20, 'Helsinki 61% 2,914/'],
  ])('leave out what says least in %i columns', (columns, line) => {
    expect(progressBars([halfWay], columns)).toEqual([line]);
  });

  it.each([20, 40, 60, 80, 100, 120, 200])('never wrap in %i columns', (columns) => {
    const lines = progressBars([halfWay, { ...espoo, city: 'Pedersören kunta', total: null }], columns);

    for (const line of lines) expect(line.length).toBeLessThan(columns);
  });

  it('are empty before the size is known and full for a city without listings', () => {
    const [unknown] = progressBars([{ ...halfWay, total: null }], 120);
    const [none] = progressBars([{ ...halfWay, settled: 0, total: 0 }], 120);

    expect(unknown).toMatch(/^\[-{20}\] Helsinki starting/);
    expect(none).toMatch(/^\[#{20}\] Helsinki 100% 0\/0/);
  });
});
