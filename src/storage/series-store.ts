/**
 * The series: the DuckDB adapter of the port SeriesStore. Every write is one transaction and may be repeated; nothing
 * is acknowledged before it is in the file. It borrows the database and never closes it.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { RequestLogEntry } from '../crawl/request-log.ts';
import type { RequestBatchWrite, SeriesStore } from '../jobs/series-store.ts';
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
import type { Session } from './session.ts';
import { columnsOf, createStagingTables, typesOf } from './staging.ts';
import { requestLogTable } from './tables.ts';

const settledRow = z.object({ listingId: z.string() });

/**
 * The store over a database opened to write; `clock` stamps the outcomes. Calls may overlap: each waits its turn.
 * Every function rejects with a StorageError when the database cannot do it.
 */
export function createSeriesStore({ database, clock }: { database: Database; clock: Clock }): SeriesStore {
  let requests: RequestLogEntry[] = [];
  let hasStaging = false;
  const cities = createCityCounter();

  const createStagingOnce = async (): Promise<void> => {
    if (hasStaging) return;
    await database.use((session) => createStagingTables(session, [...discoveryStagingTables, ...listingStagingTables]));
    hasStaging = true;
  };

  /** Writes the requests recorded so far, when there are any. */
  const flushRequests = async (): Promise<void> => {
    if (requests.length > 0) await transactWithRequests(() => Promise.resolve());
  };

  /** Runs the work and writes the requests recorded so far with it; they stay buffered when it fails. */
  const transactWithRequests = async (work: (session: Session) => Promise<void>): Promise<void> => {
    let flushed: readonly RequestLogEntry[] = [];
    try {
      await database.transact(async (session) => {
        flushed = requests;
        requests = [];
        await appendRequests(session, flushed);
        await work(session);
      });
    } catch (error) {
      requests = [...flushed, ...requests];
      throw error;
    }
  };

  return {
    startExecution: (input) => database.transact((session) => insertExecution(session, input)),
    startCity: (input) => database.transact((session) => insertCityStart(session, input)),
    commit: async ({ searchPages, listings, failures, requestBatches = [] }) => {
      await createStagingOnce();
      await transactWithRequests(async (session) => {
        const settledAtUtc = toUtcIso(clock.now());
        await commitRequestBatches(session, requestBatches);
        if (searchPages.length > 0) cities.forgetPages();
        const storeListings = () => commitListings(session, listings, settledAtUtc);
        await commitSearchPages(session, searchPages, settledAtUtc, storeListings);
        await commitFailures(session, failures, settledAtUtc);
      });
    },
    recordRequest: (entry) => {
      requests.push(entry);
    },
    countCity: async (executionId, city) => {
      await flushRequests();
      return database.use((session) => cities.count(session, executionId, city));
    },
    countRequests: async (executionId) => {
      await flushRequests();
      return database.use((session) => countRequestRows(session, executionId));
    },
    saveCityReceipt: (receipt) => transactWithRequests((session) => upsertReceipt(session, receipt)),
    cityStartedAt: (executionId, city) => database.use((session) => selectCityStart(session, executionId, city)),
    cityStopReason: (executionId, city) => database.use((session) => selectCityStop(session, executionId, city)),
    cityReceipts: (executionId) => database.use((session) => selectReceipts(session, executionId)),
    saveExecutionResult: (result, finishedAtUtc) =>
      transactWithRequests((session) => updateExecution(session, result, finishedAtUtc)),
    settledListingIds: (executionId, city) => database.use((session) => selectSettled(session, executionId, city)),
    executionsOfDay: (nominalDay) => database.use((session) => selectExecutionsOfDay(session, nominalDay)),
  };
}

/** Appends the batches that the file does not have yet. */
async function commitRequestBatches(session: Session, batches: readonly RequestBatchWrite[]): Promise<void> {
  for (const { batchId, executionId, entries } of batches) {
    const added = await session.rows(
      `INSERT INTO request_batches VALUES ($batchId, $executionId) ON CONFLICT DO NOTHING RETURNING batch_id`,
      { batchId, executionId },
    );
    if (added.length > 0) await appendRequests(session, entries);
  }
}

async function appendRequests(session: Session, entries: readonly RequestLogEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { name, columns } = requestLogTable;
  await session.append({ name, catalog: null, types: typesOf(columns) }, columnsOf(columns, entries.map(requestRow)));
}

function requestRow(entry: RequestLogEntry) {
  return {
    sent_at: entry.sentAtUtc,
    execution_id: entry.executionId,
    city: entry.city,
    kind: entry.kind,
    url: entry.url,
    status: entry.status,
    duration_ms: entry.durationMs,
    body_bytes: entry.bodyBytes,
    error_category: entry.errorCategory,
    node_id: entry.nodeId,
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
