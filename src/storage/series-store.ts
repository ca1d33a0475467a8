/**
 * The series: the DuckDB adapter of the port SeriesStore. Every write is one transaction and may be repeated; nothing
 * is acknowledged before it is in the file. It borrows the database and never closes it.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { SeriesStore } from '../jobs/series-store.ts';
import { createBufferedWriter } from './buffered-writer.ts';
import { countRequestRows, createCityCounter } from './city-counts.ts';
import { commitFailures, commitSearchPages } from './commit-discoveries.ts';
import { commitListings } from './commit-listings.ts';
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
    commit: async ({ searchPages, listings, failures }) => {
      await transact(async (session) => {
        const settledAtUtc = toUtcIso(clock.now());
        if (searchPages.length > 0) cities.forgetPages();
        const storeListings = () => commitListings(session, listings, settledAtUtc);
        await commitSearchPages(session, searchPages, settledAtUtc, storeListings);
        await commitFailures(session, failures, settledAtUtc);
      });
    },
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

async function selectSettled(session: Session, executionId: string, city: string): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    `SELECT listing_id AS listingId FROM execution_listings WHERE execution_id = $executionId AND city = $city
      AND outcome IN ('new', 'changed', 'unchanged', 'removed')`,
    { executionId, city },
  );
  return new Set(rows.map((row) => settledRow.parse(row).listingId));
}
