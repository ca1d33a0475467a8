import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { exportFormats, exportListings } from '../../src/storage/export.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, listingWrite, openForWriting, writesOf } from './samples.ts';

let folder: TestFolder;
let databasePath: string;

beforeAll(async () => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  const database = await openForWriting(databasePath);
  const listings = [
    listingWrite('1', { fields: { description: 'a "quoted", text\nof two lines; 🏠' } }),
    listingWrite('2', { fields: { city: 'Espoo' } }),
  ];
  await createSeriesStore({ database, clock: systemClock }).commit(writesOf({ listings }));
  await database.close();
});

afterAll(() => folder.remove());

/** Reads the file back with DuckDB, as another program would. */
async function readBack(path: string) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`SELECT listing_id, description, city FROM '${path}' ORDER BY ALL`);
  const rows = reader.getRowsJson().map((row) => row.map((value) => value));
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('an export', () => {
  it.each(exportFormats)('as %s holds every listing and says how much was written', async (format) => {
    const outputPath = join(folder.path, 'out', `listings.${format}`);

    const result = await exportListings({ databasePath, format, outputPath });

    expect(result).toEqual({
      ...{ rows: 2, bytes: readFileSync(outputPath).length, path: outputPath },
      source: { kind: 'database', path: databasePath, openCities: [] },
    });
    expect(await readBack(outputPath).then((rows) => rows.map((row) => row.map(String)))).toEqual([
      ['1', 'a "quoted", text\nof two lines; 🏠', 'Helsinki'],
      ['2', 'null', 'Espoo'],
    ]);
    expect(readdirSync(join(folder.path, 'out')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('as JSON is one array with times in UTC', async () => {
    const outputPath = join(folder.path, 'all.json');

    await exportListings({ databasePath, format: 'json', outputPath });

    const rows: unknown = JSON.parse(readFileSync(outputPath, 'utf8'));
    expect(rows).toMatchObject([
      { listing_id: '1', fetched_at: '2026-11-21T04:00:00.000Z', other_details_json: { Kunto: 'Hyvä' } },
      { listing_id: '2' },
    ]);
  });

  it('may be of one city, or of a query that only reads', async () => {
    const outputPath = join(folder.path, 'some.csv');

    const ofCity = await exportListings({ databasePath, format: 'csv', outputPath, city: "espoo'; --" });
    const espoo = await exportListings({ databasePath, format: 'csv', outputPath, city: 'espoo' });
    const counted = await exportListings({ databasePath, format: 'csv', outputPath, query: 'SELECT 7 AS n -- seven' });

    expect([ofCity.rows, espoo.rows, counted.rows]).toEqual([0, 1, 1]);
    expect(readFileSync(outputPath, 'utf8')).toBe('n\n7\n');
  });

  it('may be of a time: what was there then, as it was then', async () => {
    const outputPath = join(folder.path, 'as-of.csv');
    const at = (time: string, city?: string) =>
      exportListings({
        ...{ databasePath, format: 'csv' as const, outputPath, asOfMs: Date.parse(time) },
        ...(city === undefined ? {} : { city }),
      });

    const before = await at('2026-11-21T03:59:59.999Z');
    const from = await at('2026-11-21T04:00:00.000Z');
    const ofCity = await at('2026-11-21T04:00:00.000Z', 'Espoo');

    expect([before.rows, from.rows, ofCity.rows]).toEqual([0, 2, 1]);
    expect(readFileSync(outputPath, 'utf8')).toMatch(/^listing_id,.*,valid_from,valid_to,/);
  });

  it.each([
    ['QUERY_REFUSED', 'DROP TABLE listings'],
    ['QUERY_INVALID', "SELECT * FROM read_text('/etc/hostname')"],
    ['QUERY_REFUSED', "SELECT 1) TO '/tmp/elsewhere.csv'; COPY (SELECT 1"],
  ])('that is refused (%s) leaves the earlier file as it was', async (_code, query) => {
    const outputPath = join(folder.path, 'kept.csv');
    writeFileSync(outputPath, 'earlier');

    await expect(exportListings({ databasePath, format: 'csv', outputPath, query })).rejects.toMatchObject({
      code: expect.stringMatching(/^QUERY_/),
    });

    expect(readFileSync(outputPath, 'utf8')).toBe('earlier');
  });

  it('that cannot replace its target says so and leaves nothing behind', async () => {
    const outputPath = join(folder.path, 'a-folder');
    mkdirSync(join(outputPath, 'full'), { recursive: true });

    await expect(exportListings({ databasePath, format: 'csv', outputPath })).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
    });

    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
