/** The history that an older collector kept, brought into the series. */
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { ImportOptions, ImportResult } from '../../workers/import-old.ts';
import { importOldFile } from '../../workers/import-old.ts';
import { runCity } from '../storage/city-run.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder } from '../storage/samples.ts';

const columns = `url VARCHAR, source VARCHAR, city VARCHAR, title VARCHAR, address VARCHAR, postal_code VARCHAR,
  listing_type VARCHAR, price_eur DOUBLE, size_m2 DOUBLE, rooms INTEGER, year_built INTEGER, overview VARCHAR,
  full_description VARCHAR, other_details_json VARCHAR, scraped_at TIMESTAMP, insert_ts TIMESTAMP, updated_ts TIMESTAMP,
  deleted_ts TIMESTAMP`;
const sale = 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/21000001';
const rental = 'https://asunnot.oikotie.fi/vuokra-asunnot/helsinki/21000002';

let folder: TestFolder;
let oldPath: string;
let databasePath: string;

beforeEach(() => {
  folder = createFolder();
  oldPath = `${folder.path}/old.duckdb`;
  databasePath = `${folder.path}/series.duckdb`;
});
afterEach(() => folder.remove());

type Row = Readonly<Record<string, string | number | null>>;

async function writeOld(rows: readonly Row[], definition = columns): Promise<void> {
  const instance = await DuckDBInstance.create(oldPath);
  const connection = await instance.connect();
  await connection.run(`CREATE OR REPLACE TABLE listings (${definition})`);
  for (const row of rows) {
    const names = Object.keys(row);
    const places = names.map((_, index) => `$${index + 1}`).join(', ');
    await connection.run(`INSERT INTO listings (${names.join(', ')}) VALUES (${places})`, Object.values(row));
  }
  connection.closeSync();
  instance.closeSync();
}

function importOld(choices: Partial<ImportOptions> = {}): Promise<ImportResult> {
  return importOldFile({
    path: oldPath,
    config: {
      ...{ databasePath, tasks: [], nodeId: 'test-node', collectPersonalData: false },
      database: {
        ...{ memoryLimit: '256MB', threads: 1, batchRows: 500, batchDelayMs: 50 },
        auditKeys: { current: null, earlier: [] },
      },
    },
    timeZone: 'Europe/Helsinki',
    isDryRun: false,
    clock: systemClock,
    ...choices,
  });
}

async function withSeries<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await openDatabase({ path: databasePath, mode: 'write', memoryLimit: '256MB', threads: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function rowsOf(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return withSeries((database) => database.use(({ rows }) => rows(sql)));
}

const at = (day: string) => `2025-${day} 12:00:00`;
const versions = `SELECT listing_id AS id, strftime(valid_from, '%m-%d %H:%M') AS "from", strftime(valid_to, '%m-%d %H:%M') AS "to",
  end_reason AS why, coalesce(price_eur, rent_eur_month) AS price FROM listing_versions ORDER BY listing_id, valid_from`;

describe('importing an older file', () => {
  it('makes a version of each row that says something new, until the next one or until the listing had gone', async () => {
    await writeOld([
      { url: sale, city: 'Helsinki', price_eur: 300_000, scraped_at: at('06-01'), insert_ts: at('05-20') },
      { url: sale, city: 'Helsinki', price_eur: 300_000, scraped_at: at('06-02') },
      { url: sale, city: 'Helsinki', price_eur: 290_000, scraped_at: at('06-10'), deleted_ts: at('06-20') },
      { url: rental, city: 'Helsinki', price_eur: 950, size_m2: 33, scraped_at: at('06-05') },
    ]);
    const result = await importOld();
    expect(result).toMatchObject({ rows: 4, newListings: 2, extendedListings: 0, versions: 3, unreadable: {} });
    expect(await rowsOf(versions)).toEqual([
      { id: '21000001', from: '05-20 09:00', to: '06-10 09:00', why: 'changed', price: 300_000 },
      { id: '21000001', from: '06-10 09:00', to: '06-20 09:00', why: 'gone', price: 290_000 },
      { id: '21000002', from: '06-05 09:00', to: null, why: null, price: 950 },
    ]);
    const listings = await rowsOf(
      "SELECT listing_id AS id, deal_type AS deal, gone_reason AS reason, strftime(last_seen_at, '%m-%d') AS seen FROM listings ORDER BY 1",
    );
    expect(listings).toEqual([
      { id: '21000001', deal: 'sale', reason: 'unseen', seen: '06-10' },
      { id: '21000002', deal: 'rent', reason: null, seen: '06-05' },
    ]);
  });

  it('reads the labels of other_details_json as it reads those of a page, and masks contacts', async () => {
    const labels = {
      velaton_hinta: '209 000 €',
      neliohinta: '2 882,76 € / m²',
      'asuinpinta-ala': '72,5 m²',
      kerros: '1 / 2',
      rakennuksen_tyyppi: 'Paritalo',
      kunto: 'Tyydyttävä',
      yhteyshenkilo: 'soita 040 123 4567',
    };
    const row = { url: sale, city: 'Helsinki', price_eur: 1, rooms: 3, full_description: 'Soita 040 123 4567!' };
    await writeOld([{ ...row, scraped_at: at('06-01'), other_details_json: JSON.stringify(labels) }]);
    await importOld();
    const [listing] = await rowsOf('SELECT * FROM listings');
    expect(listing).toMatchObject({
      ...{ debt_free_price_eur: 209_000, price_eur: 209_000, price_basis: 'debt_free_price', area_m2: 72.5, floor: 1 },
      ...{ building_type: 'semi_detached_house', rooms: 3, parser: 'old-row/1', node_id: 'test-node' },
    });
    expect(JSON.stringify(listing, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      '4567',
    );
  });

  it('adds nothing when the same file is imported again, and nothing at all in a dry run', async () => {
    await writeOld([
      { url: sale, city: 'Helsinki', price_eur: 300_000, scraped_at: at('06-01') },
      { url: sale, city: 'Helsinki', price_eur: 290_000, scraped_at: at('06-10') },
    ]);
    expect(await importOld({ isDryRun: true })).toMatchObject({ newListings: 1, versions: 2, event: null });
    expect(await rowsOf('SELECT * FROM listings')).toEqual([]);
    await importOld();
    expect(await importOld()).toMatchObject({ newListings: 0, extendedListings: 0, versions: 0, event: null });
    const counts = `SELECT (SELECT count(*) FROM listing_versions)::INT AS versions, (SELECT count(*) FROM data_lineage)::INT AS
      lineage, (SELECT count(*) FROM audit_log WHERE type = 'OPERATOR_ACTION')::INT AS events`;
    expect(await rowsOf(counts)).toEqual([{ versions: 2, lineage: 1, events: 1 }]);
  });

  it('places it before what is stored, and changes nothing of that', async () => {
    await withSeries(async (database) => {
      const store = createSeriesStore({ database, clock: systemClock });
      await runCity(store, 22, { pages: ['21000001'] });
    });
    const [before] = await rowsOf('SELECT * EXCLUDE (first_seen_at) FROM listings');
    await writeOld([
      { url: sale, city: 'Helsinki', price_eur: 300_000, scraped_at: at('06-01') },
      { url: sale, city: 'Helsinki', price_eur: 1, scraped_at: '2026-12-24 12:00:00' },
    ]);
    expect(await importOld()).toMatchObject({ newListings: 0, extendedListings: 1, versions: 1 });
    expect(await rowsOf(versions)).toMatchObject([
      { from: '06-01 09:00', to: '11-22 03:02', why: 'changed', price: 300_000 },
      { from: '11-22 03:02', to: null, why: null, price: 200 },
    ]);
    const [after] = await rowsOf('SELECT * EXCLUDE (first_seen_at) FROM listings');
    expect(after).toEqual(before);
    expect(await rowsOf("SELECT strftime(first_seen_at, '%Y-%m-%d') AS day FROM listings")).toEqual([
      { day: '2025-06-01' },
    ]);
  });

  it('names what it leaves out, with its reason, and takes files with fewer columns', async () => {
    const few = 'url VARCHAR, city VARCHAR, price_eur VARCHAR, scraped_at VARCHAR, other_details_json VARCHAR';
    await writeOld(
      [
        { url: 'https://example.org/x', city: 'Helsinki', scraped_at: at('06-01') },
        { url: sale, city: null, scraped_at: at('06-01') },
        { url: rental, city: 'Helsinki', scraped_at: 'yesterday' },
        { url: sale, city: 'Helsinki', scraped_at: at('06-01'), other_details_json: '[1]' },
        { url: sale, city: 'Helsinki', scraped_at: at('06-02'), price_eur: 'ask' },
      ],
      few,
    );
    const result = await importOld();
    expect(result.newListings).toBe(1);
    expect(result.unreadable).toEqual({
      'its url is not that of a listing, such as /myytavat-asunnot/helsinki/20000002': 1,
      'it says no city, neither in its column nor among its labels': 1,
      'it says no time: scraped_at, updated_ts and insert_ts are empty': 1,
      'its other_details_json is not an object of labels': 1,
    });
    expect(result.missingColumns).toContain('deleted_ts');
  });

  it.each([
    ['a file that is not there', async () => {}, /expected a file there, got none/],
    ['a file of another kind', async () => writeText('no database'), /expected a DuckDB file that can be read/],
    ['a database without such a table', async () => writeOld([], 'name VARCHAR'), /with a column "url", got none/],
  ])('refuses %s and leaves the database as it was', async (_, prepare, sentence) => {
    await prepare();
    await expect(importOld()).rejects.toThrow(sentence);
  });
});

async function writeText(text: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(oldPath, text);
}
