import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Reader } from '../../src/storage/reader.ts';
import { openReader } from '../../src/storage/reader.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, listingWrite, openForWriting, writesOf } from './samples.ts';

let folder: TestFolder;
let path: string;
let reader: Reader;

beforeAll(async () => {
  folder = createFolder();
  path = join(folder.path, 'series.duckdb');
  const database = await openForWriting(path);
  const rental = { dealType: 'rent', priceEur: null, rentEurMonth: 950 } as const;
  const listings = [
    listingWrite('1', { fields: { publishedAt: '2026-11-01T10:00:00.000Z', priceEur: 100_000, areaM2: 20 } }),
    listingWrite('2', { fields: { publishedAt: '2026-11-03T10:00:00.000Z', priceEur: 300_000, district: 'Töölö' } }),
    listingWrite('3', { fields: { publishedAt: '2026-11-02T10:00:00.000Z', city: 'Espoo', ...rental } }),
    listingWrite('4', { fields: { priceEur: null, otherDetailsJson: { Kunto: 'Uusi' } } }),
  ];
  await createSeriesStore({ database, clock: systemClock }).commit(writesOf({ listings }));
  await database.close();
});

afterAll(() => folder.remove());

beforeEach(async () => {
  reader = await openReader(path);
});

afterEach(() => reader.close());

async function select(sql: string) {
  const { columns, rows } = await reader.runSelect(sql);
  const all = [];
  for await (const row of rows) all.push(row);
  return { columns, rows: all };
}

describe('a page of listings', () => {
  const idsOf = async (query: Parameters<Reader['listings']>[0]) => {
    const { total, rows } = await reader.listings(query);
    return { total, ids: rows.map((row) => row['listing_id']) };
  };

  it('has the newest first and those without a date last', async () => {
    expect(await idsOf({ limit: 10 })).toEqual({ total: 4, ids: ['2', '3', '1', '4'] });
  });

  it('is cut by limit and offset while the total counts all', async () => {
    expect(await idsOf({ limit: 2, offset: 1 })).toEqual({ total: 4, ids: ['3', '1'] });
  });

  it.each([
    [{ city: 'espoo' }, ['3']],
    [{ dealType: 'rent' as const }, ['3']],
    [{ minPriceEur: 900, maxPriceEur: 100_000 }, ['3', '1']],
    [{ text: 'TÖÖLÖ' }, ['2']],
    [{ text: "'; DROP TABLE listings; --" }, []],
    [{ sort: 'cheapest' as const }, ['3', '1', '2', '4']],
    [{ sort: 'dearest' as const, dealType: 'sale' as const }, ['2', '1', '4']],
  ])('filters and sorts by %j', async (query, ids) => {
    expect((await idsOf({ limit: 10, ...query })).ids).toEqual(ids);
  });
});

describe('a query', () => {
  it.each([
    'SELECT 1 AS x',
    'WITH a AS (SELECT 1 AS x) SELECT * FROM a;',
    'FROM listings LIMIT 1',
    'DESCRIBE listings',
    'SHOW TABLES',
    'SUMMARIZE executions',
    'VALUES (1)',
    '-- why\nSELECT 1',
  ])('is answered when it only reads: %s', async (sql) => {
    expect((await select(sql)).rows.length).toBeGreaterThan(0);
  });

  it.each([
    ['', /got none/],
    ['-- nothing', /got none/],
    ['SELECT 1; SELECT 2', /expected one statement, got 2/],
    ['SELECT 1; DROP TABLE listings', /got 2/],
    ["INSERT INTO listings (listing_id) VALUES ('x')", /got INSERT/],
    ['DROP TABLE listings', /got DROP/],
    ["ATTACH 'other.db'", /got ATTACH/],
    ['SET threads = 1', /got (SET|VARIABLE_SET)/],
    ['EXPLAIN ANALYZE DELETE FROM listings', /got EXPLAIN/],
    ['CHECKPOINT', /expected a statement that only reads/],
  ])('is refused when it does not only read: %s', async (sql, message) => {
    await expect(select(sql)).rejects.toMatchObject({ code: 'QUERY_REFUSED', message: expect.stringMatching(message) });
  });

  it.each([
    ['selec 1', /syntax error at or near "selec"$/],
    ['SELECT * FROM nope', /Table with name nope does not exist! Did you mean ".*"\?$/],
    ['SELECT $1', /./],
    ["SELECT 'x'::INTEGER", /Could not convert string 'x' to INT32/],
  ])('that is wrong is told in one sentence: %s', async (sql, message) => {
    await expect(select(sql)).rejects.toMatchObject({ code: 'QUERY_INVALID', message: expect.stringMatching(message) });
    await expect(select(sql)).rejects.toThrow(/^[^\n]*$/);
  });

  it('cannot read or write other files, nor give itself the right to', async () => {
    const secret = join(folder.path, 'secret.txt');
    writeFileSync(secret, 'secret');

    await expect(select(`SELECT * FROM read_text('${secret}')`)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(select(`COPY listings TO '${secret}'`)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(select(`FROM '${path}'`)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(select('SET enable_external_access = true')).rejects.toMatchObject({ code: 'QUERY_REFUSED' });
  });

  it('gives values that JSON can carry, instants in UTC', async () => {
    const { columns, rows } = await select(`SELECT 1::BIGINT AS a, 9007199254740993 AS b, DATE '2026-01-02' AS c,
      TIMESTAMP '2026-01-02 03:04:05.678' AS d, 12.50::DECIMAL(10,2) AS e, 0.1::DECIMAL(38,20) AS f,
      '{"k":[1]}'::JSON AS g, [1::BIGINT] AS h, NULL AS i, 'nan'::DOUBLE AS j, true AS k, sum(2) AS l, 5 AS a,
      {'t': TIMESTAMP '2026-01-02 03:04:05'} AS m`);

    expect(columns).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'a:1', 'm']);
    expect(rows).toEqual([
      {
        a: 1,
        b: '9007199254740993',
        c: '2026-01-02',
        d: '2026-01-02T03:04:05.678Z',
        e: 12.5,
        f: '0.10000000000000000000',
        g: { k: [1] },
        h: [1],
        i: null,
        j: 'NaN',
        k: true,
        l: 2,
        'a:1': 5,
        m: { t: '2026-01-02T03:04:05.000Z' },
      },
    ]);
  });

  it('fails as a whole when one late row fails', async () => {
    const sql = "SELECT CASE WHEN range = 500000 THEN error('broken row') ELSE range::VARCHAR END FROM range(1000000)";

    await expect(select(sql)).rejects.toThrow(/broken row/);
  });

  it('may be left half-read without keeping the file open', async () => {
    const { rows } = await reader.runSelect('FROM range(1000000)');
    let seen = 0;

    for await (const row of rows) {
      expect(row['range']).toBe(seen);
      if (++seen === 5000) break;
    }
    await reader.close();
    const database = await openForWriting(path);

    await database.close();
    reader = await openReader(path);
    expect(seen).toBe(5000);
  });

  it('leaves the file as it was', async () => {
    await reader.close();
    const before = readFileSync(path);
    reader = await openReader(path);

    await select('SELECT count(*) FROM listings');
    await reader.close();

    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}.wal`)).toBe(false);
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['missing.duckdb', null, 'DATABASE_MISSING'],
    ['text.duckdb', 'not a database', 'DATABASE_NOT_DUCKDB'],
    ['long.duckdb', 'not a database '.repeat(2000), 'DATABASE_NOT_DUCKDB'],
    ['empty.duckdb', '', 'DATABASE_NOT_DUCKDB'],
    ['.', null, 'DATABASE_NOT_DUCKDB'],
    ['no-such-folder/x.duckdb', null, 'DATABASE_MISSING'],
  ])('is told as such and stays as it is: %s', async (name, text, code) => {
    const target = join(folder.path, name);
    if (text !== null) writeFileSync(target, text);

    await expect(openReader(target)).rejects.toMatchObject({ code, message: expect.stringMatching(/; .+/) });

    if (text === null) expect(existsSync(target)).toBe(name === '.');
    else {
      await expect(openForWriting(target)).rejects.toMatchObject({ code });
      expect(readFileSync(target, 'utf8')).toBe(text);
    }
  });
});
