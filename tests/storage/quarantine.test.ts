/** Changes that are taken back, and what an operator makes of them: the series is what it was, or what it would have been. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { QuarantineWrite } from '../../src/quality/quarantine.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { ListingSample, TestFolder } from './samples.ts';
import { createFolder, listingWrite, openForWriting, pageWrite, receiptOf, rowsOf, writesOf } from './samples.ts';

let folder: TestFolder;
let clock: FakeClock;
let database: Database;
let store: SeriesStore;

beforeEach(async () => {
  folder = createFolder();
  clock = createFakeClock();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
  store = createSeriesStore({ database, clock });
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

type Fields = NonNullable<ListingSample['fields']>;

const idOfDay = (day: number) => `daily-2026-11-${day}`;
const momentOf = (day: number, minute = 0) => `2026-11-${day}T04:${String(minute).padStart(2, '0')}:00.000Z`;
const sampleOf = (day: number, fields: Fields, minute = 0): ListingSample => ({
  fields,
  executionId: idOfDay(day),
  fetchedAtUtc: momentOf(day, minute),
});

/** A run of Helsinki that stores what its pages say, by listing id. */
async function runOf(day: number, pages: Readonly<Record<string, Fields>>, minute = 0): Promise<void> {
  const executionId = idOfDay(day);
  const city = 'Helsinki';
  const startedAtUtc = `2026-11-${day}T03:00:00.000Z`;
  const cities = [{ city, listingLimit: null }];
  await store.startExecution({ executionId, nominalDay: `2026-11-${day}`, cities, startedAtUtc });
  await store.startCity({ executionId, city, startedAtUtc });
  const listingIds = Object.keys(pages);
  const listings = Object.entries(pages).map(([id, fields]) => listingWrite(id, sampleOf(day, fields, minute)));
  const searchPages = [pageWrite(1, { executionId, listingIds, isLastPage: true, fetchedAtUtc: momentOf(day) })];
  await store.commit(writesOf({ searchPages, listings }));
}

const quarantine = (day: number, write: Partial<QuarantineWrite> = {}) =>
  store.quarantineCity({
    ...{ executionId: idOfDay(day), city: 'Helsinki', reason: 'price_eur fell', drifts: [] },
    ...{ openedAtUtc: momentOf(day, 30), ...write },
  });
const key = (day: number) => ({ executionId: idOfDay(day), city: 'Helsinki' });
const release = (day: number) => store.closeQuarantine({ ...key(day), action: 'release', closedAtUtc: momentOf(30) });
const discard = (day: number) => store.closeQuarantine({ ...key(day), action: 'discard', closedAtUtc: momentOf(30) });

const listings = () => rowsOf(database, 'SELECT * EXCLUDE last_seen_at FROM listings ORDER BY listing_id');
const versions = () => rowsOf(database, 'FROM listing_versions ORDER BY listing_id, valid_from');
const series = async () => ({ listings: await listings(), versions: await versions() });
const prices = () => rowsOf(database, 'SELECT listing_id AS id, price_eur AS price FROM listings ORDER BY listing_id');
const periods = () =>
  rowsOf(
    database,
    `SELECT listing_id AS id, price_eur AS price, strftime(valid_from, '%d') AS "from", strftime(valid_to, '%d') AS until,
      end_reason AS reason FROM listing_versions ORDER BY listing_id, valid_from`,
  );

describe('a run that is put into quarantine', () => {
  beforeEach(() => runOf(20, { 1: { priceEur: 100_000 }, 2: { priceEur: 200_000 } }));

  it('leaves listings and versions as they were before it, and keeps what it said aside', async () => {
    const before = await series();
    await runOf(21, { 1: { priceEur: null }, 2: { priceEur: 200_000 }, 3: { priceEur: null } });

    expect(await quarantine(21)).toBe(2);

    const { listings: rows, versions: kept } = await series();
    expect(kept).toEqual(before.versions);
    // What the run saw unchanged is nothing to take back: it is only later that it was fetched.
    expect(rows[0]).toEqual(before.listings[0]);
    expect(rows).toHaveLength(2);
    expect(
      await rowsOf(database, 'SELECT listing_id AS id, price_eur AS price FROM quarantined_versions ORDER BY 1'),
    ).toEqual([
      { id: '1', price: null },
      { id: '3', price: null },
    ]);
    expect(
      await rowsOf(
        database,
        "SELECT outcome, count(*) AS n FROM execution_listings WHERE execution_id = 'daily-2026-11-21' GROUP BY 1 ORDER BY 1",
      ),
    ).toEqual([
      { outcome: 'changed', n: '1' },
      { outcome: 'new', n: '1' },
      { outcome: 'unchanged', n: '1' },
    ]);
  });

  it('has been fetched in vain: its pages are not known, so that the next run fetches them again', async () => {
    await runOf(21, { 1: { priceEur: null }, 3: { priceEur: null } });
    await quarantine(21);

    const known = await store.knownPages('Helsinki');

    expect([...known.keys()].sort()).toEqual(['1', '2']);
    expect(known.get('1')?.fetchedAtMs).toBe(Date.parse(momentOf(20)));
  });

  it('is in quarantine once, however often that is said, and with what came later of it', async () => {
    await runOf(21, { 1: { priceEur: null } });
    await quarantine(21);
    const once = await series();

    await quarantine(21);
    expect(await series()).toEqual(once);
    await runOf(21, { 2: { priceEur: null } }, 10);

    expect(await quarantine(21)).toBe(2);
    expect(await prices()).toEqual([
      { id: '1', price: 100_000 },
      { id: '2', price: 200_000 },
    ]);
    expect(await store.openQuarantine(idOfDay(21), 'Helsinki')).toBe('price_eur fell');
  });

  it('takes several pages of one listing back together', async () => {
    const before = await series();
    await runOf(21, { 1: { priceEur: null }, 3: { priceEur: 1 } });
    await runOf(21, { 1: { priceEur: 5 }, 3: { priceEur: 2 } }, 10);
    const after = await series();

    await quarantine(21);
    expect(await series()).toEqual(before);
    expect(await release(21)).toEqual({ listings: 2, released: 2 });

    expect(await series()).toEqual(after);
  });

  it('lets a listing that was gone be offered again as it was before', async () => {
    await database.use((session) =>
      session.run(`UPDATE listing_versions SET valid_to = '2026-11-20 12:00', end_reason = 'gone' WHERE listing_id = '1';
        UPDATE listings SET gone_at = '2026-11-20 12:00', gone_reason = 'unseen', gone_execution_id = 'x' WHERE listing_id = '1'`),
    );
    await runOf(22, { 1: { priceEur: null } });
    const after = await series();

    await quarantine(22);
    const taken = await periods();
    await quarantine(22);

    expect(await periods()).toEqual(taken);
    expect(taken.slice(0, 2)).toEqual([
      { id: '1', price: 100_000, from: '20', until: '20', reason: 'gone' },
      { id: '1', price: 100_000, from: '22', until: null, reason: null },
    ]);
    expect((await listings())[0]).toMatchObject({ price_eur: 100_000, gone_at: null });
    await release(22);
    expect(await series()).toEqual(after);
  });

  it('does not touch another city, nor another run', async () => {
    await runOf(21, { 1: { priceEur: 90_000 } });
    const before = await series();

    expect(await quarantine(21, { city: 'Espoo' })).toBe(0);
    expect(await quarantine(22)).toBe(0);

    expect(await series()).toEqual(before);
  });
});

describe('a quarantine that is closed', () => {
  beforeEach(async () => {
    await runOf(20, { 1: { priceEur: 100_000 }, 2: { priceEur: 200_000 } });
    await runOf(21, { 1: { priceEur: 90_000 }, 2: { priceEur: 190_000 }, 3: { priceEur: 300_000 } });
  });

  it('is as if it had never been when it is released', async () => {
    const never = await series();
    await quarantine(21);

    expect(await release(21)).toEqual({ listings: 3, released: 3 });

    expect(await series()).toEqual(never);
    expect(await rowsOf(database, 'FROM quarantined_versions')).toEqual([]);
    expect(await rowsOf(database, 'SELECT state, listings, released FROM quarantines')).toEqual([
      { state: 'released', listings: 3, released: 3 },
    ]);
  });

  it('applies nothing where something newer has come, and says how much that is', async () => {
    await quarantine(21);
    await runOf(22, { 1: { priceEur: 80_000 }, 2: { priceEur: 200_000 } });

    expect(await release(21)).toEqual({ listings: 3, released: 1 });

    expect(await periods()).toEqual([
      { id: '1', price: 100_000, from: '20', until: '22', reason: 'changed' },
      { id: '1', price: 80_000, from: '22', until: null, reason: null },
      { id: '2', price: 200_000, from: '20', until: null, reason: null },
      { id: '3', price: 300_000, from: '21', until: null, reason: null },
    ]);
    expect((await prices()).map(({ price }) => price)).toEqual([80_000, 200_000, 300_000]);
  });

  it('keeps to what is known of a listing that went away meanwhile, and was seen on later search pages', async () => {
    await quarantine(21);
    const later = { executionId: idOfDay(22), listingIds: ['3'], isLastPage: true, fetchedAtUtc: momentOf(22) };
    await store.commit(writesOf({ searchPages: [pageWrite(1, later)] }));
    await database.use((session) =>
      session.run(`UPDATE listing_versions SET valid_to = '2026-11-22 03:00', end_reason = 'gone' WHERE listing_id = '1';
        UPDATE listings SET gone_at = '2026-11-22 03:00', gone_reason = 'unseen' WHERE listing_id = '1'`),
    );

    await release(21);

    expect((await periods()).slice(0, 2)).toEqual([
      { id: '1', price: 100_000, from: '20', until: '21', reason: 'changed' },
      { id: '1', price: 90_000, from: '21', until: '22', reason: 'gone' },
    ]);
    expect(
      await rowsOf(
        database,
        "SELECT price_eur, gone_reason, strftime(last_seen_at, '%d') AS seen FROM listings ORDER BY listing_id",
      ),
    ).toEqual([
      { price_eur: 90_000, gone_reason: 'unseen', seen: '21' },
      { price_eur: 190_000, gone_reason: null, seen: '21' },
      { price_eur: 300_000, gone_reason: null, seen: '22' },
    ]);
  });

  it('may follow one of another day, in the order they were', async () => {
    await quarantine(21);
    await runOf(22, { 1: { priceEur: 70_000 } });
    await quarantine(22);

    await release(21);
    await release(22);

    expect((await periods()).slice(0, 3)).toEqual([
      { id: '1', price: 100_000, from: '20', until: '21', reason: 'changed' },
      { id: '1', price: 90_000, from: '21', until: '22', reason: 'changed' },
      { id: '1', price: 70_000, from: '22', until: null, reason: null },
    ]);
  });

  it('is forgotten when it is discarded, and cannot be closed twice', async () => {
    await quarantine(21);
    const taken = await series();

    expect(await discard(21)).toEqual({ listings: 3, released: 0 });

    expect(await series()).toEqual(taken);
    expect(await rowsOf(database, 'FROM quarantined_versions')).toEqual([]);
    const twice =
      'cannot release the quarantine of daily-2026-11-21 in Helsinki: expected an open one, got one that is discarded';
    await expect(release(21)).rejects.toThrow(twice);
    await expect(discard(22)).rejects.toMatchObject({ code: 'QUARANTINE_UNKNOWN' });
  });
});

describe('what the pages of a run had', () => {
  const limits = { historyRuns: 14, minPages: 2 };
  const priceOf = async (day: number) =>
    (await store.measureCity(key(day), limits)).coverage.find(({ field }) => field === 'price_eur');

  /** A complete run that fetched as many pages, of which so many have a price. */
  async function completeRun(day: number, pages: number, priced: number, discovered = pages): Promise<void> {
    const each = Array.from({ length: pages }, (_, index) => [
      `${day}${String(index).padStart(3, '0')}`,
      { priceEur: index < priced ? 100_000 + day : null },
    ]);
    await runOf(day, Object.fromEntries(each));
    await store.measureCity(key(day), limits);
    await store.saveCityReceipt(
      receiptOf({ executionId: idOfDay(day), startedAtUtc: `2026-11-${day}T03:00:00.000Z`, discovered }),
      null,
    );
  }

  it('is counted over the pages that it fetched, those in quarantine included, and kept', async () => {
    await runOf(20, { 1: {}, 2: { priceEur: null }, 3: {} });
    await runOf(21, { 1: {}, 2: { priceEur: 5 } });

    expect(await priceOf(21)).toMatchObject({ dealType: 'sale', pages: 2, present: 2, usualShare: null, runs: 0 });
    await quarantine(21);

    expect(await priceOf(21)).toMatchObject({ pages: 2, present: 2 });
    expect(await rowsOf(database, "SELECT rows, present FROM field_coverage WHERE field = 'price_eur'")).toEqual([
      { rows: 2, present: 2 },
    ]);
  });

  it('stands beside the median of earlier complete runs with pages enough', async () => {
    await completeRun(11, 4, 4, 100);
    await completeRun(12, 4, 3, 110);
    await completeRun(13, 1, 0, 90);
    await completeRun(14, 4, 4, 130);
    await runOf(15, { 1: {}, 2: {} });

    expect(await priceOf(15)).toMatchObject({ usualShare: 1, runs: 3 });
    expect(await store.measureCity(key(15), limits)).toMatchObject({ usualVolume: 105, volumeRuns: 4 });
    expect(await store.measureCity(key(15), { ...limits, historyRuns: 2 })).toMatchObject({ usualVolume: 110 });
    expect(await priceOf(12)).toMatchObject({ usualShare: 1, runs: 1 });
  });

  it('takes no run in quarantine for an example, and a released one for the first of its kind', async () => {
    const drift = { dealType: 'sale', usual: 1, now: 0, pages: 4, runs: 2 } as const;
    const drifts = [
      { ...drift, kind: 'coverage', field: 'price_eur' },
      { ...drift, kind: 'volume', dealType: null, field: null },
    ] as const;
    await completeRun(11, 4, 4, 100);
    await completeRun(12, 4, 4, 100);
    await completeRun(13, 4, 0, 10);
    await quarantine(13, { drifts });
    await runOf(14, { 1: {}, 2: {} });

    expect(await priceOf(14)).toMatchObject({ usualShare: 1, runs: 2 });
    await release(13);

    expect(await priceOf(14)).toMatchObject({ usualShare: 0, runs: 1 });
    const { coverage, usualVolume, volumeRuns } = await store.measureCity(key(14), limits);
    expect({ usualVolume, volumeRuns }).toEqual({ usualVolume: 10, volumeRuns: 1 });
    expect(coverage.find(({ field }) => field === 'area_m2')).toMatchObject({ usualShare: 1, runs: 3 });
  });
});
