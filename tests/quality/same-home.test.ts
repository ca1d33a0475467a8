import { describe, expect, it } from 'vitest';
import type { Home, HomePair } from '../../src/quality/same-home.ts';
import { chooseLinks, compareHomes } from '../../src/quality/same-home.ts';

const flat: Home = {
  address: 'Erätie 12 A',
  areaM2: 54.5,
  rooms: 2,
  floor: 3,
  latitude: 60.25,
  longitude: 25.03,
  buildingType: 'apartment_building',
};
const minScore = 0.85;
const score = (one: Partial<Home>, other: Partial<Home> = {}) =>
  compareHomes({ ...flat, ...one }, { ...flat, ...other }).score;

describe('two listings of one home', () => {
  it('agree in everything: score 1, with a reason for each field', () => {
    const { score: all, reasons } = compareHomes(flat, flat);

    expect(all).toBe(1);
    expect(reasons.map(({ field }) => field)).toEqual(['address', 'area', 'rooms', 'floor', 'coordinates']);
  });

  it.each([
    ['spelling of the address', { address: 'ERÄTIE 12  a' }],
    ['spelling of the flat', { address: 'Erätie 12 A 5' }, { address: 'Erätie 12a as. 5' }],
    ['spacing of the flat', { address: 'Erätie 12 A5' }, { address: 'Erätie 12 as 5' }],
    ['flat that only one names', { address: 'Erätie 12' }],
    ['area measured anew', { areaM2: 55 }],
    ['pin set anew', { latitude: 60.2501 }],
    ['place that is not known', { latitude: null, longitude: null }],
  ] as const)('may differ in the %s', (_what, one: Partial<Home>, other: Partial<Home> = {}) => {
    expect(score(one, other)).toBeGreaterThanOrEqual(minScore);
    expect(score(other, one)).toBe(score(one, other));
  });

  it('that is a house need no floor', () => {
    const house: Partial<Home> = { address: 'Koivupolku 7', floor: null, buildingType: 'detached_house' };

    expect(score(house, house)).toBeGreaterThanOrEqual(minScore);
  });
});

describe('two homes', () => {
  it.each([
    ['number', { address: 'Erätie 14 A' }],
    ['street', { address: 'Eräpolku 12 A' }],
    ['staircase', { address: 'Erätie 12 B' }],
    ['flat', { address: 'Erätie 12 A 6' }, { address: 'Erätie 12 A 5' }],
    ['area', { areaM2: 57 }],
    ['number of rooms', { rooms: 3 }],
    ['flat without a space', { address: 'Erätie 12 A6' }, { address: 'Erätie 12 as. 5' }],
    ['floor', { floor: 4 }],
    ['place', { latitude: 60.26 }],
  ] as const)(
    'differ in the %s: score 0, whatever else agrees',
    (_what, one: Partial<Home>, other: Partial<Home> = {}) => {
      expect(score(one, other)).toBe(0);
    },
  );

  it.each([
    ['floor and flat', { address: 'Erätie 12', floor: null }],
    ['area', { areaM2: null }],
    ['address', { address: null }],
  ] as const)('of one building are not taken for one when the %s is not known', (_what, home) => {
    expect(score(home, home)).toBeLessThan(minScore);
  });
});

describe('links between listings', () => {
  const pair = (listingId: string, earlierListingId: string, earlier: Partial<Home> = {}): HomePair => ({
    listingId,
    earlierListingId,
    home: flat,
    earlierHome: { ...flat, ...earlier },
  });
  const linked = (...pairs: readonly HomePair[]) =>
    chooseLinks(pairs, minScore).map(({ listingId, earlierListingId }) => `${listingId}-${earlierListingId}`);

  it('join the best pair, and leave out what is below the threshold', () => {
    expect(linked(pair('2', '1'), pair('2', '0', { areaM2: 55 }), pair('4', '3', { floor: 1 }))).toEqual(['2-1']);
    expect(linked(pair('2', '1', { floor: null, areaM2: 55 }))).toEqual([]);
  });

  it('join nothing where two are equally good, on either side', () => {
    expect(linked(pair('2', '1'), pair('2', '0'))).toEqual([]);
    expect(linked(pair('2', '1'), pair('3', '1'))).toEqual([]);
    expect(linked(pair('2', '1'), pair('3', '1'), pair('5', '4'))).toEqual(['5-4']);
  });
});
