/** Listings whose page is not modified: seen again, nothing else; and never settled when they are not stored. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from './samples.ts';
import {
  createFolder,
  failureWrite,
  listingWrite,
  openForWriting,
  pageWrite,
  rowsOf,
  unchangedWrite,
  writesOf,
} from './samples.ts';

const nextDay = 'daily-2026-11-22';
let folder: TestFolder;
let database: Database;
let store: SeriesStore;

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
  store = createSeriesStore({ database, clock: systemClock });
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

const listingRows = () => rowsOf(database, 'SELECT * FROM listings ORDER BY listing_id');
const outcomes = () =>
  rowsOf(
    database,
    `SELECT listing_id, page, outcome FROM execution_listings WHERE execution_id = '${nextDay}' ORDER BY 1`,
  );

describe('a listing whose page is not modified', () => {
  it('was seen again by this execution, and says what it said', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1', { etag: '"v1"' })] }));
    const [before] = await listingRows();

    const searchPages = [pageWrite(1, { executionId: nextDay, listingIds: ['1'] })];
    const unchanged = [unchangedWrite('1', { executionId: nextDay })];
    await store.commit(writesOf({ searchPages, unchanged }));
    await store.commit(writesOf({ unchanged }));

    expect(await outcomes()).toEqual([{ listing_id: '1', page: 1, outcome: 'unchanged' }]);
    expect(await listingRows()).toEqual([
      {
        ...before,
        execution_id: nextDay,
        node_id: 'node-2',
        fetched_at: '2026-11-22 04:00:00',
        last_seen_at: '2026-11-22 04:00:00',
      },
    ]);
  });

  it('takes back an earlier failure, and leaves a better outcome', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1'), listingWrite('2', { executionId: nextDay })] }));
    await store.commit(writesOf({ failures: [failureWrite('1', { executionId: nextDay })] }));

    const unchanged = ['1', '2'].map((id) => unchangedWrite(id, { executionId: nextDay }));
    await store.commit(writesOf({ unchanged }));

    expect(await outcomes()).toMatchObject([
      { listing_id: '1', outcome: 'unchanged' },
      { listing_id: '2', outcome: 'new' },
    ]);
    expect(await rowsOf(database, 'SELECT * FROM failed_listings')).toEqual([]);
  });

  it('is a failed one when it is not stored, beside one that is', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1')] }));

    const unchanged = ['1', '404'].map((id) => unchangedWrite(id, { executionId: nextDay }));
    await store.commit(writesOf({ unchanged }));

    expect(await outcomes()).toMatchObject([
      { listing_id: '1', outcome: 'unchanged' },
      { listing_id: '404', outcome: 'failed' },
    ]);
    expect(await rowsOf(database, 'SELECT listing_id, category, code FROM failed_listings')).toEqual([
      { listing_id: '404', category: 'WRONG_PAGE', code: 'NOT_MODIFIED_UNKNOWN' },
    ]);
  });
});

it('knows the pages of a city, and whether their last try failed', async () => {
  await store.commit(writesOf({ listings: [listingWrite('1', { etag: 'W/"v1"' }), listingWrite('2')] }));
  await store.commit(
    writesOf({
      listings: [listingWrite('1', { etag: 'W/"v2"', executionId: nextDay, fetchedAtUtc: '2026-11-22T04:00:00.000Z' })],
    }),
  );

  await store.commit(
    writesOf({ failures: [failureWrite('2', { executionId: nextDay, failedAtUtc: '2026-11-23T04:00:00.000Z' })] }),
  );

  const page = { lastModified: null, parser: 'listing-page/1', cardHash: 'cd'.repeat(32) };
  expect(await store.knownPages('Helsinki')).toEqual(
    new Map([
      ['1', { ...page, etag: 'W/"v2"', fetchedAtMs: Date.parse('2026-11-22T04:00:00Z'), lastTryFailed: false }],
      ['2', { ...page, etag: null, fetchedAtMs: expect.any(Number), lastTryFailed: true }],
    ]),
  );
  expect(await store.knownPages('Espoo')).toEqual(new Map());
  const wanted = new Map([
    ['Helsinki', new Set(['1', '404'])],
    ['Espoo', new Set(['2'])],
  ]);
  const among = await store.knownPagesAmong(wanted);
  expect(among.get('Helsinki')).toEqual(new Map([['1', expect.objectContaining({ etag: 'W/"v2"' })]]));
  expect(among.get('Espoo')).toEqual(new Map());
});
