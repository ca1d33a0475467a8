import { expect, it } from 'vitest';
import type { ListingRecord } from '../../src/listings/fields.ts';
import { checkPlausibility } from '../../src/portal/plausibility.ts';
import { listingWrite } from '../storage/samples.ts';

const flagged = (fields: Partial<ListingRecord>) =>
  checkPlausibility(listingWrite('1', { fields }).record).map(({ field }) => field);

it.each([
  ['a right-of-occupancy flat', { priceEur: 29_115, areaM2: 71, priceBasis: 'right_of_occupancy_fee' }],
  ['the dearest price per m2 on record', { priceEur: 3_980_000, areaM2: 219 }],
  ['an old house in the country', { priceEur: 12_000, areaM2: 160, yearBuilt: 1869 }],
  ['a room', { dealType: 'rent', priceEur: null, rentEurMonth: 400, areaM2: 10 }],
  ['a new building that is years ahead', { yearBuilt: 2031, publishedAt: '2026-11-20T08:00:00.000Z' }],
] satisfies [string, Partial<ListingRecord>][])('has nothing to say of %s', (_name, fields) => {
  expect(flagged(fields)).toEqual([]);
});

it.each([
  [
    'a rent that lost its decimal comma',
    { dealType: 'rent', priceEur: null, rentEurMonth: 19_800, areaM2: 30 },
    'rentEurMonth',
  ],
  ['a price in cents', { priceEur: 19_800_000, areaM2: 60 }, 'priceEur'],
  ['a price that is a fee', { priceEur: 1200, areaM2: 75 }, 'priceEur'],
  ['a year that cannot be', { yearBuilt: 2077, publishedAt: '2026-11-20T08:00:00.000Z' }, 'yearBuilt'],
  ['an area of 1 m2, once', { areaM2: 1 }, 'areaM2'],
] satisfies [string, Partial<ListingRecord>, string][])('flags %s', (_name, fields, field) => {
  expect(flagged(fields)).toEqual([field]);
});
