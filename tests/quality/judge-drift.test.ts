import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CityMeasure, DriftLimits, FieldCoverage } from '../../src/quality/judge-drift.ts';
import { judgeDrift, largestShare } from '../../src/quality/judge-drift.ts';

const limits: DriftLimits = {
  historyRuns: 14,
  minHistoryRuns: 3,
  minPages: 30,
  minUsualShare: 0.5,
  maxCoverageDrop: 0.5,
  maxVolumeDrop: 0.4,
};
const field = (coverage: Partial<FieldCoverage> = {}): FieldCoverage => ({
  dealType: 'sale',
  field: 'debt_free_price_eur',
  pages: 120,
  present: 117,
  usualShare: 0.98,
  runs: 14,
  ...coverage,
});
const measureOf = (coverage: Partial<FieldCoverage>, more: Partial<CityMeasure> = {}): CityMeasure => ({
  coverage: [field(coverage)],
  usualVolume: 500,
  volumeRuns: 14,
  ...more,
});

describe('a run that is compared with its city', () => {
  it('has drifted when a field that most pages had is on hardly one', () => {
    const { drifts, summary } = judgeDrift(measureOf({ present: 4 }), 500, limits);

    expect(drifts).toMatchObject([{ kind: 'coverage', field: 'debt_free_price_eur', usual: 0.98, pages: 120 }]);
    expect(summary).toBe(
      'debt_free_price_eur of sales fell from 98% to 3% of the pages (120 pages; median of 14 runs)',
    );
  });

  it('has drifted when its list is 40% shorter', () => {
    const { drifts, summary } = judgeDrift(measureOf({}), 290, limits);

    expect(drifts).toMatchObject([{ kind: 'volume', usual: 500, now: 290 }]);
    expect(summary).toBe('the list fell from 500 to 290 listings (median of 14 runs)');
  });

  it.each([
    ['all is as usual', measureOf({}), 500],
    ['the field was rare before', measureOf({ present: 0, usualShare: 0.25 }), 500],
    ['the field depends on which pages are fetched', measureOf({ field: 'price_changed_at', present: 0 }), 500],
    ['few pages were fetched', measureOf({ present: 0, pages: 29 }), 500],
    ['few runs were complete', measureOf({ present: 0, runs: 2 }, { volumeRuns: 2 }), 100],
    ['the fall may be chance', measureOf({ present: 12, pages: 30 }), 500],
    ['a short list is shorter', measureOf({}, { usualVolume: 40 }), 20],
    ['there are more listings than usual', measureOf({}), 5000],
    ['the list was not read whole', measureOf({}), null],
  ])('has not drifted when %s', (_name, measure, volume) => {
    expect(judgeDrift(measure, volume, limits).drifts).toEqual([]);
  });

  it('says why nothing was judged', () => {
    const young = measureOf({ runs: 1 }, { volumeRuns: 2 });

    expect(judgeDrift(young, 500, limits).summary).toBe(
      'fields not judged: 1 complete run with 30 pages or more, 3 needed; volume not judged: 2 complete runs, 3 needed',
    );
    expect(judgeDrift(measureOf({ pages: 8 }), null, limits).summary).toBe(
      'fields not judged: 8 pages fetched, 30 needed; volume not judged: the list was not read whole',
    );
  });

  it('drifts the more, the fewer pages have the field, and never by a share that chance explains', () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(counts, fc.double({ min: 0.5, max: 1, noNaN: true }), ([pages, share], usualShare) => {
        const present = Math.floor(pages * share);
        const drifted = (count: number) =>
          judgeDrift(measureOf({ pages, present: count, usualShare }), 500, limits).drifts.length > 0;

        if (drifted(present) && present > 0) expect(drifted(present - 1)).toBe(true);
        if (present / pages >= usualShare / 2) expect(drifted(present)).toBe(false);
        expect(largestShare(present, pages)).toBeGreaterThanOrEqual(present / pages);
        expect(largestShare(present, pages)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});
