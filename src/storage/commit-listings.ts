/**
 * The listings of one batch: compared with what is stored, written, and settled in their execution. Set-based SQL over
 * the staging table; must run inside a transaction. An older response never overwrites a newer one.
 */
import type { ListingWrite } from '../jobs/series-store.ts';
import { columnOf } from '../listings/fields.ts';
import type { Session } from './database.ts';
import { listingRow, replacedFields, stagedListings } from './listing-rows.ts';
import { stageRows } from './staging.ts';
import { listingsTable, provenanceColumns } from './tables.ts';

const provenanceNames = provenanceColumns.map(({ name }) => name);
const replacedNames = [
  ...replacedFields.map(columnOf),
  'data_quality_score',
  'issues_json',
  'content_hash',
  ...provenanceNames,
];

/** What a row of its first sight has besides its staged values. */
const insertedValue: Readonly<Record<string, string>> = {
  first_seen_at: 's.fetched_at',
  last_seen_at: 's.fetched_at',
  gone_at: 'NULL',
};

const assign = (names: readonly string[]) => names.map((name) => `${name} = s.${name}`).join(', ');

/** The outcome of a repeated write is the one it had: a job may run twice, also in the other city that lists it. */
const classify = `CREATE OR REPLACE TEMP TABLE staged_outcomes AS
  SELECT s.execution_id, s.city, s.listing_id, s.is_last_of_batch,
    CASE
      WHEN l.listing_id IS NULL OR earlier.was_new THEN 'new'
      WHEN earlier.was_changed OR l.content_hash <> s.content_hash THEN 'changed'
      ELSE 'unchanged'
    END AS outcome,
    l.listing_id IS NULL AS is_unknown,
    l.content_hash IS DISTINCT FROM s.content_hash AS has_other_content
  FROM staged_listings s
  LEFT JOIN listings l ON l.listing_id = s.listing_id
  LEFT JOIN (
    SELECT e.execution_id, e.listing_id,
      bool_or(e.outcome = 'new') AS was_new, bool_or(e.outcome = 'changed') AS was_changed
    FROM execution_listings e
    WHERE e.listing_id IN (SELECT listing_id FROM staged_listings)
      AND e.execution_id IN (SELECT execution_id FROM staged_listings)
    GROUP BY ALL
  ) earlier ON earlier.execution_id = s.execution_id AND earlier.listing_id = s.listing_id`;

const staged = (condition: string) => `(SELECT s.* FROM staged_listings s JOIN staged_outcomes o
  ON o.execution_id = s.execution_id AND o.city = s.city AND o.listing_id = s.listing_id
  WHERE s.is_last_of_batch AND ${condition}) s`;

const insertUnknown = `INSERT INTO listings
  SELECT ${listingsTable.columns.map(({ name }) => insertedValue[name] ?? `s.${name}`).join(', ')}
  FROM ${staged('o.is_unknown')}`;

const seen = `first_seen_at = least(listings.first_seen_at, s.fetched_at),
  last_seen_at = greatest(listings.last_seen_at, s.fetched_at),
  gone_at = CASE WHEN s.fetched_at >= listings.gone_at THEN NULL ELSE listings.gone_at END`;

const updateChanged = `UPDATE listings SET ${assign(replacedNames)}, ${seen}
  FROM ${staged('NOT o.is_unknown AND o.has_other_content')}
  WHERE listings.listing_id = s.listing_id AND s.fetched_at >= listings.fetched_at`;

const updateUnchanged = `UPDATE listings SET ${assign(provenanceNames)}, ${seen}
  FROM ${staged('NOT o.is_unknown AND NOT o.has_other_content')}
  WHERE listings.listing_id = s.listing_id AND s.fetched_at >= listings.fetched_at`;

const settle = `INSERT INTO execution_listings
  SELECT execution_id, city, listing_id, NULL, outcome, $settledAt::TIMESTAMP FROM staged_outcomes
  ON CONFLICT (execution_id, city, listing_id)
  DO UPDATE SET outcome = excluded.outcome, settled_at = excluded.settled_at
  WHERE execution_listings.outcome IS DISTINCT FROM excluded.outcome`;

const forgetFailures = `DELETE FROM failed_listings USING staged_outcomes o
  WHERE failed_listings.execution_id = o.execution_id AND failed_listings.city = o.city
    AND failed_listings.job_kind = 'listing' AND failed_listings.key = o.listing_id`;

/** Writes the listings; `settledAtUtc` is the time their outcome is recorded with. */
export async function commitListings(
  session: Session,
  writes: readonly ListingWrite[],
  settledAtUtc: string,
): Promise<void> {
  if (writes.length === 0) return;
  await stageRows(session, stagedListings, stagedRows(writes));
  await session.run(classify);
  await session.run(updateChanged);
  await session.run(updateUnchanged);
  await session.run(insertUnknown);
  await session.run(settle, { settledAt: settledAtUtc });
  await session.run(forgetFailures);
}

/** Last wins: per execution and city for the outcome, per listing for the row (DuckDB itself would keep the first). */
function stagedRows(writes: readonly ListingWrite[]) {
  const lastOfCity = new Map<string, ListingWrite>();
  const lastOfListing = new Map<string, ListingWrite>();
  for (const write of writes) {
    const { listingId, city } = write.record;
    lastOfCity.set(JSON.stringify([write.provenance.executionId, city, listingId]), write);
    lastOfListing.set(listingId, write);
  }
  return [...lastOfCity.values()].map((write) =>
    listingRow(write, lastOfListing.get(write.record.listingId) === write),
  );
}
