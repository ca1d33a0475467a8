/** What people and programs get out of the database after a run: listings, sql, export. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

let place: Workplace;

beforeAll(async () => {
  place = await createWorkplace({ helsinki: 12, tampereRentals: 6 });
  await place.oikotie(['run']);
});
afterAll(() => place.close());

describe('oikotie listings', processTime, () => {
  it('shows a table on stdout and how many there are on stderr', async () => {
    const { exitCode, stdout, stderr } = await place.oikotie(['listings', '--limit', '4']);

    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
    expect(stdout).toMatch(/^id +address +district +city +price /);
    expect(stderr).toBe('4 of 18 listings\n');
  });

  it('prints the rows as JSON, of one city and one kind of deal', async () => {
    const { exitCode, stdout, stderr } = await place.oikotie([
      'listings',
      '--city',
      'tampere',
      '--deal',
      'rent',
      '--json',
    ]);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const rows = JSON.parse(stdout) as Record<string, unknown>[]; // an array, or the next lines fail
    expect(rows).toHaveLength(6);
    for (const row of rows) expect(row).toMatchObject({ city: 'Tampere', deal_type: 'rent' });
  });

  it('says how to make a database when there is none', async () => {
    const { exitCode, stdout, stderr } = await place.oikotie(['listings', '--database', 'none.duckdb']);

    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(
      /^cannot read .*none\.duckdb: expected a database file, got none; make one with "oikotie run"\n$/,
    );
  });
});

describe('oikotie sql', processTime, () => {
  it('answers a query as a table and as JSON', async () => {
    const query = 'select city, count(*) as n from listings group by city order by city';

    const table = await place.oikotie(['sql', query]);
    const json = await place.oikotie(['sql', query, '--json']);

    expect(table).toEqual({ exitCode: 0, stdout: 'city       n\nHelsinki  12\nTampere    6\n', stderr: '' });
    expect(JSON.parse(json.stdout)).toEqual([
      { city: 'Helsinki', n: 12 },
      { city: 'Tampere', n: 6 },
    ]);
  });

  it.each([
    ["update listings set city = 'X'"],
    ['drop table listings'],
    ["copy listings to 'stolen.csv'"],
    ["select * from read_csv('/etc/passwd')"],
    ['select nonsense from listings'],
  ])('refuses %s with 2 and one sentence', async (query) => {
    const { exitCode, stdout, stderr } = await place.oikotie(['sql', query]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^query (refused|failed): [^\n]+\n$/);
  });

  it('still has every listing after what it refused', async () => {
    expect(await place.sql('select count(*) as n from listings')).toEqual([{ n: 18 }]);
  });

  it.each(['--json', '--database'])('ends quietly when nobody reads on (%s)', async (flag) => {
    const rest = flag === '--json' ? ['--json'] : ['--database', place.databasePath];
    const running = place.start(['sql', "select range as n, repeat('x', 100) as text from range(500000)", ...rest]);

    running.child.stdout.once('data', () => running.child.stdout.destroy());
    const { exitCode, stderr } = await running.ended;

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});

describe('oikotie export', processTime, () => {
  it.each(['parquet', 'csv', 'json'] as const)('writes %s into the output folder', async (format) => {
    const { exitCode, stdout, stderr } = await place.oikotie(['export', '--format', format]);

    const path = join(place.folder, 'output', `listings.${format}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toBe(`18 listings, ${statSync(path).size} bytes written to ${path}\n`);
    const bytes = readFileSync(path);
    if (format === 'parquet') expect(bytes.subarray(0, 4).toString()).toBe('PAR1');
    if (format === 'csv') expect(bytes.toString()).toMatch(/^listing_id,url,deal_type,city,/);
    if (format === 'json') expect(JSON.parse(bytes.toString())).toHaveLength(18);
  });

  it('leaves nothing behind when the file cannot be written', async () => {
    const output = join(place.configPath, 'listings.csv');

    const { exitCode, stderr } = await place.oikotie(['export', '--format', 'csv', '--output', output]);

    expect(exitCode).toBe(3);
    expect(stderr).toContain(output);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
