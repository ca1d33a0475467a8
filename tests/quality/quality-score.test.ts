import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListingRecord } from '../../src/listings/fields.ts';
import type { IssueCode } from '../../src/listings/issue.ts';
import { issueCodes } from '../../src/listings/issue.ts';
import { checkCoordinates } from '../../src/quality/check-coordinates.ts';
import { judgeRecord } from '../../src/quality/quality-score.ts';
import { listingWrite } from '../storage/samples.ts';

const helsinki = [24.78, 59.92, 25.26, 60.3] as const;
const whole = listingWrite('1', {
  fields: {
    postalCode: '00100',
    cityAsPrinted: 'Helsinki',
    district: 'Keksintö',
    buildingType: 'apartment_building',
    yearBuilt: 1975,
    publishedAt: '2026-11-20T08:00:00.000Z',
    latitude: 60.17,
    longitude: 24.94,
  },
}).record;
const issueWith = (code: IssueCode) => ({ code, field: 'rooms', message: 'as it was read' });

describe('the score of a record', () => {
  it('is 1 when nothing is missing and nothing is wrong', () => {
    expect(judgeRecord(whole, [], helsinki)).toEqual({ score: 1, issues: [] });
  });

  it('says which part cost what', () => {
    const { score, issues } = judgeRecord({ ...whole, district: null }, [issueWith('IDENTITY_VIOLATED')], helsinki);

    expect(score).toBe(0.8);
    expect(issues).toEqual([
      { code: 'IDENTITY_VIOLATED', field: 'rooms', message: 'as it was read', cost: 0.15 },
      { code: 'MISSING_VALUE', field: 'district', message: 'district: the page does not say it', cost: 0.0455 },
    ]);
  });

  it('takes the rent of a rental where a sale has its price', () => {
    const rental: ListingRecord = { ...whole, dealType: 'rent', priceEur: null, rentEurMonth: 900 };

    expect(judgeRecord(rental, [], null).score).toBe(1);
    expect(judgeRecord({ ...rental, rentEurMonth: null }, [], null).issues).toMatchObject([{ field: 'rentEurMonth' }]);
  });

  it('flags a home outside of its city and keeps it', () => {
    const abroad = { ...whole, latitude: 36.5, longitude: -4.9 };

    expect(judgeRecord(abroad, [], helsinki)).toMatchObject({ score: 0.9, issues: [{ code: 'OUTSIDE_BOUNDS' }] });
    expect(judgeRecord(abroad, [], null).score).toBe(1);
    expect(checkCoordinates({ latitude: 24.94, longitude: 60.17 }, helsinki)[0]?.message).toContain('look swapped');
    expect(checkCoordinates({ latitude: 60.3, longitude: 25.26 }, helsinki)).toEqual([]);
  });

  it('is what the costs leave of 1, never below 0, whatever is wrong and missing', () => {
    const nullable = ['address', 'district', 'areaM2', 'rooms', 'yearBuilt', 'latitude', 'priceEur'] as const;
    const wrong = fc.array(fc.constantFrom(...issueCodes.filter((code) => code !== 'MISSING_VALUE')), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(wrong, fc.subarray([...nullable]), (codes, missing) => {
        const record = { ...whole, ...Object.fromEntries(missing.map((field) => [field, null])) };

        const { score, issues } = judgeRecord(record, codes.map(issueWith), helsinki);

        const costs = issues.reduce((sum, { cost }) => sum + (cost ?? Number.NaN), 0);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(Math.abs(1 - costs - score)).toBeLessThan(0.006);
        expect(issues).toHaveLength(codes.length + missing.length);
      }),
    );
  });
});
