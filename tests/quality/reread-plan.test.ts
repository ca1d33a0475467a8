import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CityCounts } from '../../src/quality/city-receipt.ts';
import { planReread } from '../../src/quality/reread-plan.ts';
import { receiptOf } from '../storage/samples.ts';

const listOf = (counts: Partial<CityCounts>): CityCounts => ({ ...receiptOf(), isListComplete: true, ...counts });

it('reads nothing again when every listing was seen, or when the first reading was not whole', () => {
  const missing = { portalTotalEnd: 60, discovered: 57, searchPages: 3 };

  expect(planReread(listOf({ ...missing, discovered: 60 }), 2)).toBeNull();
  expect(planReread(listOf({ ...missing, foreignCards: 3 }), 2)).toBeNull();
  expect(planReread(listOf({ ...missing, portalTotalEnd: null }), 2)).toBeNull();
  expect(planReread(listOf({ ...missing, isListComplete: false }), 2)).toBeNull();
  expect(planReread(listOf({ ...missing, failedSearchPages: 1 }), 2)).toBeNull();
  expect(planReread(listOf(missing), 0)).toBeNull();
  expect(planReread(listOf(missing), 2)).toEqual({ pass: 2, fromPage: 1, untilPage: 1 });
});

it('reads each page once in each further reading, in few steps, and then gives up', () => {
  const sizes = { pages: fc.integer({ min: 1, max: 400 }), passes: fc.integer({ min: 0, max: 4 }) };
  fc.assert(
    fc.property(fc.record(sizes), ({ pages, passes }) => {
      const read: string[] = [];
      let steps = 0;
      for (;;) {
        const counts = { portalTotalEnd: 1000, discovered: 999, searchPages: pages, rereadPages: read.length };
        const next = planReread(listOf(counts), passes);
        if (next === null) break;
        steps += 1;
        for (let page = next.fromPage; page <= next.untilPage; page += 1) read.push(`${next.pass}/${page}`);
      }

      expect(read).toHaveLength(pages * passes);
      expect(new Set(read).size).toBe(read.length);
      expect(steps).toBeLessThanOrEqual(10 + 2 * passes);
    }),
  );
});
