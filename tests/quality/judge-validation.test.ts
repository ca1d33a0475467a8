import { describe, expect, it } from 'vitest';
import type { ValidationFigures } from '../../src/quality/judge-validation.ts';
import { judgeValidation } from '../../src/quality/judge-validation.ts';
import { receiptOf } from '../storage/samples.ts';

const limits = { minParsedShare: 0.9, minFieldCoverage: 0.6, minIdentityShare: 0.9 };

/** A sample of 15 listings of a city that has 1000, on which all is well. */
const healthy: ValidationFigures = {
  receipt: {
    ...receiptOf(),
    ...{ listingLimit: 15, verdict: 'partial', reason: 'listing limit 15 of 1000', portalTotalEnd: 1000 },
    ...{ discovered: 24, skipped: 9, new: 15, changed: 0, unchanged: 0, removed: 0, failed: 0, pending: 0 },
    ...{ isListComplete: false, failedSearchPages: 0, foreignCards: 0 },
  },
  coverage: [{ dealType: 'sale', field: 'area_m2', pages: 15, present: 15 }],
  identities: { records: 15, violated: 0, unchecked: 0 },
  rate: { requests: 18, worstWindow: 1 },
  portalRate: { requests: 19, worstWindow: 1 },
};

const reasonsFor = (change: Partial<ValidationFigures>) => judgeValidation({ ...healthy, ...change }, limits).reasons;
const receipt = (change: Partial<ValidationFigures['receipt']>) => ({ receipt: { ...healthy.receipt, ...change } });

describe('a city of a validation', () => {
  it('passes when all is well', () => {
    expect(judgeValidation(healthy, limits)).toEqual({
      ...{ tried: 15, stored: 15, parsedShare: 1, identityShare: 1, reasons: [] },
      lowestField: { dealType: 'sale', field: 'area_m2', pages: 15, present: 15 },
    });
  });

  it('passes with a share exactly as large as it must be, and not with less', () => {
    const field = (present: number) => ({
      coverage: [{ dealType: 'rent', field: 'rooms', pages: 15, present } as const],
    });

    expect(reasonsFor(field(9))).toEqual([]);
    expect(reasonsFor(field(8))).toEqual(['rooms is on 8 of 15 pages of rentals (53.3%); expected 60% or more']);
  });

  it.each([
    ['is of another municipality', receipt({ verdict: 'foreign', reason: 'set 39' }), 'foreign: set 39'],
    ['was not brought to its end', receipt({ pending: 3, reason: 'the run was stopped' }), 'not brought to its end'],
    ['has no listing', receipt({ new: 0, discovered: 15 }), 'no listing page could be asked for'],
    ['has failures', receipt({ new: 13, failed: 2 }), '13 of 15 listings could be read (86.6%)'],
    [
      'lost a search page',
      receipt({ failedSearchPages: 1, reason: '1 search page could not be read' }),
      'not read as far',
    ],
    ['broke off before its limit', receipt({ discovered: 12, new: 12 }), 'not read as far'],
    [
      'breaks identities',
      { identities: { records: 15, violated: 2, unchecked: 0 } },
      'on 86.6% of 15 records (2 do not',
    ],
    ['was asked too fast', { rate: { requests: 18, worstWindow: 2 } }, '2 requests for the city left within the time'],
    [
      'shared a portal that was',
      { portalRate: { requests: 20, worstWindow: 3 } },
      '3 requests of the portal as a whole',
    ],
    ['cannot tell its rate', { rate: { requests: 18, worstWindow: null } }, 'cannot be judged'],
  ] as const)('does not pass when it %s', (_what, change, reason) => {
    expect(reasonsFor(change)).toEqual([expect.stringContaining(reason)]);
  });

  it('counts a listing that the portal has removed as neither tried nor failed', () => {
    expect(judgeValidation({ ...healthy, ...receipt({ new: 12, removed: 3 }) }, limits)).toMatchObject({
      ...{ tried: 12, stored: 12, reasons: [] },
    });
  });

  it('passes a whole list of which a few listings were not seen because pages shifted, not one that lacks many', () => {
    const whole = { listingLimit: null, isListComplete: true, skipped: 0, portalTotalEnd: 1000 };

    expect(reasonsFor(receipt({ ...whole, discovered: 980, new: 980 }))).toEqual([]);
    expect(reasonsFor(receipt({ ...whole, discovered: 800, new: 800 }))).toHaveLength(1);
  });
});
