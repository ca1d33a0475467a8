import { describe, expect, it } from 'vitest';
import { RequestRates } from '../../workers/progress.ts';

function ratesAt(times: readonly number[], nowMs: number): RequestRates {
  const rates = new RequestRates({ now: () => nowMs, sleep: async () => {}, after: () => () => {} });
  for (const time of times) rates.record('Helsinki', time);
  return rates;
}

describe('request rates', () => {
  it('never say more than the gaps between requests allow', () => {
    const rates = ratesAt([0, 1_000, 2_000, 3_000], 3_000);

    expect(rates.current('Helsinki')).toBe(1);
  });

  it('are the same when requests are told late and out of order', () => {
    const rates = ratesAt([3_000, 1_000, 0, 2_000], 3_000);

    expect([rates.current('Helsinki'), rates.overall('Helsinki')]).toEqual([1, 1]);
  });

  it('fall while nothing leaves', () => {
    const rates = ratesAt([0, 1_000, 2_000, 3_000], 6_000);

    expect(rates.current('Helsinki')).toBe(0.5);
  });

  it('look at the last minute only', () => {
    const rates = ratesAt([0, 1, 2, 3, 100_000, 101_000, 102_000], 102_000);

    expect(rates.current('Helsinki')).toBe(1);
  });

  it('say of a finished city how fast it was, however long ago', () => {
    const rates = ratesAt([0, 500, 1_000], 900_000);

    expect(rates.overall('Helsinki')).toBe(2);
  });

  it('are zero for a city that was never asked', () => {
    const rates = ratesAt([], 1_000);

    expect(rates.current('Espoo')).toBe(0);
    expect(rates.has('Espoo')).toBe(false);
  });
});
