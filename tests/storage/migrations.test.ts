import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { columnOf, listingFieldNames, listingFields } from '../../src/listings/fields.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { tables } from '../../src/storage/tables.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, openForWriting, rowsOf } from './samples.ts';

const typeOfField = {
  text: 'VARCHAR',
  integer: 'INTEGER',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  json: 'JSON',
};

const migrationNames = readdirSync('src/storage/migrations').sort();

let folder: TestFolder;
let path: string;

beforeEach(() => {
  folder = createFolder();
  path = join(folder.path, 'series.duckdb');
});

afterEach(() => folder.remove());

/** Runs SQL in the file as another program would. */
async function runElsewhere(sql: string): Promise<void> {
  const instance = await DuckDBInstance.fromCache(path);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

describe('a new database', () => {
  it('has the columns of the field table first in listings, in order and type', async () => {
    const database = await openForWriting(path);

    const columns = await rowsOf(database, 'SELECT column_name AS name, column_type AS type FROM (DESCRIBE listings)');
    await database.close();

    const expected = listingFieldNames.map((name) => ({
      name: columnOf(name),
      type: typeOfField[listingFields[name].type],
    }));
    expect(columns.slice(0, expected.length)).toEqual(expected);
  });

  it('has exactly the tables, columns, types and keys that are documented', async () => {
    const database = await openForWriting(path);

    const columns = await rowsOf(
      database,
      'SELECT table_name AS t, column_name AS name, data_type AS type FROM duckdb_columns() WHERE NOT internal ORDER BY t, column_index',
    );
    const keys = await rowsOf(
      database,
      "SELECT table_name AS t, constraint_column_names AS columns FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' ORDER BY t",
    );
    await database.close();

    const documented = [...tables].sort((one, other) => (one.name < other.name ? -1 : 1));
    expect(columns).toEqual(
      documented.flatMap((table) => table.columns.map(({ name, type }) => ({ t: table.name, name, type }))),
    );
    expect(keys).toEqual(
      documented
        .filter(({ primaryKey }) => primaryKey.length > 0)
        .map(({ name, primaryKey }) => ({ t: name, columns: primaryKey })),
    );
  });
});

describe('an existing database', () => {
  it('is not migrated twice', async () => {
    await (await openForWriting(path)).close();

    const database = await openForWriting(path);
    const applied = await rowsOf(database, 'SELECT version, name FROM schema_migrations ORDER BY version');
    await database.close();

    expect(applied).toEqual(migrationNames.map((name, index) => ({ version: index + 1, name })));
  });

  it('without a history gets a version of each listing: since its last change, or since it was first seen', async () => {
    const earlier = migrationNames.slice(
      0,
      migrationNames.findIndex((name) => name.endsWith('_listing_versions.sql')),
    );
    const applied = earlier.map(
      (name, index) => `INSERT INTO schema_migrations VALUES (${index + 1}, '${name}', now());`,
    );
    await runElsewhere(`
      CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL);
      ${earlier.map((name) => readFileSync(join('src/storage/migrations', name), 'utf8')).join('\n')}
      ${applied.join('\n')}
      INSERT INTO listings BY NAME SELECT listing_id, url: 'u', deal_type: 'sale', city: 'Helsinki', price_eur: 190,
        other_details_json: '{}', first_seen_at: TIMESTAMP '2026-11-01', last_seen_at: TIMESTAMP '2026-11-09',
        data_quality_score: 1, issues_json: '[]', content_hash: 'h', execution_id: 'e', fetched_at: TIMESTAMP '2026-11-08',
        request_url: 'u', response_sha256: 's', parser: 'p', node_id: 'n', card_hash: 'c'
        FROM (VALUES ('1'), ('2')) AS known (listing_id);
      INSERT INTO execution_listings VALUES ('e1', 'Helsinki', '1', 1, 'new', TIMESTAMP '2026-11-01'),
        ('e2', 'Helsinki', '1', 1, 'changed', TIMESTAMP '2026-11-05'), ('e3', 'Helsinki', '1', 1, 'unchanged', TIMESTAMP '2026-11-08');
    `);

    const database = await openForWriting(path);
    const versions = await rowsOf(
      database,
      `SELECT listing_id, price_eur::INTEGER AS price, card_hash, valid_from, valid_to, end_reason
        FROM listings_as_of('2026-11-05') ORDER BY listing_id`,
    );
    await database.close();

    const version = { price: 190, card_hash: 'c', valid_to: null, end_reason: null };
    expect(versions).toEqual([
      { listing_id: '1', ...version, valid_from: '2026-11-05 00:00:00' },
      { listing_id: '2', ...version, valid_from: '2026-11-01 00:00:00' },
    ]);
  });

  it('is kept beside as it was before it is brought from an older schema, and can be gone back to', async () => {
    const last = migrationNames.length;
    await runElsewhere(`
      CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL);
      ${migrationNames
        .slice(0, -1)
        .map((name) => readFileSync(join('src/storage/migrations', name), 'utf8'))
        .join('\n')}
      ${migrationNames
        .slice(0, -1)
        .map((name, index) => `INSERT INTO schema_migrations VALUES (${index + 1}, '${name}', now());`)
        .join('\n')}
      INSERT INTO executions (execution_id, nominal_day, status) VALUES ('daily-2026-11-22', DATE '2026-11-22', 'completed');
    `);
    await (await openForWriting(path)).close();
    const versionOf = async () => {
      const instance = await DuckDBInstance.create(path);
      const connection = await instance.connect();
      const reader = await connection.runAndReadAll(
        'SELECT (SELECT max(version) FROM schema_migrations)::INT AS schema, execution_id AS id FROM executions',
      );
      connection.closeSync();
      instance.closeSync();
      return reader.getRowObjects();
    };
    expect(await versionOf()).toEqual([{ schema: last, id: 'daily-2026-11-22' }]);
    expect(readdirSync(folder.path).sort()).toEqual(['series.duckdb', `series.duckdb.schema-${last - 1}`]);
    // What the operator does to go back (docs/operations.md).
    renameSync(`${path}.schema-${last - 1}`, path);
    expect(await versionOf()).toEqual([{ schema: last - 1, id: 'daily-2026-11-22' }]);
  });

  it('is not migrated when it cannot be kept', async () => {
    await (await openForWriting(path)).close();
    await runElsewhere(`DELETE FROM schema_migrations WHERE version = ${migrationNames.length}`);
    mkdirSync(`${path}.schema-${migrationNames.length - 1}.part`);
    await expect(openForWriting(path)).rejects.toMatchObject({ category: 'STORAGE_ERROR' });
    rmdirSync(`${path}.schema-${migrationNames.length - 1}.part`);
  });

  it.each(['write', 'read'] as const)('of a newer program is left as it is in mode %s', async (mode) => {
    await (await openForWriting(path)).close();
    await runElsewhere("INSERT INTO schema_migrations VALUES (99, '0099_future.sql', now())");
    const before = readFileSync(path);

    const opening = openDatabase({ path, mode, memoryLimit: '512MB', threads: 2 });

    await expect(opening).rejects.toMatchObject({ code: 'DATABASE_TOO_NEW' });
    const known = migrationNames.length;
    await expect(opening).rejects.toThrow(`expected schema version ${known} or older, got 99; update oikotie`);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each(['write', 'read'] as const)('of another program is left as it is in mode %s', async (mode) => {
    await runElsewhere('CREATE TABLE listings (something INTEGER)');
    const before = readFileSync(path);

    const opening = openDatabase({ path, mode, memoryLimit: '512MB', threads: 2 });

    await expect(opening).rejects.toMatchObject({ code: 'DATABASE_FOREIGN' });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('without any table is too old to read and fine to write', async () => {
    await runElsewhere('SELECT 1');

    await expect(openDatabase({ path, mode: 'read', memoryLimit: '512MB', threads: 2 })).rejects.toMatchObject({
      code: 'DATABASE_TOO_OLD',
    });
    await expect(openForWriting(path).then((database) => database.close())).resolves.toBeUndefined();
  });
});
