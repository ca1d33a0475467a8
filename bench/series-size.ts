/**
 * What a series costs by its size, all of it still offered and spread over 300 cities: the file, a snapshot, the dataset, what
 * the workers are told of it, and storing into it. After `npm run build`:
 * `node dist/bench/series-size.js [listings, default 1000000] [file to keep the series in, taken when it is there]`.
 * Needs 4 GB of disk; a million listings take minutes to invent, which is why they can be kept.
 */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startPrivateRedis } from '../cli/private-redis.ts';
import { createRedisKnownPages } from '../queues/redis-known-pages.ts';
import { systemClock } from '../src/clock.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { ListingWrite, SearchPageWrite } from '../src/jobs/store-writes.ts';
import { createLog } from '../src/log.ts';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import { writeDataset } from '../src/storage/dataset.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import { publishSnapshot, snapshotPathOf } from '../src/storage/snapshot.ts';
import { inventSeries, lastDay } from './invented-series.ts';
import { sampleWrite } from './sample-listings.ts';

const [listings = '1000000', keptFile] = process.argv.slice(2);
const executionId = 'daily-2026-11-30';
const nowUtc = `${lastDay}T20:00:00.000Z`;
const batchRows = 500;
const cardsOfPage = 24;
const mebibyte = 1_048_576;

/** Gives back what the work gives, and prints its seconds of the clock and of the processor. */
async function timed<Result>(what: string, work: () => Promise<Result>, rows = 0): Promise<Result> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const result = await work();
  const wallMs = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1_000;
  const each =
    rows === 0 ? '' : `; ${(cpuMs / rows).toFixed(2)} CPU ms each, ${((rows / wallMs) * 1_000).toFixed(0)} per second`;
  console.log(`${what}: ${(wallMs / 1_000).toFixed(2)} s, CPU ${(cpuMs / 1_000).toFixed(2)} s${each}`);
  return result;
}

function sizeOf(path: string): string {
  return `${(statSync(path).size / mebibyte).toFixed(0)} MiB`;
}

async function citiesOf(database: Database): Promise<readonly string[]> {
  const rows = await database.use((session) =>
    session.rows('SELECT city FROM listings GROUP BY city ORDER BY count(*) DESC, city'),
  );
  return rows.map(({ city }) => String(city));
}

/** What the store tells the workers when it starts, and of a batch. */
async function measureKnownPages(store: SeriesStore, cities: readonly string[]): Promise<void> {
  const redis = await startPrivateRedis(folder);
  const client = new Redis(redis.url);
  const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1] ?? 0);
  const log = createLog({ level: 'silent', destination: process.stderr });
  const shared = createRedisKnownPages({ redis: client, prefix: '{scraper}', log });
  try {
    const before = await usedBytes();
    await timed(`known pages of ${cities.length} cities, read and put into Redis`, async () => {
      for (const city of cities) await shared.publish(city, await store.knownPages(city));
    });
    const bytes = (await usedBytes()) - before;
    console.log(
      `  Redis: ${(bytes / mebibyte).toFixed(0)} MiB, ${(bytes / Number(listings)).toFixed(0)} bytes a listing`,
    );
  } finally {
    client.disconnect();
    await redis.end();
  }
}

/** A search page whose cards say nothing new: what a day costs for a listing that is as it was. */
function pageOf(city: string, page: number, ids: readonly string[]): SearchPageWrite {
  return {
    ...{ executionId, city, pass: 1, page, portalTotal: ids.length, isLastPage: false, listingIds: ids },
    ...{
      unfetchedListingIds: ids,
      skippedListingIds: [],
      foreignListingIds: [],
      fetchedAtUtc: nowUtc,
      fetchMode: 'http',
    },
  };
}

async function measureStoring(database: Database, store: SeriesStore, cities: readonly string[]): Promise<void> {
  const [largest = '', smallest = ''] = [cities[0], cities.at(-1)];
  const idsOf = async (city: string, count: number) => {
    const rows = await database.use((session) =>
      session.rows('SELECT listing_id AS id FROM listings WHERE city = $city LIMIT $count', { city, count }),
    );
    return rows.map(({ id }) => String(id));
  };
  await store.startExecution({
    ...{ executionId, nominalDay: '2026-11-30', startedAtUtc: nowUtc },
    cities: cities.map((city) => ({ city, listingLimit: null })),
  });
  const commit = (writes: Partial<Parameters<SeriesStore['commit']>[0]>) =>
    store.commit({ searchPages: [], listings: [], unchanged: [], failures: [], ...writes });
  const ids = await idsOf(largest, 100 * cardsOfPage);
  await timed(
    '100 search pages of cards that say nothing new',
    async () => {
      for (let page = 0; page < 100; page += 10) {
        const pages = Array.from({ length: 10 }, (_, index) => {
          const from = (page + index) * cardsOfPage;
          return pageOf(largest, page + index + 1, ids.slice(from, from + cardsOfPage));
        });
        await commit({ searchPages: pages });
      }
    },
    ids.length,
  );
  const batch = (first: number, version: number): ListingWrite[] =>
    Array.from({ length: batchRows }, (_, index) => {
      const write = sampleWrite(20_000_000 + first + index, version);
      return { ...write, provenance: { ...write.provenance, executionId } };
    });
  const batches = [0, 1, 2, 3].map((index) => index * batchRows);
  for (const [what, version] of [
    ['new', 1],
    ['changed', 2],
    ['unchanged', 2],
  ] as const) {
    const writes = batches.map((first) => batch(first, version));
    const store4 = async () => {
      for (const write of writes) await commit({ listings: write });
    };
    await timed(`4 batches of ${batchRows} listings that are ${what}`, store4, batches.length * batchRows);
  }
  for (const count of [1, 30]) {
    const wanted = new Map<string, Set<string>>();
    for (const city of cities.slice(0, count))
      wanted.set(city, new Set(await idsOf(city, Math.floor(batchRows / count))));
    await timed(`known pages of a batch over ${count} cities`, () => store.knownPagesAmong(wanted), batchRows);
  }
  for (const city of [largest, smallest]) {
    await timed(`counting ${city}`, () => store.countCity(executionId, city));
    await timed(`closing ${city}`, () => closeCity(store, city));
  }
}

async function closeCity(store: SeriesStore, city: string): Promise<void> {
  const counts = await store.countCity(executionId, city);
  const rules = {
    delisting: { completeRuns: 2, checkDrop: () => null },
    relisting: { maxGapDays: 180, chooseLinks: () => [] },
  };
  const times = { startedAtUtc: nowUtc, finishedAtUtc: nowUtc };
  const judged = { verdict: 'complete', reason: null, isQuarantined: false, drift: null, listingLimit: null } as const;
  await store.saveCityReceipt({ ...counts, ...times, ...judged, executionId, city }, rules);
}

async function measurePublishing(database: Database): Promise<void> {
  const first = await timed('snapshot, the first one', () => publishSnapshot(database));
  console.log(`  writes waited ${first.heldMs.toFixed(0)} ms; it has ${sizeOf(snapshotPathOf(database.path))}`);
  await database.use(({ run }) =>
    run('UPDATE listings SET price_eur = price_eur - 1 WHERE hash(listing_id) % 500 = 0'),
  );
  const next = await timed('snapshot after 0.2 % have changed', () => publishSnapshot(database));
  console.log(`  writes waited ${next.heldMs.toFixed(0)} ms`);
  const directory = join(folder, 'dataset');
  const run = { executionId: `daily-${lastDay}`, databasePath: snapshotPathOf(database.path) };
  const request = { ...run, directory, programVersion: 'bench' };
  const { path, manifest } = await timed('dataset', () =>
    writeDataset({ ...request, generatedAtUtc: nowUtc, keep: 1 }),
  );
  const sizes = manifest.files.map(({ path: file }) => `${file} ${sizeOf(join(path, file))}`);
  console.log(`  ${sizes.filter((each) => !each.endsWith(' 0 MiB')).join(', ')}`);
}

/** The series in a file of its own, invented or taken from where it was kept. */
async function openSeries(path: string): Promise<Database> {
  if (keptFile !== undefined && existsSync(keptFile)) copyFileSync(keptFile, path);
  const isThere = existsSync(path);
  const making = await openDatabase({ path, mode: 'write', memoryLimit: '4GB', threads: 2 });
  if (!isThere) {
    await timed(`inventing ${listings} listings`, () =>
      inventSeries(making, Number(listings), { smallCities: 290, areAllOffered: true }),
    );
  }
  await making.close();
  if (!isThere && keptFile !== undefined) {
    copyFileSync(path, `${keptFile}.new`);
    renameSync(`${keptFile}.new`, keptFile);
  }
  // As a store opens it by default.
  return openDatabase({ path, mode: 'write', memoryLimit: '1GB', threads: 1 });
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
try {
  const path = join(folder, 'bench.duckdb');
  const database = await openSeries(path);
  console.log(`file ${sizeOf(path)}, ${readdirSync(folder).length} files`);
  const store = createSeriesStore({ database, clock: systemClock });
  const cities = await citiesOf(database);
  await measureKnownPages(store, cities);
  await measureStoring(database, store, cities);
  await measurePublishing(database);
  await database.close();
  const peak = Math.round(process.resourceUsage().maxRSS / 1_024);
  console.log(`peak memory ${peak} MiB; load average ${loadavg()[0]?.toFixed(1)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
