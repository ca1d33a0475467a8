/**
 * The listings of one batch: compared with what is stored, written, and settled in their execution. Must run inside a
 * transaction. Whole rows are moved only where the page says something new: most listings of a day are as they were.
 * An older response never overwrites a newer one.
 */
import { z } from 'zod';
import type { ListingWrite } from '../jobs/series-store.ts';
import { contentHashOf, listingRow } from './listing-rows.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { cellsOf, stageRows, typesOf } from './staging.ts';
import type { ColumnSpec } from './tables.ts';
import { executionListingsTable, listingsTable, provenanceColumns } from './tables.ts';

/** Columns that no response sets when the listing is known already. */
const keptColumns = ['listing_id', 'first_seen_at', 'last_seen_at', 'gone_at'];
const provenanceNames = provenanceColumns.map(({ name }) => name);
const replacedNames = listingsTable.columns.map(({ name }) => name).filter((name) => !keptColumns.includes(name));

const keyNames = ['execution_id', 'city', 'listing_id', 'content_hash', ...provenanceNames.slice(1)];
const keyColumns: readonly ColumnSpec[] = [
  ...keyNames.flatMap((name) => listingsTable.columns.filter((column) => column.name === name)),
  {
    name: 'is_last_of_batch',
    type: 'BOOLEAN',
    unit: null,
    meaning: 'No later write has the listing',
    source: 'program',
  },
];
const stagedKeys: StagingTable = { name: 'staged_keys', columns: keyColumns };
const stagedListings: StagingTable = { name: 'staged_listings', columns: listingsTable.columns };

/** The outcome of a repeated write is the one it had: a job may run twice, also in the other city that lists it. */
const classify = `CREATE OR REPLACE TEMP TABLE staged_outcomes AS
  SELECT s.*,
    CASE
      WHEN l.listing_id IS NULL OR earlier.was_new THEN 'new'
      WHEN earlier.was_changed OR l.content_hash <> s.content_hash THEN 'changed'
      ELSE 'unchanged'
    END AS outcome,
    l.listing_id IS NOT NULL AS is_known,
    l.content_hash = s.content_hash AS has_same_content
  FROM staged_keys s
  LEFT JOIN listings l ON l.listing_id = s.listing_id
  LEFT JOIN (
    SELECT e.execution_id, e.listing_id,
      bool_or(e.outcome = 'new') AS was_new, bool_or(e.outcome = 'changed') AS was_changed
    FROM execution_listings e
    WHERE e.listing_id IN (SELECT listing_id FROM staged_keys)
      AND e.execution_id IN (SELECT execution_id FROM staged_keys)
    GROUP BY ALL
  ) earlier ON earlier.execution_id = s.execution_id AND earlier.listing_id = s.listing_id`;

const selectWholeRows = `SELECT listing_id AS listingId, is_known AS isKnown FROM staged_outcomes
  WHERE is_last_of_batch AND has_same_content IS DISTINCT FROM true`;
const wholeRow = z.object({ listingId: z.string(), isKnown: z.boolean() });

const assign = (names: readonly string[]) => names.map((name) => `${name} = s.${name}`).join(', ');

const seen = `first_seen_at = least(listings.first_seen_at, s.fetched_at),
  last_seen_at = greatest(listings.last_seen_at, s.fetched_at),
  gone_at = CASE WHEN s.fetched_at >= listings.gone_at THEN NULL ELSE listings.gone_at END`;

const updateChanged = `UPDATE listings SET ${assign(replacedNames)}, ${seen} FROM staged_listings s
  WHERE listings.listing_id = s.listing_id AND s.fetched_at >= listings.fetched_at`;

const updateUnchanged = `UPDATE listings SET ${assign(provenanceNames)}, ${seen} FROM staged_outcomes s
  WHERE listings.listing_id = s.listing_id AND s.fetched_at >= listings.fetched_at
    AND s.has_same_content AND s.is_last_of_batch`;

const settle = `INSERT INTO ${executionListingsTable.name}
  SELECT execution_id, city, listing_id, NULL, outcome, $settledAt::TIMESTAMP FROM staged_outcomes
  ON CONFLICT (execution_id, city, listing_id)
  DO UPDATE SET outcome = excluded.outcome, settled_at = excluded.settled_at
  WHERE execution_listings.outcome IS DISTINCT FROM excluded.outcome`;

const forgetFailures = `DELETE FROM failed_listings USING staged_outcomes o
  WHERE failed_listings.execution_id = o.execution_id AND failed_listings.city = o.city
    AND failed_listings.job_kind = 'listing' AND failed_listings.key = o.listing_id`;

interface HashedWrite {
  readonly write: ListingWrite;
  readonly contentHash: string;
}

/** Writes the listings; `settledAtUtc` is the time their outcome is recorded with. */
export async function commitListings(
  session: Session,
  writes: readonly ListingWrite[],
  settledAtUtc: string,
): Promise<void> {
  if (writes.length === 0) return;
  const { lastOfCity, lastOfListing } = withoutRepeats(writes);
  await stageRows(
    session,
    stagedKeys,
    lastOfCity.map((hashed) => keyCells(hashed, lastOfListing.get(hashed.write.record.listingId) === hashed)),
  );
  await session.run(classify);
  await writeRows(session, lastOfListing);
  await session.run(settle, { settledAt: settledAtUtc });
  await session.run(forgetFailures);
}

async function writeRows(session: Session, lastOfListing: ReadonlyMap<string, HashedWrite>): Promise<void> {
  const unknown: HashedWrite[] = [];
  const changed: HashedWrite[] = [];
  for (const row of await session.rows(selectWholeRows)) {
    const { listingId, isKnown } = wholeRow.parse(row);
    const hashed = lastOfListing.get(listingId);
    if (hashed !== undefined) (isKnown ? changed : unknown).push(hashed);
  }
  await session.run(updateUnchanged);
  if (changed.length > 0) {
    await stageRows(session, stagedListings, changed.map(rowOf));
    await session.run(updateChanged);
  }
  const { name, columns } = listingsTable;
  if (unknown.length > 0) await session.append({ name, catalog: null, types: typesOf(columns) }, unknown.map(rowOf));
}

/** Last wins: per execution and city for the outcome, per listing for the row (DuckDB itself would keep the first). */
function withoutRepeats(writes: readonly ListingWrite[]) {
  const lastOfCity = new Map<string, HashedWrite>();
  const lastOfListing = new Map<string, HashedWrite>();
  for (const write of writes) {
    const { listingId, city } = write.record;
    const hashed = { write, contentHash: contentHashOf(write.record) };
    lastOfCity.set(JSON.stringify([write.provenance.executionId, city, listingId]), hashed);
    lastOfListing.set(listingId, hashed);
  }
  return { lastOfCity: [...lastOfCity.values()], lastOfListing };
}

function rowOf({ write, contentHash }: HashedWrite) {
  return listingRow(write, contentHash);
}

function keyCells({ write: { record, provenance }, contentHash }: HashedWrite, isLastOfBatch: boolean) {
  return cellsOf(keyColumns, {
    execution_id: provenance.executionId,
    city: record.city,
    listing_id: record.listingId,
    content_hash: contentHash,
    fetched_at: provenance.fetchedAtUtc,
    request_url: provenance.requestUrl,
    response_sha256: provenance.responseSha256,
    parser: provenance.parser,
    node_id: provenance.nodeId,
    is_last_of_batch: isLastOfBatch,
  });
}
