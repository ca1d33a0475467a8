/** A store over a real database in a folder of its own, emptied after each test. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, emptyTables, openForWriting } from './samples.ts';

const clock = {
  now: () => Date.parse('2026-11-30T05:00:00.000Z'),
  sleep: () => Promise.resolve(),
  after: () => () => {},
};

let folder: TestFolder;
export let database: Database;
export let store: SeriesStore;

/** To be called once in a file of tests; `database` and `store` are there from its first test on. */
export function useStore(): void {
  beforeAll(async () => {
    folder = createFolder();
    database = await openForWriting(join(folder.path, 'series.duckdb'));
  });
  beforeEach(() => {
    store = createSeriesStore({ database, clock });
  });
  afterEach(() => emptyTables(database));
  afterAll(async () => {
    await database.close();
    folder.remove();
  });
}
