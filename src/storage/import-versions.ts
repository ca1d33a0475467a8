/**
 * The history of an older file, brought in before what is stored: rows that say something else than the one before become
 * versions, until the first version that is there already. What is stored is never changed, but that it was first seen
 * earlier; importing the same again adds nothing.
 */
import { basename } from 'node:path';
import { z } from 'zod';
import type { ListingWrite } from '../jobs/store-writes.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import { insertAuditEvents } from './audit-rows.ts';
import { sharedNames } from './commit-versions.ts';
import type { Database } from './database.ts';
import { selectForgotten } from './forgotten.ts';
import { contentHashOf, stagedVersionColumns, versionCells } from './listing-rows.ts';
import type { OldSight } from './old-database.ts';
import { withOldDatabase } from './old-database.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { columnsOf, createStagingTables, typesOf } from './staging.ts';
import { utc } from './table-spec.ts';

/** One row of the older file as it is to be kept. */
export interface ImportedSight {
  readonly write: ListingWrite;
  /** ISO 8601 UTC: first and last time it says the listing was there; `write` was fetched between. */
  readonly firstSeenAtUtc: string;
  readonly lastSeenAtUtc: string;
  /** When it had gone; null when it had not. */
  readonly goneAtUtc: string | null;
}

export interface ImportCounts {
  /** Rows of the file. */
  readonly rows: number;
  /** Rows that could not be read, and why, with how many of each. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** Rows of listings that were to be forgotten. */
  readonly forgotten: number;
  /** Listings that were not known. */
  readonly newListings: number;
  /** Listings that were known and have an earlier history now. */
  readonly extendedListings: number;
  readonly versions: number;
  readonly missingColumns: readonly string[];
}

export interface ImportRequest {
  readonly path: string;
  readonly timeZone: string;
  /** True counts what would be done, and does nothing. */
  readonly isDryRun: boolean;
  readonly executionId: string;
  /** A row as it is to be kept, or why it cannot be. */
  readonly read: (sight: OldSight) => ImportedSight | { readonly reason: string };
  readonly eventOf: (counts: ImportCounts) => AuditEvent;
}

const rowsAtOnce = 2_000;

const staged: StagingTable = {
  name: 'staged_import',
  columns: [
    ...stagedVersionColumns,
    utc('first_seen_at', 'First sight', 'the older file'),
    utc('last_seen_at', 'Last sight', 'the older file'),
  ],
};

/**
 * The versions: a new one where a listing says something else than before, or comes back; each until the next one, until the
 * listing had gone, or until what is stored begins. What would begin later than that is left out.
 */
const makeVersions = `CREATE OR REPLACE TEMP TABLE import_versions AS
WITH ordered AS (
  SELECT *, lag(content_hash) OVER sights AS hash_before, lag(valid_to) OVER sights AS gone_before,
    row_number() OVER sights = 1 AS is_first
  FROM staged_import WINDOW sights AS (PARTITION BY listing_id ORDER BY fetched_at, last_seen_at)
), grouped AS (
  SELECT *, sum(CASE WHEN content_hash IS DISTINCT FROM hash_before OR gone_before <= fetched_at THEN 1 ELSE 0 END)
    OVER (PARTITION BY listing_id ORDER BY fetched_at, last_seen_at ROWS UNBOUNDED PRECEDING) AS group_number
  FROM ordered
), groups AS (
  SELECT * EXCLUDE (valid_from, valid_to),
    CASE WHEN is_first THEN least(first_seen_at, fetched_at) ELSE fetched_at END AS valid_from,
    max(valid_to) OVER (PARTITION BY listing_id, group_number) AS gone_at,
    max(last_seen_at) OVER (PARTITION BY listing_id) AS listing_seen_at,
    row_number() OVER (PARTITION BY listing_id, group_number ORDER BY fetched_at, last_seen_at) = 1 AS is_begin
  FROM grouped
), begins AS (
  SELECT *, lead(valid_from) OVER (PARTITION BY listing_id ORDER BY valid_from) AS next_from
  FROM groups WHERE is_begin
), stored AS (
  SELECT listing_id, min(valid_from) AS stored_from FROM listing_versions GROUP BY listing_id
)
SELECT begins.* EXCLUDE (end_reason),
  least(gone_at, next_from, stored_from) AS valid_to,
  CASE WHEN gone_at IS NOT NULL AND gone_at <= coalesce(least(next_from, stored_from), gone_at) THEN 'gone'
    WHEN next_from IS NOT NULL OR stored_from IS NOT NULL THEN 'changed' END AS end_reason,
  stored_from IS NULL AS is_unknown
FROM begins LEFT JOIN stored USING (listing_id)
WHERE stored_from IS NULL OR valid_from < stored_from`;

const shared = sharedNames.join(', ');
const addVersions = `INSERT INTO listing_versions (${shared}, valid_from, valid_to, end_reason)
  SELECT ${shared}, valid_from, valid_to, end_reason FROM import_versions ORDER BY listing_id, valid_from`;

const addListings = `INSERT INTO listings (${shared}, first_seen_at, last_seen_at, gone_at, gone_reason, gone_execution_id)
  SELECT ${shared}, min(valid_from) OVER (PARTITION BY listing_id), least(listing_seen_at, valid_to), valid_to,
    CASE WHEN valid_to IS NOT NULL THEN 'unseen' END, CASE WHEN valid_to IS NOT NULL THEN execution_id END
  FROM import_versions WHERE is_unknown
  QUALIFY row_number() OVER (PARTITION BY listing_id ORDER BY valid_from DESC) = 1`;

const seeEarlier = `UPDATE listings SET first_seen_at = least(listings.first_seen_at, i.valid_from)
  FROM (SELECT listing_id, min(valid_from) AS valid_from FROM import_versions WHERE NOT is_unknown GROUP BY listing_id) i
  WHERE listings.listing_id = i.listing_id`;

const addLineage = `INSERT INTO data_lineage
  SELECT 'listings', listing_id, CASE WHEN bool_or(is_unknown) THEN 'INSERT' ELSE 'UPDATE' END, $source, any_value(execution_id),
    any_value(parser), min(data_quality_score), any_value(request_url), NULL, max(fetched_at), any_value(response_sha256),
    any_value(node_id)
  FROM import_versions GROUP BY listing_id ORDER BY listing_id`;

const countVersions = `SELECT count(*)::DOUBLE AS versions,
    count(DISTINCT listing_id) FILTER (is_unknown)::DOUBLE AS newListings,
    count(DISTINCT listing_id) FILTER (NOT is_unknown)::DOUBLE AS extendedListings
  FROM import_versions`;
const countRow = z.object({ versions: z.number(), newListings: z.number(), extendedListings: z.number() });

/**
 * Brings the history in, in one transaction, and gives back what was added.
 * @throws StorageError IMPORT_UNREADABLE; whatever fails, the database is as it was.
 */
export async function importVersions(database: Database, request: ImportRequest): Promise<ImportCounts> {
  return database.use(async (session) =>
    withOldDatabase(session, request, async (old) => {
      await createStagingTables(session, [staged]);
      await session.run('BEGIN TRANSACTION');
      let isCommitted = false;
      try {
        const rows = await stage(session, old, request);
        await session.run(makeVersions);
        const [counted] = await session.rows(countVersions);
        const counts = { rows: old.rows, missingColumns: old.missingColumns, ...rows, ...countRow.parse(counted) };
        if (request.isDryRun) return counts;
        for (const statement of [addListings, addVersions, seeEarlier]) await session.run(statement);
        await session.run(addLineage, { source: basename(request.path) });
        if (counts.versions > 0) await insertAuditEvents(session, [request.eventOf(counts)]);
        await session.run('COMMIT');
        isCommitted = true;
        return counts;
      } finally {
        if (!isCommitted) await session.run('ROLLBACK');
        await session.run('DROP TABLE IF EXISTS import_versions');
        await session.run('DROP TABLE IF EXISTS staged_import');
      }
    }),
  );
}

/** Reads the file a part at a time into the staging table. */
async function stage(
  session: Session,
  old: { readonly rows: number; readonly read: (from: number, count: number) => Promise<readonly OldSight[]> },
  { read }: ImportRequest,
): Promise<Pick<ImportCounts, 'unreadable' | 'forgotten'>> {
  const forgottenIds = await selectForgotten(session);
  const unreadable = new Map<string, number>();
  let forgotten = 0;
  for (let from = 0; from < old.rows; from += rowsAtOnce) {
    const kept: ImportedSight[] = [];
    for (const sight of await old.read(from, rowsAtOnce)) {
      const reading = read(sight);
      if ('reason' in reading) unreadable.set(reading.reason, (unreadable.get(reading.reason) ?? 0) + 1);
      else if (forgottenIds.has(reading.write.record.listingId)) forgotten++;
      else kept.push(reading);
    }
    await append(session, kept);
  }
  return { unreadable: Object.fromEntries(unreadable), forgotten };
}

async function append(session: Session, sights: readonly ImportedSight[]): Promise<void> {
  if (sights.length === 0) return;
  const versions = sights.map(({ write, goneAtUtc }) => ({
    ...{ write, goneAtUtc, isNew: true, contentHash: contentHashOf(write.record) },
  }));
  const times = sights.map(({ firstSeenAtUtc, lastSeenAtUtc }) => ({
    first_seen_at: firstSeenAtUtc,
    last_seen_at: lastSeenAtUtc,
  }));
  const cells = [...versionCells(versions), ...columnsOf(staged.columns.slice(stagedVersionColumns.length), times)];
  await session.append({ name: staged.name, catalog: 'temp', types: typesOf(staged.columns) }, cells);
}
