/**
 * The series: the DuckDB adapter of the port SeriesStore. Every write is one transaction and may be repeated; nothing
 * is acknowledged before it is in the file. It borrows the database and never closes it.
 */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { RequestLogEntry } from '../crawl/request-log.ts';
import type { FailureWrite, KnownPage, SeriesStore, StoreWrites } from '../jobs/series-store.ts';
import { countRequestRows, createCityCounter } from './city-counts.ts';
import { commitFailures, commitSearchPages, discoveryStagingTables } from './commit-discoveries.ts';
import { commitListings, listingStagingTables } from './commit-listings.ts';
import { commitUnchanged, unchangedStagingTables } from './commit-unchanged.ts';
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
  let requests: RequestLogEntry[] = [];
  let hasStaging = false;
  const cities = createCityCounter();

  const createStagingOnce = async (): Promise<void> => {
    if (hasStaging) return;
    const tables = [...discoveryStagingTables, ...listingStagingTables, ...unchangedStagingTables];
    await database.use((session) => createStagingTables(session, tables));
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
    commit: async (writes) => {
      await createStagingOnce();
      await transactWithRequests(async (session) => {
        if (writes.searchPages.length > 0) cities.forgetPages();
        await commitWrites(session, writes, toUtcIso(clock.now()));
      });
    },
    knownPages: (city) => database.use((session) => selectKnownPages(session, city)),
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

async function commitWrites(session: Session, writes: StoreWrites, settledAtUtc: string): Promise<void> {
  let missing: readonly FailureWrite[] = [];
  await commitSearchPages(session, writes.searchPages, settledAtUtc, async () => {
    await commitListings(session, writes.listings, settledAtUtc);
    missing = await commitUnchanged(session, writes.unchanged, settledAtUtc);
  });
  await commitFailures(session, [...writes.failures, ...missing], settledAtUtc);
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

async function selectKnownPages(session: Session, city: string): Promise<ReadonlyMap<string, KnownPage>> {
  const rows = await session.rows(
    `SELECT listing_id AS listingId, etag, last_modified AS lastModified, parser, card_hash AS cardHash FROM listings
      WHERE city = $city AND card_hash IS NOT NULL AND (etag IS NOT NULL OR last_modified IS NOT NULL)`,
    { city },
  );
  const pages = rows.map((row) => knownPageRow.parse(row));
  return new Map(pages.map(({ listingId, ...page }) => [listingId, page]));
}
