/** Pages of listings, their filters and what stands beside each row. Over a real database. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import type { ListingFilter } from '../../src/storage/listing-filter.ts';
import type { ListingsPageQuery } from '../../src/storage/listings-page-reader.ts';
import { listingOrders, readListingsPage } from '../../src/storage/listings-page-reader.ts';
import { readMarketDays } from '../../src/storage/market-reader.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { runCity } from './city-run.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, listingWrite, openForWriting, rowsOf, writesOf } from './samples.ts';

const nowMs = Date.parse('2026-11-25T10:00:00Z');
const noFilter: ListingFilter = {
  ...{ text: null, city: null, dealType: null, minPriceEur: null, maxPriceEur: null, minAreaM2: null, maxAreaM2: null },
  ...{ minRooms: null, maxRooms: null, minYearBuilt: null, maxYearBuilt: null, energyClass: null, postalCode: null },
  ...{ status: 'all', newSinceUtc: null, cutSinceUtc: null, asOfUtc: null },
};

let folder: TestFolder;
let database: Database;

/** Eight homes on day 21, one of them without a price; 1 gets cheaper on day 22 and 8 is not seen any more. */
beforeAll(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
  const store = createSeriesStore({ database, clock: createFakeClock() });
  const ids = ['1', '2', '3', '4', '5', '6', '7', '8'];
  const page = (id: string, day: number, priceEur: number | null) =>
    listingWrite(id, {
      executionId: `daily-2026-11-${day}`,
      fetchedAtUtc: `2026-11-${day}T03:02:00.000Z`,
      fields: {
        priceEur,
        areaM2: 40 + Number(id),
        rooms: Number(id) % 3,
        postalCode: `0010${id}`,
        energyClass: 'C2018',
      },
    });
  for (const day of [21, 22, 24]) {
    const executionId = `daily-2026-11-${day}`;
    await store.startExecution({
      ...{ executionId, nominalDay: `2026-11-${day}`, startedAtUtc: `2026-11-${day}T03:00:00.000Z`, cities: [] },
    });
    if (day === 21) {
      await store.commit(
        writesOf({ listings: ids.map((id) => page(id, day, id === '7' ? null : 100_000 * Number(id))) }),
      );
    }
    if (day === 22) await store.commit(writesOf({ listings: [page('1', day, 90_000)] }));
    await runCity(store, day, { cards: day === 21 ? ids : ids.slice(0, 7) });
  }
  await database.use(({ run }) => run('UPDATE city_executions SET finished_at = started_at + INTERVAL 2 HOUR'));
});
afterAll(async () => {
  await database.close();
  folder.remove();
});

const read = (query: Partial<ListingsPageQuery>, filter: Partial<ListingFilter> = {}) =>
  readListingsPage(database, {
    ...{ order: 'cheapest', place: { kind: 'first' }, limit: 3, nowMs },
    ...query,
    filter: { ...noFilter, ...filter },
  });
const idsOf = async (query: Partial<ListingsPageQuery>, filter: Partial<ListingFilter> = {}) =>
  (await read({ limit: 50, ...query }, filter)).rows.map(({ listingId }) => listingId);

it.each(Object.keys(listingOrders) as (keyof typeof listingOrders)[])(
  'has every listing once, from page to page forward and back: %s',
  async (order) => {
    const all = await idsOf({ order });
    const forward: string[] = [];
    let page = await read({ order });
    forward.push(...page.rows.map(({ listingId }) => listingId));
    while (page.hasAfter) {
      page = await read({ order, place: { kind: 'after', listingId: forward.at(-1) ?? '' } });
      forward.push(...page.rows.map(({ listingId }) => listingId));
    }
    page = await read({ order, place: { kind: 'last' } });
    let backward = page.rows.map(({ listingId }) => listingId);
    while (page.hasBefore) {
      page = await read({ order, place: { kind: 'before', listingId: backward[0] ?? '' } });
      backward = [...page.rows.map(({ listingId }) => listingId), ...backward];
    }
    expect(all).toHaveLength(8);
    expect([forward, backward]).toEqual([all, all]);
  },
);

it('puts listings without a price at the end', async () => {
  expect(await idsOf({ order: 'cheapest' })).toEqual(['1', '2', '3', '4', '5', '6', '8', '7']);
  expect(await idsOf({ order: 'dearest' })).toEqual(['8', '6', '5', '4', '3', '2', '1', '7']);
});

it.each<[string, Partial<ListingFilter>, readonly string[]]>([
  ['a text of the address, in any case', { text: 'KEKSITTYKATU 3' }, ['3']],
  ['price', { minPriceEur: 200_000, maxPriceEur: 300_000 }, ['2', '3']],
  ['area', { minAreaM2: 47 }, ['7', '8']],
  ['rooms', { minRooms: 2, maxRooms: 2 }, ['2', '5', '8']],
  ['postal code', { postalCode: '00104' }, ['4']],
  ['energy class', { energyClass: 'D' }, []],
  ['gone', { status: 'gone' }, ['8']],
  ['offered', { status: 'offered', maxPriceEur: 250_000 }, ['1', '2']],
  ['a price that was cut', { cutSinceUtc: '2026-11-22T00:00:00.000Z' }, ['1']],
  ['no cut since', { cutSinceUtc: '2026-11-23T00:00:00.000Z' }, []],
  ['new since', { newSinceUtc: '2026-11-22T00:00:00.000Z' }, []],
  ['another city', { city: 'Espoo' }, []],
])('filters by %s', async (_what, filter, expected) => {
  expect((await idsOf({ order: 'smallest' }, filter)).sort()).toEqual(expected);
});

it('shows the listings of a past day as they were, with what was gone since', async () => {
  const { rows } = await read({ limit: 50 }, { asOfUtc: '2026-11-21T12:00:00.000Z' });
  expect(rows).toHaveLength(8);
  expect(rows[0]).toMatchObject({ listingId: '1', amountEur: 100_000, lastPriceChange: null });
});

it('says the same of days and prices as market_times and price_events', async () => {
  const { rows } = await read({ limit: 50 });
  const times = await rowsOf(
    database,
    `SELECT listing_id, days_on_market FROM market_times_as_of(TIMESTAMP '2026-11-25 10:00:00') ORDER BY listing_id`,
  );
  const days = new Map(times.map((row) => [row['listing_id'], Number(row['days_on_market'])]));
  for (const row of rows) expect(row.daysOnMarket).toBeCloseTo(days.get(row.listingId) ?? Number.NaN, 6);
  const cuts = await rowsOf(database, "SELECT listing_id FROM price_events WHERE kind <> 'first'");
  expect(rows.filter(({ lastPriceChange }) => lastPriceChange !== null).map(({ listingId }) => listingId)).toEqual(
    cuts.map((row) => row['listing_id']),
  );
  expect(rows.find(({ listingId }) => listingId === '1')?.lastPriceChange).toMatchObject({
    beforeEur: 100_000,
    priceEur: 90_000,
  });
});

it('counts the market of complete days only, and leaves the others out', async () => {
  const days = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24'];
  const market = { city: 'Helsinki', dealType: 'sale', postalCode: null } as const;
  const found = await readMarketDays(database, { ...market, days });
  expect(found.map(({ day }) => day)).toEqual(['2026-11-21', '2026-11-22', '2026-11-24']);
  expect(found.map(({ stock, new: added, cuts, gone }) => ({ stock, added, cuts, gone }))).toEqual([
    { stock: 8, added: 8, cuts: 0, gone: 0 },
    // It is gone since the first run that did not see it.
    { stock: 7, added: 0, cuts: 1, gone: 1 },
    { stock: 7, added: 0, cuts: 0, gone: 0 },
  ]);
});
