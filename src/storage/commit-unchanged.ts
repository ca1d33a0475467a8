/**
 * Listings whose page the portal says has not changed since it was stored. Must run inside a transaction; writing the
 * same again changes nothing. What a page said stays as it is; only that it was seen, when and by whom, moves on.
 */
import { z } from 'zod';
import type { FailureWrite, UnchangedWrite } from '../jobs/store-writes.ts';
import { forgetGone, openReturned } from './commit-versions.ts';
import { provenanceColumns } from './listing-columns.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { columnsOf, withStaged } from './staging.ts';
import { executionListingsTable } from './tables.ts';

const movedNames = ['execution_id', 'fetched_at', 'request_url', 'node_id'];
const stagedUnchanged: StagingTable = {
  name: 'staged_unchanged',
  columns: [
    ...executionListingsTable.columns,
    ...provenanceColumns.filter(({ name }) => name !== 'execution_id' && movedNames.includes(name)),
  ],
};

/** Staging tables that must exist before unchanged listings are committed. */
export const unchangedStagingTables: readonly StagingTable[] = [stagedUnchanged];

/** Those that are not stored, or were gone when their page was asked. */
const selectSpecial = `SELECT DISTINCT s.listing_id AS listingId, l.listing_id IS NULL AS isMissing
  FROM staged_unchanged s LEFT JOIN listings l ON l.listing_id = s.listing_id
  WHERE l.listing_id IS NULL OR l.gone_at <= s.fetched_at`;
const specialRow = z.object({ listingId: z.string(), isMissing: z.boolean() });

const forgetMissing = `DELETE FROM staged_unchanged WHERE listing_id NOT IN (SELECT listing_id FROM listings)`;

const see = `UPDATE listings SET ${movedNames.map((name) => `${name} = s.${name}`).join(', ')},
    last_seen_at = greatest(listings.last_seen_at, s.fetched_at), ${forgetGone}
  FROM staged_unchanged s WHERE listings.listing_id = s.listing_id AND s.fetched_at >= listings.fetched_at`;

const openUnchanged = openReturned('staged_unchanged', movedNames, 's.fetched_at >= l.fetched_at');

/** The outcome of a repeated job is the one it had. */
const settle = `INSERT INTO execution_listings
  SELECT execution_id, city, listing_id, page, outcome, settled_at FROM staged_unchanged
  ON CONFLICT (execution_id, city, listing_id) DO UPDATE SET outcome = excluded.outcome, settled_at = excluded.settled_at
  WHERE execution_listings.outcome IS NULL OR execution_listings.outcome NOT IN ('new', 'changed', 'unchanged')`;

const forgetFailures = `DELETE FROM failed_listings USING staged_unchanged s
  WHERE failed_listings.execution_id = s.execution_id AND failed_listings.city = s.city
    AND failed_listings.job_kind = 'listing' AND failed_listings.key = s.listing_id`;

/**
 * Settles the listings as unchanged; `settledAtUtc` is the time their outcome is recorded with. Gives back a failure
 * for each that is not stored: then "not modified" says nothing, and the next run asks for the whole page.
 */
export async function commitUnchanged(
  session: Session,
  writes: readonly UnchangedWrite[],
  settledAtUtc: string,
): Promise<readonly FailureWrite[]> {
  if (writes.length === 0) return [];
  const last = new Map(
    writes.map((write) => [JSON.stringify([write.executionId, write.city, write.listingId]), write]),
  );
  const rows = [...last.values()].map((write) => unchangedRow(write, settledAtUtc));
  let missing: ReadonlySet<string> = new Set();
  await withStaged(session, stagedUnchanged, columnsOf(stagedUnchanged.columns, rows), async () => {
    const special = (await session.rows(selectSpecial, {})).map((row) => specialRow.parse(row));
    missing = new Set(special.filter(({ isMissing }) => isMissing).map(({ listingId }) => listingId));
    if (missing.size > 0) await session.run(forgetMissing, {});
    if (missing.size < special.length) await session.run(openUnchanged, {});
    await session.run(see, {});
    await session.runOnce(settle);
    await session.run(forgetFailures, {});
  });
  return [...last.values()].filter(({ listingId }) => missing.has(listingId)).map(missingFailure);
}

function unchangedRow(write: UnchangedWrite, settledAtUtc: string) {
  return {
    execution_id: write.executionId,
    city: write.city,
    listing_id: write.listingId,
    page: null,
    outcome: 'unchanged',
    settled_at: settledAtUtc,
    fetched_at: write.fetchedAtUtc,
    request_url: write.requestUrl,
    node_id: write.nodeId,
  };
}

function missingFailure(write: UnchangedWrite): FailureWrite {
  const { executionId, city, listingId, requestUrl, fetchedAtUtc } = write;
  return {
    executionId,
    city,
    listingId,
    jobKind: 'listing',
    page: null,
    url: requestUrl,
    category: 'WRONG_PAGE',
    code: 'NOT_MODIFIED_UNKNOWN',
    message: `listing ${requestUrl}: expected a page that is stored, got "not modified" for one that is not; the next run reads it`,
    attempts: 1,
    status: 304,
    failedAtUtc: fetchedAtUtc,
  };
}
