/**
 * Reads a database, or its snapshot while a run holds it: pages of listings, queries that people write. Opens the file read-only
 * and gives up its access to all other files, so that nothing that is asked of it can change anything.
 */
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { z } from 'zod';
import type { AuditKeyring } from '../lineage/audit-key.ts';
import type { AuditReport } from '../lineage/audit-report.ts';
import type { DealType } from '../listings/fields.ts';
import type { DriftLimits } from '../quality/judge-drift.ts';
import { readAuditReport } from './audit-report-reader.ts';
import type { Database } from './database.ts';
import type { ListingOrigin } from './explain-reader.ts';
import { readOrigin } from './explain-reader.ts';
import type { ListingHistory } from './history-reader.ts';
import { readListingHistory } from './history-reader.ts';
import { amountEur, hasText, isOfCity } from './listing-expressions.ts';
import type { PolitenessDay, PolitenessQuery } from './politeness-reader.ts';
import { readPolitenessDay } from './politeness-reader.ts';
import type { QualityReport, Quarantine } from './quality-reader.ts';
import { readQuality, readQuarantines } from './quality-reader.ts';
import type { QueryResult, QueryRow } from './query.ts';
import { answerSelect, jsonRowsOf, lockDown } from './query.ts';
import type { DataSource } from './readable.ts';
import { openReadable } from './readable.ts';
import type { AuditTableCheck, FiledEvent } from './verify-audit-table.ts';
import { verifyAuditTable } from './verify-audit-table.ts';

const memoryLimit = '512MB';
const threads = 2;

/** Orders of a page of listings. */
const orders = {
  newest: 'published_at DESC NULLS LAST, first_seen_at DESC, listing_id',
  cheapest: 'coalesce(price_eur, rent_eur_month) ASC NULLS LAST, listing_id',
  dearest: 'coalesce(price_eur, rent_eur_month) DESC NULLS LAST, listing_id',
  largest: 'area_m2 DESC NULLS LAST, listing_id',
} as const;

export interface ListingsQuery {
  readonly city?: string;
  readonly dealType?: DealType;
  /** Bounds, included, of the price of a sale or the rent of a rental, in EUR. */
  readonly minPriceEur?: number;
  readonly maxPriceEur?: number;
  /** Part of the address, district, title or description, in any case. */
  readonly text?: string;
  readonly sort?: keyof typeof orders;
  /** As they were at this time (ISO 8601 UTC), those gone by then left out; by default every listing as it was last. */
  readonly asOfUtc?: string;
  /** Rows at most, and rows left out before them. */
  readonly limit: number;
  readonly offset?: number;
}

export interface ListingsPage {
  /** Listings that match, on all pages. */
  readonly total: number;
  /** Rows by column name; see the data dictionary. */
  readonly rows: readonly QueryRow[];
}

export interface Reader {
  /** The database, or its snapshot while somebody holds it. */
  readonly source: DataSource;
  readonly listings: (query: ListingsQuery) => Promise<ListingsPage>;
  /** What is known of the listing until `nowMs`; null when it is not stored. */
  readonly history: (listingId: string, nowMs: number) => Promise<ListingHistory | null>;
  /** How politely a day was asked; by default the last one with requests, or the day of `nowMs` when there is none. */
  readonly politeness: (query: PolitenessQuery, nowMs: number) => Promise<PolitenessDay>;
  /** The audit report of an execution, or of the `latest`. @throws StorageError EXECUTION_UNKNOWN */
  readonly auditReport: (execution: string) => Promise<AuditReport>;
  /** Follows the chain of audit events and compares them with those of the files, by their id. */
  readonly verifyAudit: (filed: ReadonlyMap<string, FiledEvent>, keys: AuditKeyring) => Promise<AuditTableCheck>;
  /** Where the row of a listing came from. @throws StorageError LISTING_UNKNOWN */
  readonly explain: (listingId: string) => Promise<ListingOrigin>;
  /** How good the series is, of all cities or the one named. */
  readonly quality: (
    city: string | null,
    limits: Pick<DriftLimits, 'historyRuns' | 'minPages'>,
  ) => Promise<QualityReport>;
  /** Every quarantine there ever was, oldest first. */
  readonly quarantines: () => Promise<readonly Quarantine[]>;
  /** Runs one statement that only reads. @throws StorageError QUERY_REFUSED or QUERY_INVALID. */
  readonly runSelect: (sql: string) => Promise<QueryResult>;
  /** Stops the query that is running; it fails with QUERY_INVALID. */
  readonly interrupt: () => void;
  readonly close: () => Promise<void>;
}

const totalRow = z.object({ total: z.number() });

/** Opens a database, or its snapshot, to read; the caller closes it. @throws StorageError as `openReadable`. */
export async function openReader(path: string): Promise<Reader> {
  const { database, source } = await openReadable({ path, memoryLimit, threads });
  const connection = await database.use(async (session) => {
    await lockDown(session.connection, []);
    return session.connection;
  });
  return {
    source,
    listings: (query) => readListings(database, query),
    history: (listingId, nowMs) => readListingHistory(database, listingId, nowMs),
    politeness: (query, nowMs) => readPolitenessDay(database, query, nowMs),
    auditReport: (execution) => database.use((session) => readAuditReport(session, execution)),
    verifyAudit: (filed, keys) => database.use((session) => verifyAuditTable(session, filed, keys)),
    explain: (listingId) => database.use((session) => readOrigin(session, listingId)),
    quality: (city, limits) => readQuality(database, city, limits),
    quarantines: () => readQuarantines(database),
    runSelect: (sql) => database.use(() => answerSelect(connection, sql)),
    interrupt: () => connection.interrupt(),
    close: () => database.close(),
  };
}

async function readListings(database: Database, query: ListingsQuery): Promise<ListingsPage> {
  const { where, parameters } = conditionOf(query);
  const source = query.asOfUtc === undefined ? 'listings' : 'listings_as_of($asOf::TIMESTAMP)';
  if (query.asOfUtc !== undefined) parameters['asOf'] = query.asOfUtc;
  // A version knows since when it holds, not when the listing was first seen.
  const sortedBy = orders[query.sort ?? 'newest'];
  const order = query.asOfUtc === undefined ? sortedBy : sortedBy.replace('first_seen_at', 'valid_from');
  return database.use(async ({ connection, rows }) => {
    const [count] = await rows(`SELECT count(*)::DOUBLE AS total FROM ${source} WHERE ${where}`, parameters);
    const result = await connection.run(`FROM ${source} WHERE ${where} ORDER BY ${order} LIMIT $limit OFFSET $offset`, {
      ...parameters,
      limit: query.limit,
      offset: query.offset ?? 0,
    });
    return { total: totalRow.parse(count).total, rows: await rowsOf(result) };
  });
}

async function rowsOf(result: DuckDBResult): Promise<readonly QueryRow[]> {
  const chunks = await result.fetchAllChunks();
  return chunks.flatMap((chunk) => jsonRowsOf(result, chunk));
}

/** The condition that the filters make, with its parameters. */
function conditionOf(query: ListingsQuery): { where: string; parameters: Record<string, DuckDBValue> } {
  const conditions = ['true'];
  const parameters: Record<string, DuckDBValue> = {};
  const add = (name: string, value: DuckDBValue | undefined, condition: string) => {
    if (value === undefined) return;
    conditions.push(condition);
    parameters[name] = value;
  };
  add('city', query.city, isOfCity);
  add('dealType', query.dealType, 'deal_type = $dealType');
  add('minPriceEur', query.minPriceEur, `${amountEur} >= $minPriceEur`);
  add('maxPriceEur', query.maxPriceEur, `${amountEur} <= $maxPriceEur`);
  add('text', query.text, hasText);
  return { where: conditions.join(' AND '), parameters };
}
