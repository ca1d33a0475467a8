import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExport } from '../../cli/export.ts';
import { runListings } from '../../cli/listings.ts';
import { runSql } from '../../cli/sql.ts';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, listingWrite, openForWriting, writesOf } from '../storage/samples.ts';
import { terminal } from './terminal-texts.ts';

let folder: TestFolder;
let databasePath: string;

beforeAll(async () => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  const database = await openForWriting(databasePath);
  const listings = [
    listingWrite('1', {
      fields: {
        address: 'Pitkänkadunnimi 12 A 34',
        district: 'Kallio',
        priceEur: 1_234_567,
        areaM2: 72.5,
        yearBuilt: 1954,
      },
    }),
    listingWrite('2', {
      fetchedAtUtc: '2026-11-21T22:30:00.000Z',
      fields: { dealType: 'rent', city: 'Espoo', address: '\u001b[31mRed\u0007', priceEur: null, rentEurMonth: 656.67 },
    }),
  ];
  await createSeriesStore({ database, clock: systemClock }).commit(writesOf({ listings }));
  await database.close();
});

afterAll(() => folder.remove());

describe('oikotie listings', () => {
  it('prints a table for people, with the days of Helsinki', async () => {
    const { io, texts } = terminal();

    const code = await runListings({ databasePath, limit: 20, json: false }, io);

    expect(code).toBe(0);
    expect(texts.stdout.split('\n').map((line) => line.replaceAll('\u202f', '_'))).toEqual([
      'id  address                  district  city            price    m²  rooms    €/m²  year  last seen',
      '2   [31mRed                            Espoo      656.7 €/kk    50      2    13.1        2026-11-22',
      '1   Pitkänkadunnimi 12 A 34  Kallio    Helsinki  1_234_567 €  72.5      2  17_029  1954  2026-11-21',
      '',
    ]);
    expect(texts.stderr).toBe('2 of 2 listings\n');
  });

  it('fits the terminal and passes no control characters on', async () => {
    const { io, texts } = terminal({ columns: 80 });

    await runListings({ databasePath, limit: 20, json: false }, io);

    const lines = texts.stdout.split('\n');
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(80);
    expect(texts.stdout).toContain('Pitkän');
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  it('prints JSON on stdout and nothing else', async () => {
    const { io, texts } = terminal();

    const code = await runListings({ databasePath, limit: 20, json: true, city: 'Espoo', deal: 'rent' }, io);

    expect(code).toBe(0);
    expect(JSON.parse(texts.stdout)).toMatchObject([{ listing_id: '2', rent_eur_month: 656.67 }]);
    expect(texts.stderr).toBe('');
  });

  it('ends with code 3 and one sentence when there is no database', async () => {
    const { io, texts } = terminal();

    const code = await runListings({ databasePath: join(folder.path, 'none.duckdb'), limit: 20, json: false }, io);

    expect(code).toBe(3);
    expect(texts.stderr).toMatch(/^cannot read .*none\.duckdb: .*; make one with "oikotie run"\n$/);
  });
});

describe('oikotie sql', () => {
  it('prints a table, or JSON with --json', async () => {
    const text = terminal();
    const json = terminal();
    const query = 'SELECT city, count(*) AS n, \'{"a":1}\'::JSON AS j FROM listings GROUP BY city ORDER BY city';

    await runSql({ query, json: false, databasePath }, text.io);
    await runSql({ query, json: true, databasePath }, json.io);

    expect(text.texts.stdout).toBe('city      n  j\nEspoo     1  {"a":1}\nHelsinki  1  {"a":1}\n');
    expect(JSON.parse(json.texts.stdout)).toEqual([
      { city: 'Espoo', n: 1, j: { a: 1 } },
      { city: 'Helsinki', n: 1, j: { a: 1 } },
    ]);
  });

  it('prints every row of a long answer', async () => {
    const { io, texts } = terminal();

    await runSql({ query: 'FROM range(5000)', json: false, databasePath }, io);

    expect(texts.stdout.trimEnd().split('\n')).toHaveLength(5001);
  });

  it('prints an empty array for no rows', async () => {
    const { io, texts } = terminal();

    await runSql({ query: 'FROM listings WHERE false', json: true, databasePath }, io);

    expect(JSON.parse(texts.stdout)).toEqual([]);
  });

  it.each(['DELETE FROM listings', 'selec 1', 'SELECT 1; SELECT 2'])('ends with code 2 for %s', async (query) => {
    const { io, texts } = terminal();

    const code = await runSql({ query, json: false, databasePath }, io);

    expect(code).toBe(2);
    expect(texts.stdout).toBe('');
    expect(texts.stderr).toMatch(/^query (refused|failed): [^\n]+\n$/);
  });

  it('ends with code 130 when it is stopped', async () => {
    const { io } = terminal();
    const stop = new AbortController();

    const running = runSql(
      { query: 'SELECT count(*) FROM range(100000000) a, range(100000) b', json: false, databasePath },
      { ...io, signal: stop.signal },
    );
    stop.abort();

    expect(await running).toBe(130);
  });
});

describe('oikotie export', () => {
  it('writes the file and says how much', async () => {
    const { io, texts } = terminal();
    const output = join(folder.path, 'espoo.csv');

    const code = await runExport({ format: 'csv', output, databasePath, city: 'Espoo' }, io);

    expect(code).toBe(0);
    expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(3);
    expect(texts.stderr).toMatch(/^1 listings, \d+ bytes written to .*espoo\.csv\n$/);
  });
});
