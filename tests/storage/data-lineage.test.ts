import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { ListingSample, TestFolder } from './samples.ts';
import { createFolder, listingWrite, openForWriting, writesOf } from './samples.ts';

let folder: TestFolder;
let database: Database;
let store: SeriesStore;

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
  store = createSeriesStore({ database, clock: createFakeClock() });
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

const write = (listingId: string, sample: ListingSample = {}) =>
  store.commit(writesOf({ listings: [listingWrite(listingId, sample)] }));
const rows = (columns: string) =>
  database.use((session) => session.rows(`SELECT ${columns} FROM data_lineage ORDER BY rowid`));

describe('the lineage of listings', () => {
  it('has a row with its whole origin for each listing that is new', async () => {
    await write('1');

    expect(await rows('* EXCLUDE fetched_at, fetched_at::VARCHAR AS at')).toEqual([
      {
        table_name: 'listings',
        record_id: '1',
        operation: 'INSERT',
        data_source: 'asunnot.oikotie.fi',
        execution_id: 'daily-2026-11-21',
        transformation: 'listing-page/1',
        quality_score: 0.9,
        request_url: 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/1',
        status: 200,
        at: '2026-11-21 04:00:00',
        response_sha256: 'ab'.repeat(32),
        node_id: 'node-1',
      },
    ]);
  });

  it('has another for a change, and none for a page that says the same or comes twice', async () => {
    const changed = { fields: { priceEur: 1 }, fetchedAtUtc: '2026-11-23T04:00:00.000Z', parser: 'listing-page/2' };
    await write('1');
    await write('1');
    await write('1', { fetchedAtUtc: '2026-11-22T04:00:00.000Z' });
    await write('1', changed);
    await write('1', changed);

    expect(await rows('operation, transformation')).toEqual([
      { operation: 'INSERT', transformation: 'listing-page/1' },
      { operation: 'UPDATE', transformation: 'listing-page/2' },
    ]);
  });

  it('is rolled back with what it tells of', async () => {
    const broken = writesOf({ listings: [listingWrite('1')], unchanged: [], failures: [] });
    const failing = { ...broken, ledgerBatches: [{ batchId: null }] } as unknown as typeof broken;

    await expect(store.commit(failing)).rejects.toThrow();

    expect(await rows('*')).toEqual([]);
  });
});
