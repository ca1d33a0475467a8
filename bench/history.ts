/**
 * What the history costs: storing a day of 100,000 listings, storing the day after (2 % changed, the rest settled by
 * their cards), closing the city of each, and asking for the listings of a time among a million versions. After
 * `npm run build`: `node dist/bench/history.js [listings, default 100000]`. Ends with exit code 1 when an answer as of a
 * time takes 300 ms or more. Never touches another file than its own temporary one; needs 2 GB of disk.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import type { SeriesRules, SeriesStore } from '../src/jobs/series-store.ts';
import type { ListingWrite, SearchPageWrite } from '../src/jobs/store-writes.ts';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import type { Reader } from '../src/storage/reader.ts';
import { openReader } from '../src/storage/reader.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import { sampleWrite } from './sample-listings.ts';

const listings = Number(process.argv[2] ?? 100_000);
const versionsEach = 10;
const batchRows = 500;
const cardsOfPage = 24;
const changedOf = 50;
const repeats = 7;
const limitMs = 300;
const city = 'Helsinki';
const dayMs = 86_400_000;
const firstDayMs = Date.UTC(2026, 0, 1);

const rules: SeriesRules = {
  delisting: { completeRuns: 2, checkDrop: () => null },
  relisting: { maxGapDays: 180, chooseLinks: () => [] },
};

const idOf = (index: number) => String(10_000_000 + index);
const timeOf = (day: number, minute: number) => new Date(firstDayMs + day * dayMs + minute * 60_000).toISOString();

/** The search pages of a day; of the listings in `fetched` the page is fetched, too. */
function pagesOf(day: number, fetched: (index: number) => boolean): readonly SearchPageWrite[] {
  const pages = Math.ceil(listings / cardsOfPage);
  return Array.from({ length: pages }, (_, page) => {
    const first = page * cardsOfPage;
    const indexes = Array.from({ length: Math.min(cardsOfPage, listings - first) }, (_each, card) => first + card);
    return {
      executionId: `day-${day}`,
      city,
      pass: 1,
      page: page + 1,
      portalTotal: listings,
      isLastPage: page === pages - 1,
      listingIds: indexes.map(idOf),
      unfetchedListingIds: indexes.filter((index) => !fetched(index)).map(idOf),
      skippedListingIds: [],
      foreignListingIds: [],
      fetchedAtUtc: timeOf(day, 1),
      fetchMode: 'http',
    };
  });
}

function pageOfListing(index: number, day: number): ListingWrite {
  const write = sampleWrite(index, day);
  const provenance = { ...write.provenance, executionId: `day-${day}`, fetchedAtUtc: timeOf(day, 2) };
  return { ...write, provenance };
}

/** Stores a day as a run does: search pages, then listing pages in batches, then the end of the city. */
async function storeDay(store: SeriesStore, day: number, fetched: (index: number) => boolean): Promise<void> {
  const executionId = `day-${day}`;
  const commit = async (searchPages: readonly SearchPageWrite[], pages: readonly ListingWrite[]) => {
    const begin = performance.now();
    await store.commit({ searchPages, listings: pages, unchanged: [], failures: [] });
    return performance.now() - begin;
  };
  await store.startCity({ executionId, city, startedAtUtc: timeOf(day, 0) });
  const cpu = process.cpuUsage();
  let searchMs = 0;
  const searchPages = pagesOf(day, fetched);
  for (let start = 0; start < searchPages.length; start += batchRows) {
    searchMs += await commit(searchPages.slice(start, start + batchRows), []);
  }
  let listingMs = 0;
  const wanted = Array.from({ length: listings }, (_, index) => index).filter(fetched);
  for (let start = 0; start < wanted.length; start += batchRows) {
    const batch = wanted.slice(start, start + batchRows).map((index) => pageOfListing(index, day));
    listingMs += await commit([], batch);
  }
  const begin = performance.now();
  const receipt = await closeCity(store, executionId, day);
  const closeMs = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  const rate = wanted.length / (listingMs / 1000);
  console.log(
    `day ${day}: ${receipt.new} new, ${receipt.changed} changed, ${receipt.unfetched} settled by their cards, in ${seconds(searchMs + listingMs + closeMs)}: ` +
      `${searchPages.length} search pages ${seconds(searchMs)}, ${wanted.length} listing pages ${seconds(listingMs)} (${rate.toFixed(0)} rows/s), ` +
      `closing the city ${seconds(closeMs)}; CPU with making the samples ${((user + system) / 1e6).toFixed(1)} s`,
  );
}

async function closeCity(store: SeriesStore, executionId: string, day: number) {
  const counts = await store.countCity(executionId, city);
  const times = { startedAtUtc: timeOf(day, 0), finishedAtUtc: timeOf(day, 60) };
  const judged = {
    ...counts,
    ...times,
    executionId,
    city,
    listingLimit: null,
    verdict: 'complete',
    reason: null,
    isQuarantined: false,
    drift: null,
  } as const;
  return store.saveCityReceipt(judged, rules);
}

/** Gives each listing a past of equal length: versions that follow one another to the one that is there first. */
async function addPast(database: Database): Promise<void> {
  for (let before = 1; before < versionsEach; before += 1) {
    await database.transact(({ run }) =>
      run(`INSERT INTO listing_versions SELECT * REPLACE (
          valid_from - to_days(${before * 3}) AS valid_from, valid_from - to_days(${(before - 1) * 3}) AS valid_to,
          'changed' AS end_reason, price_eur + ${before * 1000} AS price_eur, content_hash || '-${before}' AS content_hash)
        FROM listing_versions WHERE valid_from >= TIMESTAMP '2026-01-01' AND execution_id = 'day-0'`),
    );
  }
}

/** Median milliseconds, and what the answer says of its size. */
async function measure(what: string, work: () => Promise<string>): Promise<void> {
  const times: number[] = [];
  let size = '';
  for (let round = 0; round < repeats; round += 1) {
    const begin = performance.now();
    size = await work();
    times.push(performance.now() - begin);
  }
  const sorted = [...times].sort((one, other) => one - other);
  const median = sorted[Math.floor(repeats / 2)] ?? 0;
  if (what.includes('as of') && median >= limitMs) process.exitCode = 1;
  console.log(`${what}: ${median.toFixed(0)} ms (${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)}); ${size}`);
}

async function askHistory(reader: Reader): Promise<void> {
  const select = async (sql: string) => {
    const rows: Readonly<Record<string, unknown>>[] = [];
    for await (const row of (await reader.runSelect(sql)).rows) rows.push(row);
    return rows;
  };
  const [counts] = await select(
    'SELECT count(*) AS versions, count(DISTINCT listing_id) AS listings FROM listing_versions',
  );
  console.log(`versions ${String(counts?.['versions'])} of ${String(counts?.['listings'])} listings`);
  const asOf = '2025-12-20 12:00';
  await measure('count and median price by district, as of a day', async () => {
    const rows = await select(`SELECT district, count(*) AS listings, median(price_eur) AS price
      FROM listings_as_of('${asOf}') GROUP BY district`);
    return `${rows.reduce((sum, row) => sum + Number(row['listings']), 0)} listings in ${rows.length} districts`;
  });
  await measure('the page of 20 of "oikotie listings", as of a day', async () => {
    const { total, rows } = await reader.listings({ asOfUtc: '2025-12-20T12:00:00.000Z', limit: 20 });
    return `${rows.length} of ${total} listings, every column`;
  });
  await measure('one listing with its history', async () => {
    const history = await reader.history(idOf(7), firstDayMs + 30 * dayMs);
    return `${history?.versions.length} versions, ${history?.priceEvents.length} price events`;
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-history-'));
try {
  const path = join(folder, 'bench.duckdb');
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '1GB', threads: 1 });
  const store = createSeriesStore({ database, clock: systemClock });
  await storeDay(store, 0, () => true);
  await storeDay(store, 1, (index) => index % changedOf === 0);
  await addPast(database);
  await database.close();
  const reader = await openReader(path);
  await askHistory(reader);
  await reader.close();
  console.log(
    `file ${Math.round(statSync(path).size / 2 ** 20)} MiB, memory ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident`,
  );
  const load = loadavg().map((average) => average.toFixed(1));
  console.log(`load average: ${load.join(' ')}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
