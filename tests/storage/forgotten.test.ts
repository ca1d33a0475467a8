/** What a forgotten listing becomes when jobs of a run bring it back all the same. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchReason, hashOfCard } from '../../src/jobs/fetch-decision.ts';
import type { Card } from '../../src/listings/card.ts';
import type { Database } from '../../src/storage/database.ts';
import { forgetRows } from '../../src/storage/forget-rows.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from './samples.ts';
import {
  createFolder,
  executionId,
  failureWrite,
  listingWrite,
  openForWriting,
  pageWrite,
  rowsOf,
  unchangedWrite,
  writesOf,
} from './samples.ts';

let folder: TestFolder;
let database: Database;

beforeAll(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
});
afterAll(async () => {
  await database.close();
  folder.remove();
});

const outcomes = () => rowsOf(database, 'SELECT listing_id, outcome FROM execution_listings ORDER BY listing_id');

describe('a forgotten listing', () => {
  it('counts as skipped, whatever a run brings of it, and nothing of it is stored', async () => {
    const store = createSeriesStore({ database, clock: createFakeClock() });
    await store.commit(
      writesOf({ searchPages: [pageWrite(1, { listingIds: ['1', '2', '3'], portalTotal: 3, isLastPage: true })] }),
    );
    await database.transact((session) =>
      forgetRows(session, { listingId: '1', reason: null, nodeId: 'node-1', nowMs: Date.UTC(2026, 10, 21) }),
    );
    expect(await outcomes()).toMatchObject([{ outcome: 'skipped' }, { outcome: null }, { outcome: null }]);

    await store.commit(
      writesOf({
        searchPages: [
          pageWrite(1, { listingIds: ['1', '2', '3'], portalTotal: 3, isLastPage: true, unfetchedListingIds: ['1'] }),
        ],
        listings: [listingWrite('1'), listingWrite('2')],
        unchanged: [unchangedWrite('1')],
        failures: [failureWrite('1'), failureWrite('3')],
      }),
    );

    expect((await outcomes()).map((row) => row['outcome'])).toEqual(['skipped', 'new', 'failed']);
    expect(await store.countCity(executionId, 'Helsinki')).toMatchObject({
      ...{ discovered: 3, new: 1, failed: 1, skipped: 1, pending: 0, duplicateCards: 0 },
    });
    expect(await rowsOf(database, 'SELECT listing_id FROM listings')).toEqual([{ listing_id: '2' }]);
    expect(await rowsOf(database, 'SELECT key FROM failed_listings')).toEqual([{ key: '3' }]);
  });

  it('is known to every city as one that must not be fetched, not even by a task that fetches all', async () => {
    const store = createSeriesStore({ database, clock: createFakeClock() });

    const known = (await store.knownPagesAmong(new Map([['Espoo', new Set(['1'])]]))).get('Espoo');
    const card = { listingId: '1' } as Card; // its fingerprint is all that is looked at

    const page = known?.get('1') ?? null;
    expect(page?.cardHash).not.toBe(hashOfCard(card));
    for (const fetchesAll of [true, false]) {
      expect(fetchReason(card, page, { fetchesAll, refreshAfterMs: 0 }, Date.UTC(2027, 0, 1))).toBeNull();
    }
    expect([...(await store.knownPages('Espoo')).keys()]).toEqual(['1']);
  });
});
