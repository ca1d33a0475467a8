import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, openForWriting } from './samples.ts';

let folder: TestFolder;
let database: Database;

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

it.each([
  ['seen_at IS NULL', 2],
  ['seen_at IS NOT NULL', 1],
  ["outcome = 'failed'", 2],
  ["outcome <> 'failed'", 1],
  ['page < 10', 2],
])('a statement that is kept answers where %s as it is now, not as it was when it was planned', async (where, rows) => {
  await database.use((session) => session.run('CREATE TABLE t (page INTEGER, outcome VARCHAR, seen_at TIMESTAMP)'));
  const count = () => database.use((session) => session.rows(`SELECT page FROM t WHERE ${where}`, {}));
  await database.use((session) => session.run("INSERT INTO t VALUES (20, 'new', '2026-11-22')"));
  await count();

  await database.use((session) => session.run("INSERT INTO t VALUES (1, 'failed', NULL), (2, 'failed', NULL)"));

  expect(await count()).toHaveLength(rows);
});
