/**
 * The series: the DuckDB adapter of the port SeriesStore. Every write is one transaction and may be repeated; nothing
 * is acknowledged before it is in the file. It borrows the database and never closes it.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { boundsOfNominalDay, nominalDayOf, toUtcIso } from '../clock.ts';
import type { SeriesStore } from '../jobs/series-store.ts';
import { countRequestRows, createCityCounter } from './city-counts.ts';
import { commitFailures, commitSearchPages, discoveryStagingTables } from './commit-discoveries.ts';
import { commitListings, listingStagingTables } from './commit-listings.ts';
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
import { createLedgerWriter } from './ledger-writer.ts';
import { addUpOldRequests, selectDayRequests } from './request-ledger.ts';
import type { Session } from './session.ts';
import { createStagingTables } from './staging.ts';

const settledRow = z.object({ listingId: z.string() });

const dayMs = 86_400_000;

interface SeriesStoreOptions {
  readonly database: Database;
  /** Stamps the outcomes. */
  readonly clock: Clock;
  /** Days for which single requests are kept, today not counted; by default for good. */
  readonly requestLogDays?: number;
}

/**
 * The store over a database opened to write. Calls may overlap: each waits its turn.
 * Every function rejects with a StorageError when the database cannot do it.
 */
export function createSeriesStore({ database, clock, requestLogDays }: SeriesStoreOptions): SeriesStore {
  const ledger = createLedgerWriter(database);
  let hasStaging = false;
  const cities = createCityCounter();

  const createStagingOnce = async (): Promise<void> => {
    if (hasStaging) return;
    await database.use((session) => createStagingTables(session, [...discoveryStagingTables, ...listingStagingTables]));
    hasStaging = true;
  };

  return {
    startExecution: (input) => database.transact((session) => insertExecution(session, input)),
    startCity: (input) => database.transact((session) => insertCityStart(session, input)),
    commit: async ({ searchPages, listings, failures }) => {
      await createStagingOnce();
      await ledger.transact(async (session) => {
        const settledAtUtc = toUtcIso(clock.now());
        if (searchPages.length > 0) cities.forgetPages();
        const storeListings = () => commitListings(session, listings, settledAtUtc);
        await commitSearchPages(session, searchPages, settledAtUtc, storeListings);
        await commitFailures(session, failures, settledAtUtc);
      });
    },
    recordRequest: ledger.recordRequest,
    recordLimit: ledger.recordLimit,
    recordRobots: ledger.recordRobots,
    countCity: async (executionId, city) => {
      await ledger.flush();
      return database.use((session) => cities.count(session, executionId, city));
    },
    countRequests: async (executionId) => {
      await ledger.flush();
      return database.use((session) => countRequestRows(session, executionId));
    },
    saveCityReceipt: (receipt) => ledger.transact((session) => upsertReceipt(session, receipt)),
    cityStartedAt: (executionId, city) => database.use((session) => selectCityStart(session, executionId, city)),
    cityStopReason: (executionId, city) => database.use((session) => selectCityStop(session, executionId, city)),
    cityReceipts: (executionId) => database.use((session) => selectReceipts(session, executionId)),
    requestsOfDay: async (nominalDay) => {
      await ledger.flush();
      const { fromMs, toMs } = boundsOfNominalDay(nominalDay);
      return database.use((session) => selectDayRequests(session, fromMs, toMs));
    },
    saveExecutionResult: async (result, finishedAtUtc) => {
      await ledger.transact((session) => updateExecution(session, result, finishedAtUtc));
      if (requestLogDays !== undefined) await addUpRequests(database, clock.now() - requestLogDays * dayMs);
    },
    settledListingIds: (executionId, city) => database.use((session) => selectSettled(session, executionId, city)),
    executionsOfDay: (nominalDay) => database.use((session) => selectExecutionsOfDay(session, nominalDay)),
  };
}

/** Adds single requests up that left before the day of this instant. */
async function addUpRequests(database: Database, epochMs: number): Promise<void> {
  const { fromMs } = boundsOfNominalDay(nominalDayOf(epochMs));
  await database.transact((session) => addUpOldRequests(session, toUtcIso(fromMs)));
}

async function selectSettled(session: Session, executionId: string, city: string): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    `SELECT listing_id AS listingId FROM execution_listings WHERE execution_id = $executionId AND city = $city
      AND outcome IN ('new', 'changed', 'unchanged', 'removed')`,
    { executionId, city },
  );
  return new Set(rows.map((row) => settledRow.parse(row).listingId));
}
