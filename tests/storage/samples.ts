/** Invented records and writes for the tests of this room, and databases in a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestLogEntry } from '../../src/crawl/request-log.ts';
import type {
  FailureWrite,
  ListingWrite,
  SearchPageWrite,
  StoreWrites,
  UnchangedWrite,
} from '../../src/jobs/store-writes.ts';
import type { ListingRecord } from '../../src/listings/fields.ts';
import { listingFieldNames } from '../../src/listings/fields.ts';
import type { CityReceipt, ExecutionResult } from '../../src/quality/city-receipt.ts';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { tables } from '../../src/storage/tables.ts';

export const executionId = 'daily-2026-11-21';
const fetchedAtUtc = '2026-11-21T04:00:00.000Z';

export interface TestFolder {
  readonly path: string;
  readonly remove: () => void;
}

export function createFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'oikotie-storage-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function openForWriting(path: string): Promise<Database> {
  return openDatabase({ path, mode: 'write', memoryLimit: '512MB', threads: 1 });
}

/** Takes every row out, so that tests of one file can share a database: to open one takes longer than most of them. */
export async function emptyTables(database: Database): Promise<void> {
  const filled = tables.filter(({ name, isView }) => isView !== true && name !== 'schema_migrations');
  await database.use(async ({ run }) => {
    for (const { name } of filled) await run(`DELETE FROM ${name}`);
  });
}

/** A listing with every field null that may be null, then with the given ones. */
function recordOf(listingId: string, fields: Partial<ListingRecord> = {}): ListingRecord {
  const empty = Object.fromEntries(listingFieldNames.map((name) => [name, null]));
  const record = {
    ...empty,
    listingId,
    url: `https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/${listingId}`,
    dealType: 'sale',
    city: 'Helsinki',
    address: `Keksittykatu ${listingId}`,
    priceEur: 200_000,
    areaM2: 50,
    rooms: 2,
    otherDetailsJson: { Kunto: 'Hyvä', Huoneita: '2' },
    ...fields,
  };
  // The names come from the field table and the required ones are set above, which the compiler cannot follow.
  return record as unknown as ListingRecord;
}

export interface ListingSample {
  readonly fields?: Partial<ListingRecord>;
  readonly executionId?: string;
  readonly fetchedAtUtc?: string;
  readonly parser?: string;
  readonly etag?: string;
}

export function listingWrite(listingId: string, sample: ListingSample = {}): ListingWrite {
  return {
    record: recordOf(listingId, sample.fields),
    issues: [],
    dataQualityScore: 0.9,
    provenance: {
      executionId: sample.executionId ?? executionId,
      requestUrl: `https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/${listingId}`,
      status: 200,
      fetchedAtUtc: sample.fetchedAtUtc ?? fetchedAtUtc,
      responseSha256: 'ab'.repeat(32),
      parser: sample.parser ?? 'listing-page/1',
      etag: sample.etag ?? null,
      lastModified: null,
      cardHash: 'cd'.repeat(32),
      nodeId: 'node-1',
    },
  };
}

export function pageWrite(page: number, write: Partial<SearchPageWrite> = {}): SearchPageWrite {
  return {
    executionId,
    city: 'Helsinki',
    page,
    pass: 1,
    portalTotal: 3,
    fetchMode: 'http',
    isLastPage: false,
    listingIds: [],
    unfetchedListingIds: [],
    skippedListingIds: [],
    foreignListingIds: [],
    fetchedAtUtc: '2026-11-21T03:00:00.000Z',
    ...write,
  };
}

export function unchangedWrite(listingId: string, write: Partial<UnchangedWrite> = {}): UnchangedWrite {
  return {
    executionId,
    city: 'Helsinki',
    listingId,
    requestUrl: `https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/${listingId}`,
    fetchedAtUtc: '2026-11-22T04:00:00.000Z',
    nodeId: 'node-2',
    ...write,
  };
}

export function failureWrite(listingId: string | null, write: Partial<FailureWrite> = {}): FailureWrite {
  return {
    executionId,
    city: 'Helsinki',
    listingId,
    jobKind: listingId === null ? 'search-page' : 'listing',
    page: null,
    url: 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/1',
    category: 'TIMEOUT',
    code: 'REQUEST_TIMEOUT',
    message: 'no answer',
    attempts: 3,
    status: null,
    failedAtUtc: '2026-11-21T04:30:00.000Z',
    ...write,
  };
}

export function writesOf(writes: Partial<StoreWrites>): StoreWrites {
  return { searchPages: [], listings: [], unchanged: [], failures: [], ...writes };
}

export function requestEntry(entry: Partial<RequestLogEntry> = {}): RequestLogEntry {
  return {
    sentAtUtc: '2026-11-21T03:00:00.000Z',
    executionId,
    city: 'Helsinki',
    kind: 'search',
    url: 'https://asunnot.oikotie.fi/api/search',
    status: 200,
    durationMs: 12.5,
    bodyBytes: 1000,
    errorCategory: null,
    nodeId: 'node-1',
    ...entry,
  };
}

export function receiptOf(receipt: Partial<CityReceipt> = {}): CityReceipt {
  return {
    executionId,
    city: 'Helsinki',
    listingLimit: null,
    verdict: 'complete',
    reason: null,
    isQuarantined: false,
    drift: null,
    startedAtUtc: '2026-11-21T03:00:00.000Z',
    finishedAtUtc: '2026-11-21T05:00:00.000Z',
    portalTotalStart: 3,
    portalTotalEnd: 3,
    searchPages: 1,
    failedSearchPages: 0,
    rereadPages: 0,
    isListComplete: true,
    discovered: 3,
    duplicateCards: 0,
    foreignCards: 0,
    new: 1,
    changed: 1,
    unchanged: 1,
    unfetched: 0,
    removed: 0,
    failed: 0,
    skipped: 0,
    pending: 0,
    goneCandidates: 0,
    gone: 0,
    returned: 0,
    goneWaiting: 0,
    delistingNote: null,
    requests: 4,
    ...receipt,
  };
}

export function resultOf(result: Partial<ExecutionResult> = {}): ExecutionResult {
  return {
    ...{ executionId, nominalDay: '2026-11-21', status: 'completed', successfulCities: 2, totalCities: 2 },
    ...{ new: 2, changed: 0, unchanged: 0, unfetched: 0, goneCandidates: 0, gone: 0, returned: 0, goneWaiting: 0 },
    ...{ failed: 0, requests: 4, executionTimeSeconds: 1, missingParts: [], cities: [receiptOf()] },
    ...result,
  };
}

/** Rows of a query, as text by column. */
export function rowsOf(database: Database, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return database.use(async ({ connection }) => (await connection.runAndReadAll(sql)).getRowObjectsJson());
}
