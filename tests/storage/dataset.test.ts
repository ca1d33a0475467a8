/** Datasets: what they hold, that they are whole, and how many of them are kept. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { Database } from '../../src/storage/database.ts';
import { listDatasets, writeDataset } from '../../src/storage/dataset.ts';
import type { DatasetManifest } from '../../src/storage/dataset-manifest.ts';
import { verifyDataset } from '../../src/storage/dataset-manifest.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from './samples.ts';
import {
  createFolder,
  executionId,
  listingWrite,
  openForWriting,
  pageWrite,
  receiptOf,
  resultOf,
  writesOf,
} from './samples.ts';

/** A database with one run, as each test begins with. */
let begin: TestFolder;
let folder: TestFolder;
let databasePath: string;
let directory: string;
let database: Database;
let store: SeriesStore;

beforeAll(async () => {
  begin = createFolder();
  databasePath = join(begin.path, 'series.duckdb');
  await open();
  await runOf(executionId, '2026-11-21', [
    listingWrite('1', { fields: { description: 'a "quoted", text\nof two lines' } }),
    listingWrite('2', { fields: { city: 'Järvenpää' } }),
  ]);
  await database.close();
});
afterAll(() => begin.remove());
beforeEach(() => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  directory = join(folder.path, 'dataset');
  copyFileSync(join(begin.path, 'series.duckdb'), databasePath);
});
afterEach(() => folder.remove());

async function open(): Promise<void> {
  database = await openForWriting(databasePath);
  store = createSeriesStore({ database, clock: systemClock });
}

async function runOf(id: string, nominalDay: string, listings: Parameters<typeof writesOf>[0]['listings'] = []) {
  const cities = ['Helsinki', 'Järvenpää'].map((city) => ({ city, listingLimit: null }));
  await store.startExecution({ executionId: id, nominalDay, cities, startedAtUtc: `${nominalDay}T03:00:00.000Z` });
  const pages = [pageWrite(1, { executionId: id, listingIds: ['1'], foreignListingIds: ['9'] })];
  await store.commit(writesOf({ searchPages: pages, listings }));
  await store.saveCityReceipt(receiptOf({ executionId: id }), null);
  await store.saveExecutionResult(resultOf({ executionId: id, nominalDay }), `${nominalDay}T05:00:00.000Z`);
}

const write = (generatedAtUtc = '2026-11-21T06:00:00.000Z', keep = 7) =>
  writeDataset({ databasePath, directory, programVersion: '1.2.3', generatedAtUtc, keep });

/** The first file whose path begins so. */
const fileOf = ({ files }: DatasetManifest, begin: string): string =>
  files.find(({ path }) => path.startsWith(begin))?.path ?? 'none';

/** Reads a dataset as a researcher would, with a DuckDB of his own. */
async function query(sql: string) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('a dataset', () => {
  it('holds listings, their versions and the days they were seen on, by city and day', async () => {
    const { path } = await write();
    const from = (table: string) => `read_parquet('${path}/${table}/**/*.parquet', hive_partitioning = true)`;

    const listings = await query(`select listing_id, city, day::varchar as day from ${from('listings')} order by all`);
    const versions = await query(`select listing_id, price_eur, day::varchar as day from ${from('listing_versions')}`);
    const seen = await query(
      `select listing_id, outcome, day::varchar as day from ${from('observations')} order by all`,
    );

    expect(listings).toEqual([
      { listing_id: '1', city: 'Helsinki', day: '2026-11-21' },
      { listing_id: '2', city: 'Järvenpää', day: '2026-11-21' },
    ]);
    expect(versions).toHaveLength(2);
    expect(seen).toEqual([
      { listing_id: '1', outcome: 'new', day: '2026-11-21' },
      { listing_id: '2', outcome: 'new', day: '2026-11-21' },
    ]);
    expect(existsSync(join(path, 'listings', 'city=Helsinki', 'day=2026-11-21'))).toBe(true);
  });

  it('counts a late evening to its day in Helsinki', async () => {
    await open();
    await runOf(executionId, '2026-11-21', [listingWrite('3', { fetchedAtUtc: '2026-11-21T22:30:00.000Z' })]);
    await database.close();

    const { path } = await write();

    expect(readdirSync(join(path, 'listing_versions', 'city=Helsinki')).sort()).toEqual([
      'day=2026-11-21',
      'day=2026-11-22',
    ]);
  });

  it('has a manifest with rows, checksums, receipts and where it is from', async () => {
    const { path, manifest } = await write();

    const stored: unknown = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
    expect(stored).toEqual(manifest);
    expect(manifest).toMatchObject({
      version: executionId,
      generatedAtUtc: '2026-11-21T06:00:00.000Z',
      nominalDay: '2026-11-21',
      status: 'completed',
      program: { name: 'oikotie', version: '1.2.3' },
      receipts: [{ city: 'Helsinki', verdict: 'complete' }],
    });
    expect(Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows]))).toEqual({
      ...{ listings: 2, listing_versions: 2, observations: 2, receipts: 2, executions: 1 },
    });
    for (const { path: name, rows } of manifest.files) {
      if (/\.(parquet|csv|gz)$/.test(name)) expect.soft(rows, name).toBeGreaterThan(0);
      else expect.soft(rows, name).toBeNull();
    }
    expect(readlinkSync(join(directory, 'latest'))).toBe(executionId);
  });

  it('describes every column that it has, and no other', async () => {
    const { path } = await write();

    const dictionary = JSON.parse(readFileSync(join(path, 'data-dictionary.json'), 'utf8')) as {
      tables: { name: string; columns: { name: string }[] }[];
    };
    for (const { name, columns } of dictionary.tables) {
      const files = existsSync(join(path, name)) ? `${path}/${name}/**/*.parquet` : `${path}/${name}.parquet`;
      const there = await query(`describe from read_parquet('${files}', hive_partitioning = true)`);
      const names = there.map((row) => String(row['column_name']));
      expect.soft(names.sort(), name).toEqual(columns.map((column) => column.name).sort());
    }
    expect(readFileSync(join(path, 'data-dictionary.md'), 'utf8')).toContain('## observations');
  });

  it('has CSV files for those who read no Parquet', async () => {
    const { path } = await write();

    const listings = gunzipSync(readFileSync(join(path, 'csv', 'listings.csv.gz'))).toString();
    expect(listings).toMatch(/^listing_id,url,deal_type,city,/);
    expect(listings).toContain('"a ""quoted"", text\nof two lines"');
    expect(readFileSync(join(path, 'csv', 'receipts.csv'), 'utf8')).toMatch(/\ndaily-2026-11-21,Helsinki,.*complete/);
  });

  it('stores what is as in the dataset before only once', async () => {
    const first = await write();
    await open();
    await runOf('daily-2026-11-22', '2026-11-22', [
      listingWrite('4', { executionId: 'daily-2026-11-22', fetchedAtUtc: '2026-11-22T04:00:00.000Z' }),
    ]);
    await database.close();

    const second = await write('2026-11-22T06:00:00.000Z');

    const name = fileOf(first.manifest, 'observations/city=J');
    expect(statSync(join(second.path, name)).ino).toBe(statSync(join(first.path, name)).ino);
    for (const { path } of [first, second]) expect((await verifyDataset(path)).problems).toEqual([]);
    expect(second.manifest.files.map(({ path }) => path)).toContain(
      'observations/city=Helsinki/day=2026-11-22/data_0.parquet',
    );
  });

  it('takes a partition over by what its rows are, without writing it', async () => {
    const first = await write();
    const name = fileOf(first.manifest, 'listing_versions/');
    // Other bytes that the manifest vouches for: only a file that was never written again can have them.
    appendFileSync(join(first.path, name), 'x');
    const sha256 = createHash('sha256')
      .update(readFileSync(join(first.path, name)))
      .digest('hex');
    const files = first.manifest.files.map((file) => (file.path === name ? { ...file, sha256 } : file));
    writeFileSync(join(first.path, 'manifest.json'), JSON.stringify({ ...first.manifest, files }));

    const second = await write('2026-11-21T07:00:00.000Z');

    expect(statSync(join(second.path, name)).ino).toBe(statSync(join(first.path, name)).ino);
    expect(second.manifest.files.find(({ path }) => path === name)).toMatchObject({ sha256, rows: 1 });
    expect(second.manifest.tables).toEqual(first.manifest.tables);
  });

  it('writes a past day again when a row of it has changed, and leaves the dataset before as it was', async () => {
    const first = await write();
    await open();
    await database.use((session) =>
      session.run(`UPDATE listing_versions SET valid_to = '2026-11-22 04:00:00', end_reason = 'gone'
        WHERE listing_id = '1'`),
    );
    await database.close();

    const second = await write('2026-11-22T06:00:00.000Z');

    const ends = (path: string) =>
      query(`select end_reason from read_parquet('${path}/${fileOf(first.manifest, 'listing_versions/city=H')}')`);
    expect(await ends(first.path)).toEqual([{ end_reason: null }]);
    expect(await ends(second.path)).toEqual([{ end_reason: 'gone' }]);
    for (const { path } of [first, second]) expect((await verifyDataset(path)).problems).toEqual([]);
  });

  it.each([
    ['was written by another recipe', { recipe: 'f'.repeat(64) }],
    ['does not say by what recipe it was written', { recipe: undefined }],
  ])('writes everything itself when the dataset before %s', async (_, other) => {
    const first = await write();
    const tables = first.manifest.tables.map((table) => ({ ...table, ...other }));
    writeFileSync(join(first.path, 'manifest.json'), JSON.stringify({ ...first.manifest, tables }));
    const name = fileOf(first.manifest, 'listings/');
    rmSync(join(first.path, name));

    const second = await write('2026-11-21T07:00:00.000Z');

    expect((await verifyDataset(second.path)).problems).toEqual([]);
    expect(second.manifest.files.map(({ path }) => path)).toEqual(first.manifest.files.map(({ path }) => path));
  });

  it('is written whole for a town that has had one listing a day for 550 days', async () => {
    await open();
    await database.use((session) =>
      session.run(`INSERT INTO listing_versions SELECT v.* REPLACE ((100 + i)::VARCHAR AS listing_id,
          TIMESTAMP '2025-05-20 00:30:00' + to_days(i::INTEGER) - to_hours(i % 4) AS valid_from)
        FROM listing_versions v, range(550) t(i) WHERE v.city = 'Järvenpää'`),
    );
    await database.close();

    const { path } = await write();

    const read = await query(`select count(*)::integer as rows, count(distinct listing_id)::integer as listings,
        count_if(day <> (valid_from at time zone 'UTC' at time zone 'Europe/Helsinki')::date)::integer as "ofOtherDays"
      from read_parquet('${path}/listing_versions/**/*.parquet', hive_partitioning = true)`);
    expect(read).toEqual([{ rows: 552, listings: 552, ofOtherDays: 0 }]);
  });

  it('does not take over a file of the dataset before that was damaged', async () => {
    const first = await write();
    const name = fileOf(first.manifest, 'observations/');
    appendFileSync(join(first.path, name), 'x');

    const second = await write('2026-11-21T07:00:00.000Z');

    expect((await verifyDataset(second.path)).problems).toEqual([]);
    expect((await verifyDataset(first.path)).problems).toEqual([expect.stringContaining(name)]);
    expect(second.manifest.version).toBe(`${executionId}.2`);
  });
});

describe('verifying a dataset', () => {
  it('finds a changed, a missing and an added file, and a manifest of something else', async () => {
    const { path, manifest } = await write();
    const [changed = '', missing = ''] = manifest.files
      .map((file) => file.path)
      .filter((name) => /parquet$/.test(name));
    const bytes = readFileSync(join(path, changed));
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    rmSync(join(path, changed));
    writeFileSync(join(path, changed), bytes);
    rmSync(join(path, missing));
    writeFileSync(join(path, 'added.txt'), 'x');
    writeFileSync(join(path, 'KEEP'), '');

    const { problems } = await verifyDataset(path);

    expect(problems).toEqual([
      expect.stringMatching(/: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/),
      `${missing}: expected a file, got none`,
      'added.txt: expected no such file, got one that the manifest does not name',
    ]);
    writeFileSync(join(path, 'manifest.json'), '{"format":"other"}');
    await expect(verifyDataset(path)).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
    await expect(verifyDataset(folder.path)).rejects.toMatchObject({
      code: 'DATASET_UNREADABLE',
      message: expect.stringMatching(/expected the manifest of a dataset, got no file$/),
    });
  });

  it('never looks at files outside of it', async () => {
    const { path, manifest } = await write();
    const files = [{ path: '../../series.duckdb', bytes: 1, sha256: 'a'.repeat(64), rows: null }];
    writeFileSync(join(path, 'manifest.json'), JSON.stringify({ ...manifest, files }));

    await expect(verifyDataset(path)).rejects.toMatchObject({ code: 'DATASET_UNREADABLE' });
  });
});

describe('the folder of the datasets', () => {
  it('keeps the newest ones, and those that somebody marked', async () => {
    const first = await write('2026-11-21T06:00:00.000Z', 2);
    writeFileSync(join(first.path, 'KEEP'), '');
    for (const hour of ['07', '08', '09']) await write(`2026-11-21T${hour}:00:00.000Z`, 2);

    const versions = (await listDatasets(directory)).map(({ version }) => version);

    expect(versions).toEqual([`${executionId}.4`, `${executionId}.3`, executionId]);
    expect(readlinkSync(join(directory, 'latest'))).toBe(`${executionId}.4`);
  });

  it('has nothing half-written in it, and loses what a killed process left a day ago', async () => {
    mkdirSync(join(directory, '.daily-2026-11-20.77.part'), { recursive: true });
    mkdirSync(join(directory, '.daily-2026-11-21.78.part'));
    const [long, now] = ['2026-11-19T00:00:00Z', '2026-11-21T05:59:00Z'].map((time) => new Date(time));
    if (long !== undefined) utimesSync(join(directory, '.daily-2026-11-20.77.part'), long, long);
    if (now !== undefined) utimesSync(join(directory, '.daily-2026-11-21.78.part'), now, now);

    await write();

    expect(readdirSync(directory).sort()).toEqual(['.daily-2026-11-21.78.part', executionId, 'latest']);
  });

  it('stays as it is when a dataset cannot be written, or there is no run', async () => {
    await write();
    writeFileSync(join(folder.path, 'no-folder'), '');
    const request = { databasePath, programVersion: '1', generatedAtUtc: '2026-11-21T08:00:00.000Z', keep: 1 };

    await expect(writeDataset({ ...request, directory: join(folder.path, 'no-folder') })).rejects.toMatchObject({
      code: 'DATASET_FAILED',
      message: expect.stringMatching(/there is a file where the folder should be$/),
    });
    await expect(writeDataset({ ...request, directory, executionId: 'other' })).rejects.toMatchObject({
      code: 'DATASET_NO_RUN',
    });
    expect(readdirSync(directory).sort()).toEqual([executionId, 'latest']);
  });

  it('gets no dataset that lacks a row', async () => {
    await open();
    // Until 1921 the clocks of Helsinki were 1 h 39 min 49 s ahead: the program reckons with whole minutes.
    await database.use((session) =>
      session.run(`UPDATE listing_versions SET valid_from = '1900-05-04 22:20:15' WHERE listing_id = '1'`),
    );
    await database.close();

    await expect(write()).rejects.toMatchObject({
      code: 'DATASET_FAILED',
      message: expect.stringMatching(/expected 2 rows of listing_versions from 1900-05-05 to 2026-11-21, got 1/),
    });
    expect(readdirSync(directory)).toEqual([]);
  });
});
