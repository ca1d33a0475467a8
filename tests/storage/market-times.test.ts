/** Price events, days on the market, and listings of one home under a new id. Over a real database. */
import { describe, expect, it } from 'vitest';
import type { ListingRecord } from '../../src/listings/fields.ts';
import type { RunOfDay } from './city-run.ts';
import { runCity } from './city-run.ts';
import { listingWrite, rowsOf, writesOf } from './samples.ts';
import { database, store, useStore } from './store-of-test.ts';

useStore();

const run = (day: number, choices: RunOfDay) => runCity(store, day, choices);
const storePage = (listingId: string, day: number, fields: Partial<ListingRecord>) =>
  store.commit(
    writesOf({ listings: [listingWrite(listingId, { fetchedAtUtc: `2026-11-${day}T04:00:00.000Z`, fields })] }),
  );

describe('price_events', () => {
  it('have the first price, each cut and each raise, with amount and percent', async () => {
    await storePage('1', 21, { priceEur: 200_000 });
    await storePage('1', 22, { priceEur: 200_000, description: 'a new text' });
    await storePage('1', 23, { priceEur: 190_000 });
    await storePage('1', 24, { priceEur: 209_000 });

    expect(await rowsOf(database, 'FROM price_events ORDER BY event_at')).toEqual(
      [
        { kind: 'first', before_eur: null, price_eur: 200_000, amount_eur: null, percent: null },
        { kind: 'cut', before_eur: 200_000, price_eur: 190_000, amount_eur: -10_000, percent: -5 },
        { kind: 'raise', before_eur: 190_000, price_eur: 209_000, amount_eur: 19_000, percent: 10 },
      ].map((event, index) => ({
        listing_id: '1',
        deal_type: 'sale',
        event_at: `2026-11-${[21, 23, 24][index]} 04:00:00`,
        ...event,
      })),
    );
  });

  it('are of the rent for rentals, and compare only prices of one basis, over days without any', async () => {
    await storePage('1', 21, { dealType: 'rent', priceEur: null, rentEurMonth: 900 });
    await storePage('1', 22, { dealType: 'rent', priceEur: null, rentEurMonth: null });
    await storePage('1', 23, { dealType: 'rent', priceEur: null, rentEurMonth: 850 });
    await storePage('2', 21, { priceEur: 200_000, priceBasis: 'debt_free_price' });
    await storePage('2', 22, { priceEur: 120_000, priceBasis: 'sale_price' });
    await storePage('2', 23, { priceEur: 195_000, priceBasis: 'debt_free_price' });

    const rows = await rowsOf(
      database,
      'SELECT listing_id, kind, amount_eur FROM price_events ORDER BY listing_id, event_at',
    );

    expect(rows).toEqual([
      { listing_id: '1', kind: 'first', amount_eur: null },
      { listing_id: '1', kind: 'cut', amount_eur: -50 },
      { listing_id: '2', kind: 'first', amount_eur: null },
      { listing_id: '2', kind: 'cut', amount_eur: -5_000 },
    ]);
  });
});

const home = { address: 'Erätie 12 A 5', floor: 3, rooms: 2, areaM2: 54.5 } as const;
/** `1` is offered on day 11, missing on 12 and 13 (so it is gone since 12); `2` is the same home from the day on. */
const relist = async (day: number, fields: Partial<ListingRecord> = home) => {
  await run(11, { pages: ['1'], fields: { ...home, publishedAt: '2026-11-10T03:02:00.000Z' } });
  await run(11, { pages: ['9'], fields: { address: 'Muutie 1' } });
  for (let each = 12; each <= 14; each += 1) await run(each, { pages: each >= day ? ['2'] : [], cards: ['9'], fields });
};
const links = () => rowsOf(database, 'SELECT listing_id, earlier_listing_id, score, execution_id FROM listing_links');

describe('the same home under a new id', () => {
  it.each([
    [12, '13'],
    [13, '13'],
    [14, '14'],
  ])('that appears on day %i is linked once the earlier is gone, with score and reasons', async (day, linkedOn) => {
    await relist(day);

    expect(await links()).toEqual([
      { listing_id: '2', earlier_listing_id: '1', score: 0.95, execution_id: `daily-2026-11-${linkedOn}` },
    ]);
    expect(await rowsOf(database, "SELECT reasons_json->'$[*].field' AS fields FROM listing_links")).toEqual([
      { fields: ['"address"', '"area"', '"rooms"', '"floor"'] },
    ]);
    await run(14, { cards: ['2', '9'] });
    expect(await links()).toHaveLength(1);
  });

  it.each([
    ['is another flat', { ...home, floor: 4 }],
    ['does not say enough', { ...home, address: 'Erätie 12', floor: null }],
    ['had been published before the earlier', { ...home, publishedAt: '2026-10-09T08:00:00.000Z' }],
  ])('is not linked when it %s', async (_why, fields) => {
    await relist(13, fields);

    expect(await links()).toEqual([]);
  });

  it('is not linked to one that was still seen when it appeared', async () => {
    await run(11, { pages: ['1', '2'], fields: home });
    for (const day of [12, 13, 14]) await run(day, { cards: ['2'] });

    expect(await links()).toEqual([]);
  });

  it('is not linked across more days than configured', async () => {
    await run(11, { pages: ['1'], fields: home });
    await run(11, { pages: ['9'], fields: { address: 'Muutie 1' } });
    await database.use(({ run: sql }) =>
      sql(
        "UPDATE listings SET first_seen_at = TIMESTAMP '2026-01-01', last_seen_at = TIMESTAMP '2026-05-01' WHERE listing_id = '1'",
      ),
    );
    for (const day of [12, 13]) await run(day, { cards: ['9'] });
    await database.use(({ run: sql }) =>
      sql("UPDATE listings SET gone_at = TIMESTAMP '2026-05-02' WHERE listing_id = '1'"),
    );
    await run(14, { pages: ['2'], cards: ['9'], fields: home });

    expect(await links()).toEqual([]);
  });

  it('is no longer linked when the earlier listing comes back', async () => {
    await relist(13);

    await run(15, { pages: ['1'], cards: ['2', '9'], fields: home });

    expect(await links()).toEqual([]);
  });
});

describe('market_times', () => {
  const timesAt = (time: string) =>
    rowsOf(
      database,
      `SELECT listing_id, listed_at, gone_at, round(days_on_market, 1) AS days, earlier_listings AS earlier,
          round(home_days_on_market, 1) AS home_days
        FROM market_times_as_of('${time}') WHERE listing_id <> '9' ORDER BY listing_id`,
    );

  it('count the days a listing was offered, alone and with the earlier listings of its home', async () => {
    await relist(14);

    expect(await timesAt('2026-11-20 03:02:00')).toEqual([
      {
        listing_id: '1',
        listed_at: '2026-11-10 03:02:00',
        gone_at: '2026-11-12 03:00:00',
        days: 2,
        earlier: 0,
        home_days: 2,
      },
      { listing_id: '2', listed_at: '2026-11-14 03:02:00', gone_at: null, days: 6, earlier: 1, home_days: 8 },
    ]);
    expect(await timesAt('2026-11-11 15:02:00')).toMatchObject([{ listing_id: '1', gone_at: null, days: 1.5 }]);
    expect(await rowsOf(database, "SELECT home_listed_at FROM market_times WHERE listing_id = '2'")).toEqual([
      { home_listed_at: '2026-11-10 03:02:00' },
    ]);
  });

  it('leave out the days a listing was gone, and begin when it was published', async () => {
    const fields = { publishedAt: '2026-11-01T03:02:00.000Z' };
    await run(11, { pages: ['1'], fields });
    await run(11, { pages: ['9'] });
    for (const day of [12, 13]) await run(day, { cards: ['9'] });
    await run(15, { pages: ['1'], cards: ['9'], fields });

    expect(await timesAt('2026-11-16 03:02:00')).toMatchObject([
      { listed_at: '2026-11-01 03:02:00', gone_at: null, days: 12, home_days: 12 },
    ]);
  });
});
