/**
 * The simulated world: it follows from its seed, its numbers agree with each other, and days change it as told.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { outsideRepeatedHour, portalTime } from '../../simulator/portal-format.ts';
import { createWorld } from '../../simulator/world.ts';
import type { ListingRecord } from '../../src/listings/fields.ts';
import { listingFieldNames } from '../../src/listings/fields.ts';

const helsinki = [{ name: 'Helsinki', locationId: 64, saleCount: 240, rentCount: 100 }] as const;

describe('createWorld', () => {
  it('gives the same listings, truth and days for the same seed', () => {
    const first = createWorld({ seed: 5, cities: helsinki });
    const second = createWorld({ seed: 5, cities: helsinki });

    const days = [first.advanceDay(), second.advanceDay()];

    expect(days[0]).toEqual(days[1]);
    expect(first.truth('Helsinki', 'sale')).toEqual(second.truth('Helsinki', 'sale'));
  });

  it('gives other listings for another seed', () => {
    const ids = [1, 2].map((seed) =>
      createWorld({ seed, cities: helsinki })
        .truth('Helsinki', 'sale')
        .map((record) => record.listingId),
    );

    expect(ids[0]).not.toEqual(ids[1]);
  });

  it('makes as many listings as asked for, with unique ids of eight digits', () => {
    const world = createWorld({ cities: helsinki });

    const records = [...world.truth('Helsinki', 'sale'), ...world.truth('Helsinki', 'rent')];

    expect(world.truth('Helsinki', 'sale')).toHaveLength(240);
    expect(new Set(records.map((record) => record.listingId)).size).toBe(340);
    expect(records.every((record) => /^\d{8}$/.test(record.listingId))).toBe(true);
  });

  it('fills every field of the contract, each typed field in at least one listing', () => {
    const world = createWorld({ cities: [{ name: 'Helsinki', locationId: 64, saleCount: 900, rentCount: 300 }] });
    for (let day = 0; day < 3; day += 1) world.advanceDay();

    const records = [...world.truth('Helsinki', 'sale'), ...world.truth('Helsinki', 'rent')];
    const neverFilled = listingFieldNames.filter((name) => records.every((record) => record[name] === null));

    expect(neverFilled).toEqual([]);
    expect(records.every((record) => listingFieldNames.every((name) => record[name] !== undefined))).toBe(true);
  });

  it('keeps the identities of the site in every sale', () => {
    const world = createWorld({ cities: helsinki });

    const broken = world.truth('Helsinki', 'sale').filter((record) => !holdsIdentities(record));

    expect(broken).toEqual([]);
  });

  it('has right-of-occupancy flats at their fee and houses without a debt-free price', () => {
    const records = createWorld({ cities: helsinki }).truth('Helsinki', 'sale');

    const occupancy = records.filter((record) => record.habitationType === 'right_of_occupancy');
    const houses = records.filter((record) => record.holdingForm === 'real_estate');

    expect(occupancy.length / records.length).toBeGreaterThan(0.05);
    expect(occupancy.every((record) => record.priceBasis === 'right_of_occupancy_fee')).toBe(true);
    expect(occupancy.every((record) => (record.priceEur ?? 0) >= 15_000 && (record.priceEur ?? 0) <= 60_000)).toBe(
      true,
    );
    expect(houses.length).toBeGreaterThan(0);
    expect(houses.every((record) => record.debtFreePriceEur === null && record.priceBasis === 'sale_price')).toBe(true);
  });

  it('publishes nothing in the hour that happens twice in autumn, whose wall clock cannot be read back', () => {
    const change = Date.parse('2026-10-25T01:00:00Z');
    const minutes = Array.from({ length: 600 }, (_, index) => change + (index - 300) * 60_000);

    const printed = minutes.map((epochMs) => portalTime(outsideRepeatedHour(epochMs)));

    expect(portalTime(outsideRepeatedHour(change + 1))).toBe('2026-10-25 01:00:00');
    expect(printed.filter((text) => text.startsWith('2026-10-25 03'))).toEqual([]);
  });

  it('refuses a start day that is no date', () => {
    expect(() => createWorld({ startDay: 'yesterday' })).toThrow('expected YYYY-MM-DD, got "yesterday"');
  });
});

const samplesPath = join('..', 'shared', 'samples', 'datasets', 'detail_labels_12.json');

describe.skipIf(!existsSync(samplesPath))(`labels (skipped when ${samplesPath} is absent)`, () => {
  it('has every label of recorded pages, about as often as they have it', () => {
    const recorded = z
      .object({ listings: z.array(z.object({ details: z.record(z.string(), z.string()) })) })
      .parse(JSON.parse(readFileSync(samplesPath, 'utf8')));
    const records = createWorld({ cities: [{ ...helsinki[0], saleCount: 1500 }] }).truth('Helsinki', 'sale');

    const real = shares(recorded.listings.map((listing) => Object.keys(listing.details)));
    const simulated = shares(records.map((record) => Object.keys(record.otherDetailsJson).map(normalised)));

    const missing = [...real.keys()].filter((label) => !simulated.has(label));
    const distances = [...real].map(([label, share]) => Math.abs(share - (simulated.get(label) ?? 0)));
    expect(missing).toEqual([]);
    expect(Math.max(...distances)).toBeLessThan(0.4);
  });
});

describe('advanceDay', () => {
  it('keeps the books: every listing that came or went is in the events', () => {
    const world = createWorld({ cities: helsinki });
    const before = new Set(world.truth('Helsinki', 'sale').map((record) => record.listingId));

    const events = world.advanceDay().filter((event) => event.city === 'Helsinki' && event.dealType === 'sale');

    const after = new Set(world.truth('Helsinki', 'sale').map((record) => record.listingId));
    const came = events.filter((event) => event.type === 'new' || event.type === 'relisted');
    const went = events.filter((event) => ['removed', 'sold', 'relisted'].includes(event.type));
    const wentIds = went.map((event) => event.formerListingId ?? event.listingId);
    expect([...after].filter((id) => !before.has(id)).sort()).toEqual(came.map((event) => event.listingId).sort());
    expect([...before].filter((id) => !after.has(id)).sort()).toEqual(wentIds.sort());
  });

  it('changes price and text of exactly the listings it names', () => {
    const world = createWorld({ cities: helsinki });
    const before = new Map(world.truth('Helsinki', 'sale').map((record) => [record.listingId, record]));

    const events = world.advanceDay();

    const changed = world
      .truth('Helsinki', 'sale')
      .filter((record) => before.has(record.listingId))
      .filter((record) => JSON.stringify(record) !== JSON.stringify(before.get(record.listingId)));
    const named = events.filter((event) => event.city === 'Helsinki' && event.dealType === 'sale');
    const expected = named.filter((event) => ['price_cut', 'price_raise', 'text_changed'].includes(event.type));
    expect(changed.map((record) => record.listingId).sort()).toEqual(expected.map((event) => event.listingId).sort());
    const cut = named.find((event) => event.type === 'price_cut');
    const record = changed.find((candidate) => candidate.listingId === cut?.listingId);
    expect(record?.priceChangedAt).toBe('2026-11-22T06:00:00.000Z');
    expect((cut?.toEur ?? 0) < (cut?.fromEur ?? 0)).toBe(true);
  });

  it('advertises a relisted home under a new id with the same address and price', () => {
    const world = createWorld({ cities: helsinki });
    const before = new Map(world.truth('Helsinki', 'sale').map((record) => [record.listingId, record]));

    const event = world
      .advanceDay()
      .find((candidate) => candidate.type === 'relisted' && candidate.city === 'Helsinki');

    const fresh = world.truth('Helsinki', 'sale').find((record) => record.listingId === event?.listingId);
    const former = before.get(event?.formerListingId ?? '');
    expect(fresh?.address).toBe(former?.address);
    expect(fresh?.priceEur).toBe(former?.priceEur);
    expect(world.day()).toBe('2026-11-22');
  });
});

function holdsIdentities(record: ListingRecord): boolean {
  const { debtFreePriceEur, salePriceEur, debtShareEur, pricePerM2Eur, areaM2, totalFeeEurMonth } = record;
  const cents = (euros: number) => Math.round(euros * 100);
  if (debtFreePriceEur !== null && salePriceEur !== null && debtShareEur !== null) {
    if (cents(debtFreePriceEur) !== cents(salePriceEur) + cents(debtShareEur)) return false;
  }
  if (debtFreePriceEur !== null && pricePerM2Eur !== null && areaM2 !== null) {
    if (Math.abs(pricePerM2Eur - debtFreePriceEur / areaM2) > 0.0051) return false;
  }
  const fees = (record.maintenanceFeeEurMonth ?? 0) + (record.financingFeeEurMonth ?? 0);
  const hasBoth = record.maintenanceFeeEurMonth !== null && record.financingFeeEurMonth !== null;
  return !hasBoth || totalFeeEurMonth === null || cents(totalFeeEurMonth) === cents(fees);
}

/** Part of the lists that hold each label. */
function shares(lists: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const label of lists.flat()) counts.set(label, (counts.get(label) ?? 0) + 1 / lists.length);
  return counts;
}

/** The samples' spelling of a label: lower case, no spaces, no umlauts. */
function normalised(label: string): string {
  return label.toLowerCase().replaceAll(' ', '_').replaceAll('ä', 'a').replaceAll('ö', 'o');
}

describe('withdraw and restore', () => {
  it('take a listing off the portal and put the same one on it again, and say so in the events', () => {
    const world = createWorld({ cities: helsinki });
    const before = world.truth('Helsinki', 'sale');
    const [id = ''] = before.map(({ listingId }) => listingId);

    world.withdraw(id);
    const meanwhile = world.truth('Helsinki', 'sale').map(({ listingId }) => listingId);
    world.restore(id);

    expect(meanwhile).toHaveLength(before.length - 1);
    expect(meanwhile).not.toContain(id);
    expect(world.truth('Helsinki', 'sale')).toEqual(before);
    expect(world.events().map(({ type, listingId }) => ({ type, listingId }))).toEqual([
      { type: 'removed', listingId: id },
      { type: 'returned', listingId: id },
    ]);
    expect(() => world.restore(id)).toThrow(
      `${id} cannot be returned; expected a listing that is off the portal, got active`,
    );
  });
});
