import { readdirSync, readFileSync } from 'node:fs';
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
