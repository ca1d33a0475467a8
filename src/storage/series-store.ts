/**
 * The series: the DuckDB adapter of the port SeriesStore. Every write is one transaction and may be repeated; nothing
 * is acknowledged before it is in the file. It borrows the database and never closes it.
 */
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { boundsOfNominalDay, nominalDayOf, toUtcIso } from '../clock.ts';
import type { SeriesStore } from '../jobs/series-store.ts';
import type { FailureWrite, StoreWrites } from '../jobs/store-writes.ts';
import { createBufferedWriter } from './buffered-writer.ts';
import { countRequestRows, createCityCounter } from './city-counts.ts';
import { saveCityEnd } from './close-city.ts';
import { closeQuarantine } from './close-quarantine.ts';
import { commitFailures, commitSearchPages } from './commit-discoveries.ts';
import { commitLedgerBatches } from './commit-ledger.ts';
import { commitListings } from './commit-listings.ts';
import { commitUnchanged } from './commit-unchanged.ts';
import { keepConfiguration } from './configurations.ts';
import type { Database } from './database.ts';
import {
  insertCityStart,
  insertExecution,
  selectCityStart,
  selectCityStop,
  selectExecutionsOfDay,
  selectLastRecorded,
  selectReceipts,
  updateExecution,
} from './executions.ts';
import { countFields, selectMeasure } from './field-coverage.ts';
import { selectForgotten, withoutForgotten } from './forgotten.ts';
import { selectKnownPages, selectKnownPagesAmong } from './known-pages.ts';
import { insertSkippedDay, selectRunning } from './left-executions.ts';
import { keepAccepted, quarantineCity, selectOpenQuarantine } from './quarantine.ts';
import { addUpOldRequests, selectDayRequests } from './request-ledger.ts';
import type { Session } from './session.ts';
import { selectStoredRows } from './stored-listings.ts';

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
  const { recordRequest, recordLimit, recordRobots, recordAudit, recordLineage, transact, flush } =
    createBufferedWriter(database);
  const cities = createCityCounter();

  return {
    startExecution: (input) => database.transact((session) => insertExecution(session, input)),
    keepConfiguration: (input) => database.transact((session) => keepConfiguration(session, input)),
    startCity: (input) => database.transact((session) => insertCityStart(session, input)),
    commit: async (writes) => {
      await transact(async (session) => {
        if (writes.searchPages.length > 0) cities.forgetPages();
        await commitWrites(session, withoutForgotten(writes, await selectForgotten(session)), toUtcIso(clock.now()));
        await commitLedgerBatches(session, writes.ledgerBatches ?? []);
      });
    },
    knownPages: (city) => database.use((session) => selectKnownPages(session, city)),
    knownPagesAmong: (wanted) => database.use((session) => selectKnownPagesAmong(session, wanted)),
    recordRequest,
    recordLimit,
    recordRobots,
    recordAudit,
    recordLineage,
    flush,
    storedListings: (wanted) => database.use((session) => selectStoredRows(session, wanted)),
    responsesInUse: (sha256s) => database.use((session) => selectResponsesInUse(session, sha256s)),
    countCity: async (executionId, city) => {
      await flush();
      return database.use((session) => cities.count(session, executionId, city));
    },
    countRequests: async (executionId) => {
      await flush();
      return database.use((session) => countRequestRows(session, executionId));
    },
    ...createQuarantines({ transact, use: database.use }),
    saveCityReceipt: (receipt, rules) => transact((session) => saveCityEnd(session, receipt, rules)),
    lastRecordedAtMs: () => database.use(selectLastRecorded),
    cityStartedAt: (executionId, city) => database.use((session) => selectCityStart(session, executionId, city)),
    cityStopReason: (executionId, city) => database.use((session) => selectCityStop(session, executionId, city)),
    cityReceipts: (executionId) => database.use((session) => selectReceipts(session, executionId)),
    requestsOfDay: async (nominalDay) => {
      await flush();
      const { fromMs, toMs } = boundsOfNominalDay(nominalDay);
      return database.use((session) => selectDayRequests(session, fromMs, toMs));
    },
    saveExecutionResult: async (result, finishedAtUtc) => {
      await transact((session) => updateExecution(session, result, finishedAtUtc));
      if (requestLogDays !== undefined) await addUpRequests(database, clock.now() - requestLogDays * dayMs);
    },
    settledListingIds: (executionId, city) => database.use((session) => selectSettled(session, executionId, city)),
    recordSkippedDay: (day) => database.transact((session) => insertSkippedDay(session, day)),
    runningExecutions: async () => {
      await flush();
      return database.use(selectRunning);
    },
    executionsOfDay: (nominalDay) => database.use((session) => selectExecutionsOfDay(session, nominalDay)),
  };
}

/** The part of the store that measures the cities of a run and takes back what has drifted. */
function createQuarantines({ transact, use }: Pick<Database, 'transact' | 'use'>): QuarantineStore {
  return {
    measureCity: (run, limits) =>
      transact(async (session) => {
        await countFields(session, run.executionId, run.city);
        return selectMeasure(session, run, limits);
      }),
    quarantineCity: (write) => transact((session) => quarantineCity(session, write)),
    acceptDrift: (write) => transact((session) => keepAccepted(session, write)),
    closeQuarantine: (closing) => transact((session) => closeQuarantine(session, closing)),
    openQuarantine: (executionId, city) => use((session) => selectOpenQuarantine(session, executionId, city)),
  };
}

type QuarantineStore = Pick<
  SeriesStore,
  'measureCity' | 'quarantineCity' | 'acceptDrift' | 'closeQuarantine' | 'openQuarantine'
>;

/** Adds single requests up that left before the day of this instant. */
async function addUpRequests(database: Database, epochMs: number): Promise<void> {
  const { fromMs } = boundsOfNominalDay(nominalDayOf(epochMs));
  await database.transact((session) => addUpOldRequests(session, toUtcIso(fromMs)));
}

async function commitWrites(session: Session, writes: StoreWrites, settledAtUtc: string): Promise<void> {
  let missing: readonly FailureWrite[] = [];
  await commitSearchPages(session, writes.searchPages, settledAtUtc, async () => {
    await commitListings(session, writes.listings, settledAtUtc, writes.isCorrection);
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

async function selectResponsesInUse(session: Session, sha256s: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    'SELECT DISTINCT response_sha256 AS sha256 FROM listings WHERE response_sha256 IN (SELECT unnest($sha256s::VARCHAR[]))',
    { sha256s: listValue(sha256s) },
  );
  return new Set(rows.map(({ sha256 }) => String(sha256)));
}
