import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { makeValidationDatabase, removeValidationDatabase } from '../../src/storage/validation-database.ts';
import { queryRows } from '../workers/stored-records.ts';
import type { TestFolder } from './samples.ts';
import { createFolder } from './samples.ts';

const limits = { memoryLimit: '256MB', threads: 1 };

let folder: TestFolder;
let path: string;
beforeEach(() => {
  folder = createFolder();
  path = join(folder.path, 'series.duckdb');
});
afterEach(() => folder.remove());

it('is made anew, with nothing but the listings that must not be stored', async () => {
  await makeValidationDatabase(path, limits, ['1', '2']);
  await makeValidationDatabase(path, limits, ['2', '3']);

  expect(await queryRows(path, 'select listing_id from forgotten_listings order by 1')).toEqual([
    { listing_id: '2' },
    { listing_id: '3' },
  ]);
});

it('takes the place of a file that is no database', async () => {
  writeFileSync(path, 'this is not a database, only a text that is long enough to look at');

  await makeValidationDatabase(path, limits, []);

  expect(await queryRows(path, 'select count(*) as n from listings')).toEqual([{ n: 0 }]);
});

it('is not taken from another validation', async () => {
  const other = await openDatabase({ path, mode: 'write', memoryLimit: '256MB', threads: 2 });

  await expect(makeValidationDatabase(path, limits, [])).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });

  await other.close();
  await removeValidationDatabase(path);
  await removeValidationDatabase(path);
});
