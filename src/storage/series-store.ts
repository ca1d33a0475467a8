/**
 * The series: the DuckDB adapter of the port SeriesStore. Every write is one transaction and may be repeated; nothing
 * is acknowledged before it is in the file. It borrows the database and never closes it.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { FailureWrite, KnownPage, SeriesStore, StoreWrites } from '../jobs/series-store.ts';
import { createBufferedWriter } from './buffered-writer.ts';
import { countRequestRows, createCityCounter } from './city-counts.ts';
import { commitFailures, commitSearchPages } from './commit-discoveries.ts';
import { commitListings } from './commit-listings.ts';
import { commitUnchanged } from './commit-unchanged.ts';
import type { Database } from './database.ts';
import {
  insertCityStart,
  insertExecution,
  selectCityStart,
  selectCityStop,
  selectExecutionsOfDay,
  selectReceipts,
  updateExecution,
  upsertReceipt,
} from './executions.ts';
import type { Session } from './session.ts';

const settledRow = z.object({ listingId: z.string() });
const knownPageRow = z.object({
  listingId: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  parser: z.string(),
  cardHash: z.string(),
});

/**
 * The store over a database opened to write; `clock` stamps the outcomes. Calls may overlap: each waits its turn.
 * Every function rejects with a StorageError when the database cannot do it.
 */
export function createSeriesStore({ database, clock }: { database: Database; clock: Clock }): SeriesStore {
  const { recordRequest, recordAudit, transact, flush } = createBufferedWriter(database);
  const cities = createCityCounter();

  return {
    startExecution: (input) => database.transact((session) => insertExecution(session, input)),
    startCity: (input) => database.transact((session) => insertCityStart(session, input)),
    commit: async (writes) => {
      await transact(async (session) => {
        if (writes.searchPages.length > 0) cities.forgetPages();
        await commitWrites(session, writes, toUtcIso(clock.now()));
      });
    },
    knownPages: (city) => database.use((session) => selectKnownPages(session, city)),
    recordRequest,
    recordAudit,
    flush,
    countCity: async (executionId, city) => {
      await flush();
      return database.use((session) => cities.count(session, executionId, city));
    },
    countRequests: async (executionId) => {
      await flush();
      return database.use((session) => countRequestRows(session, executionId));
    },
    saveCityReceipt: (receipt) => transact((session) => upsertReceipt(session, receipt)),
    cityStartedAt: (executionId, city) => database.use((session) => selectCityStart(session, executionId, city)),
    cityStopReason: (executionId, city) => database.use((session) => selectCityStop(session, executionId, city)),
    cityReceipts: (executionId) => database.use((session) => selectReceipts(session, executionId)),
    saveExecutionResult: (result, finishedAtUtc) =>
      transact((session) => updateExecution(session, result, finishedAtUtc)),
    settledListingIds: (executionId, city) => database.use((session) => selectSettled(session, executionId, city)),
    executionsOfDay: (nominalDay) => database.use((session) => selectExecutionsOfDay(session, nominalDay)),
  };
}

async function commitWrites(session: Session, writes: StoreWrites, settledAtUtc: string): Promise<void> {
  let missing: readonly FailureWrite[] = [];
  await commitSearchPages(session, writes.searchPages, settledAtUtc, async () => {
    await commitListings(session, writes.listings, settledAtUtc);
    missing = await commitUnchanged(session, writes.unchanged, settledAtUtc);
  });
  await commitFailures(session, [...writes.failures, ...missing], settledAtUtc);
}

async function selectSettled(session: Session, executionId: string, city: string): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    `SELECT listing_id AS listingId FROM execution_listings WHERE execution_id = $executionId AND city = $city
      AND outcome IN ('new', 'changed', 'unchanged', 'removed')`,
    { executionId, city },
  );
  return new Set(rows.map((row) => settledRow.parse(row).listingId));
}

async function selectKnownPages(session: Session, city: string): Promise<ReadonlyMap<string, KnownPage>> {
  const rows = await session.rows(
    `SELECT listing_id AS listingId, etag, last_modified AS lastModified, parser, card_hash AS cardHash FROM listings
      WHERE city = $city AND card_hash IS NOT NULL AND (etag IS NOT NULL OR last_modified IS NOT NULL)`,
    { city },
  );
  const pages = rows.map((row) => knownPageRow.parse(row));
  return new Map(pages.map(({ listingId, ...page }) => [listingId, page]));
}
