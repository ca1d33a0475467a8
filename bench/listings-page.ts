/**
 * What the pages of the dashboard ask of a million listings: pages near and far, each filter, one listing, a market, a map.
 * After `npm run build`: `node dist/bench/listings-page.js [listings, default 1000000] [file of series-size.js to ask
 * instead]`. Prints wall and CPU time; ends with exit code 1 when a page of listings takes 300 ms or more. Needs 2 GB of disk.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import { readDistribution } from '../src/storage/distribution-reader.ts';
import type { ListingFilter } from '../src/storage/listing-filter.ts';
import { readListing } from '../src/storage/listing-reader.ts';
import type { ListingsPageQuery } from '../src/storage/listings-page-reader.ts';
import { readListingsPage } from '../src/storage/listings-page-reader.ts';
import { readMapCells, readMapOverview } from '../src/storage/map-reader.ts';
import { readMarketDays, readMarketPlaces } from '../src/storage/market-reader.ts';
import { createPublishedSeries } from '../src/storage/published-series.ts';
import { publishSnapshot } from '../src/storage/snapshot.ts';
import { inventSeries, lastDay } from './invented-series.ts';

const listings = Number(process.argv[2] ?? 1_000_000);
const keptFile = process.argv[3];
const repeats = 7;
const limitMs = 300;
const dayMs = 86_400_000;
const nowMs = Date.parse(`${lastDay}T10:00:00Z`);

const noFilter: ListingFilter = {
  ...{ text: null, city: null, dealType: null, minPriceEur: null, maxPriceEur: null, minAreaM2: null, maxAreaM2: null },
  ...{ minRooms: null, maxRooms: null, minYearBuilt: null, maxYearBuilt: null, energyClass: null, postalCode: null },
  ...{ status: 'all', newSinceUtc: null, cutSinceUtc: null, asOfUtc: null },
};
const since = new Date(nowMs - 30 * dayMs).toISOString();
const middle = String(10_000_000 + Math.floor(listings / 2));

const pages: readonly (readonly [what: string, filter: Partial<ListingFilter>, query: Partial<ListingsPageQuery>])[] = [
  ['first page of all', {}, {}],
  ['last page of all', {}, { place: { kind: 'last' } }],
  ['page after one in the middle', {}, { place: { kind: 'after', listingId: middle } }],
  [
    'page before one in the middle, cheapest first',
    {},
    { place: { kind: 'before', listingId: middle }, order: 'cheapest' },
  ],
  ['text', { text: 'mäntytie 5' }, {}],
  ['text, offered', { text: 'mäntytie 5', status: 'offered' }, {}],
  [
    'city, sale, offered, by price per m2',
    { city: 'Helsinki', dealType: 'sale', status: 'offered' },
    { order: 'cheapest_per_m2' },
  ],
  ['price', { minPriceEur: 100_000, maxPriceEur: 200_000 }, {}],
  ['area, rooms, year', { minAreaM2: 50, minRooms: 2, maxRooms: 3, minYearBuilt: 1990 }, {}],
  ['energy class', { energyClass: 'B' }, {}],
  ['postal code', { postalCode: '00250' }, {}],
  ['gone', { status: 'gone' }, { order: 'largest' }],
  ['new since 30 days', { newSinceUtc: since }, {}],
  ['price cut since 30 days', { cutSinceUtc: since }, {}],
  ['as of a year ago', { asOfUtc: new Date(nowMs - 365 * dayMs).toISOString() }, {}],
];

/** Medians of wall and CPU time, after one round that is not counted. */
async function measure(what: string, work: () => Promise<string>, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
  const walls: number[] = [];
  const cpus: number[] = [];
  let size = await work();
  for (let round = 0; round < repeats; round++) {
    const cpu = process.cpuUsage();
    const begin = performance.now();
    size = await work();
    walls.push(performance.now() - begin);
    const { user, system } = process.cpuUsage(cpu);
    cpus.push((user + system) / 1_000);
  }
  const medianOf = (times: number[]) => times.sort((one, other) => one - other)[Math.floor(repeats / 2)] ?? 0;
  const wall = medianOf(walls);
  if (wall >= mostMs) process.exitCode = 1;
  console.log(`${what}: ${wall.toFixed(0)} ms, CPU ${medianOf(cpus).toFixed(0)} ms; ${size}`);
}

async function askPages(database: Database): Promise<void> {
  for (const [what, filter, query] of pages) {
    const asked: ListingsPageQuery = {
      ...{ order: 'newest', place: { kind: 'first' }, limit: 49, nowMs },
      ...query,
      filter: { ...noFilter, ...filter },
    };
    const ask = async () => {
      const page = await readListingsPage(database, asked);
      return `${page.rows.length} of ${page.total}`;
    };
    await measure(what, ask, limitMs);
  }
}

async function askOthers(database: Database): Promise<void> {
  const market = { city: 'Helsinki', dealType: 'sale', postalCode: null } as const;
  const days = Array.from({ length: 90 }, (_, index) =>
    new Date(nowMs - (89 - index) * dayMs).toISOString().slice(0, 10),
  );
  const times = { sinceMs: nowMs - 30 * dayMs, nowMs };
  const map = { city: 'Helsinki', dealType: 'sale', measure: 'per_m2', nowMs } as const;
  const bounds = { south: 60, west: 24.7, north: 60.4, east: 25.3 };
  await measure('one listing', async () => (await readListing(database, middle, nowMs)).kind);
  const sizeOf = (answer: unknown) => `${JSON.stringify(answer).length} bytes`;
  await measure('market, 90 days of a city', async () => sizeOf(await readMarketDays(database, { ...market, days })));
  await measure('market, 90 days of a postal code', async () =>
    sizeOf(await readMarketDays(database, { ...market, postalCode: '00250', days })),
  );
  await measure('market, all cities', async () =>
    sizeOf(await readMarketPlaces(database, { dealType: 'sale', city: null, ...times })),
  );
  await measure('market, spread of a price', async () => sizeOf(await readDistribution(database, 'amount', market)));
  await measure('map, overview', async () => sizeOf(await readMapOverview(database, map)));
  await measure('map, cells', async () => sizeOf(await readMapCells(database, map, bounds, 0.01)));
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-pages-'));
try {
  const databasePath = join(folder, 'bench.duckdb');
  if (keptFile !== undefined) copyFileSync(keptFile, databasePath);
  const database = await openDatabase({ path: databasePath, mode: 'write', memoryLimit: '4GB', threads: 2 });
  if (keptFile === undefined) await inventSeries(database, listings);
  await publishSnapshot(database);
  await database.close();
  const series = createPublishedSeries({ databasePath, memoryLimit: '512MB', threads: 2, connections: 4 });
  await series.read(async (snapshot) => {
    await askPages(snapshot);
    await askOthers(snapshot);
  });
  await series.close();
  console.log(`load average: ${loadavg()[0]?.toFixed(1)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
