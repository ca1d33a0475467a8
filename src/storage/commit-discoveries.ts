/**
 * The search pages and the failures of one batch. Must run inside a transaction; writing the same page or the same
 * failure again changes nothing, and a failure never replaces an outcome that is settled well.
 */
import type { FailureWrite, SearchPageWrite } from '../jobs/store-writes.ts';
import { rereadPagesTable } from './quality-tables.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { columnsOf, withStaged } from './staging.ts';
import { executionListingsTable, failedListingsTable, searchPagesTable } from './tables.ts';

const stagedPages: StagingTable = {
  name: 'staged_pages',
  columns: [...searchPagesTable.columns, { name: 'pass', type: 'INTEGER' }],
};
const stagedCards: StagingTable = { name: 'staged_cards', columns: executionListingsTable.columns };
const stagedFailures: StagingTable = { name: 'staged_failures', columns: failedListingsTable.columns };

/** Staging tables that must exist before search pages and failures are committed. */
export const discoveryStagingTables: readonly StagingTable[] = [stagedPages, stagedCards, stagedFailures];

const replacePages = `INSERT INTO search_pages SELECT * EXCLUDE pass FROM staged_pages WHERE pass = 1
  ON CONFLICT (execution_id, city, page) DO UPDATE SET portal_total = excluded.portal_total,
    is_last_page = excluded.is_last_page, listing_ids = excluded.listing_ids,
    skipped_listing_ids = excluded.skipped_listing_ids, foreign_listing_ids = excluded.foreign_listing_ids,
    fetched_at = excluded.fetched_at, fetch_mode = excluded.fetch_mode`;

const rereadNames = rereadPagesTable.columns.map(({ name }) => name).join(', ');
const keepRereads = `INSERT INTO reread_pages (${rereadNames}) SELECT ${rereadNames} FROM staged_pages WHERE pass > 1
  ON CONFLICT (execution_id, city, pass, page) DO UPDATE SET portal_total = excluded.portal_total,
    listing_ids = excluded.listing_ids, foreign_listing_ids = excluded.foreign_listing_ids,
    fetched_at = excluded.fetched_at, fetch_mode = excluded.fetch_mode`;

const forgetPageFailures = `DELETE FROM failed_listings USING staged_pages p
  WHERE failed_listings.execution_id = p.execution_id AND failed_listings.city = p.city
    AND failed_listings.job_kind = 'search-page' AND failed_listings.key = 'page:' || p.page`;

/** What weighs more stays: a settled outcome, then pending (its job was made), then unfetched, skipped, foreign. */
const discover = `INSERT INTO execution_listings SELECT * FROM staged_cards
  ON CONFLICT (execution_id, city, listing_id)
  DO UPDATE SET outcome = excluded.outcome, settled_at = excluded.settled_at, page = excluded.page
  WHERE (execution_listings.outcome = 'unfetched' AND excluded.outcome IS NULL)
    OR (execution_listings.outcome = 'skipped' AND (excluded.outcome IS NULL OR excluded.outcome = 'unfetched'))
    OR (execution_listings.outcome = 'foreign' AND excluded.outcome IS DISTINCT FROM 'foreign')`;

/** Written on its own: a listing that is stored before its search page has no page yet. */
const locate = `UPDATE execution_listings SET page = c.page FROM staged_cards c
  WHERE execution_listings.page IS NULL AND execution_listings.execution_id = c.execution_id
    AND execution_listings.city = c.city AND execution_listings.listing_id = c.listing_id`;

const seeListed = `UPDATE listings SET last_seen_at = p.fetched_at
  FROM (SELECT listing_id, max(fetched_at) AS fetched_at
    FROM (SELECT unnest(listing_ids || skipped_listing_ids) AS listing_id, fetched_at FROM staged_pages)
    GROUP BY listing_id) p
  WHERE listings.listing_id = p.listing_id AND listings.last_seen_at < p.fetched_at`;

const keepFailures = `INSERT INTO failed_listings
  SELECT f.* FROM staged_failures f WHERE NOT EXISTS (
    FROM execution_listings e
    WHERE f.job_kind = 'listing' AND e.execution_id = f.execution_id AND e.city = f.city AND e.listing_id = f.key
      AND (e.outcome IN ('new', 'changed', 'unchanged') OR (e.outcome = 'removed' AND f.category <> 'GONE')))
  ON CONFLICT (execution_id, city, job_kind, key) DO UPDATE SET url = excluded.url, category = excluded.category,
    code = excluded.code, message = excluded.message, attempts = excluded.attempts, status = excluded.status,
    failed_at = excluded.failed_at`;

const settleFailures = `INSERT INTO execution_listings
  SELECT execution_id, city, key, NULL, CASE category WHEN 'GONE' THEN 'removed' ELSE 'failed' END,
    $settledAt::TIMESTAMP
  FROM staged_failures WHERE job_kind = 'listing'
  ON CONFLICT (execution_id, city, listing_id)
  DO UPDATE SET outcome = excluded.outcome, settled_at = excluded.settled_at
  WHERE execution_listings.outcome IS NULL OR execution_listings.outcome IN ('unfetched', 'skipped', 'foreign')
    OR (execution_listings.outcome = 'failed' AND excluded.outcome = 'removed')`;

/**
 * Writes the search pages and the listings they discovered, does `storeListings`, and then moves `last_seen_at` of all
 * listings on the pages, those just stored included.
 */
export async function commitSearchPages(
  session: Session,
  writes: readonly SearchPageWrite[],
  settledAtUtc: string,
  storeListings: () => Promise<void>,
): Promise<void> {
  if (writes.length === 0) return storeListings();
  const pages = [...new Map(writes.map((write) => [keyOf(write, `${write.pass} ${write.page}`), write])).values()];
  await withStaged(session, stagedPages, columnsOf(stagedPages.columns, pages.map(pageRow)), async () => {
    await session.runOnce(replacePages);
    if (pages.some(({ pass }) => pass > 1)) await session.run(keepRereads, {});
    await session.run(forgetPageFailures, {});
    await commitCards(session, pages, settledAtUtc);
    await storeListings();
    await session.run(seeListed, {});
  });
}

async function commitCards(session: Session, pages: readonly SearchPageWrite[], settledAtUtc: string): Promise<void> {
  const rows = cardRows(pages, settledAtUtc);
  if (rows.length === 0) return;
  await withStaged(session, stagedCards, columnsOf(stagedCards.columns, rows), async () => {
    await session.runOnce(discover);
    await session.run(locate, {});
  });
}

/** Writes the failures that no success has overtaken. */
export async function commitFailures(
  session: Session,
  writes: readonly FailureWrite[],
  settledAtUtc: string,
): Promise<void> {
  if (writes.length === 0) return;
  const lastOfKey = new Map(writes.map((write) => [`${write.jobKind} ${keyOf(write, failureKey(write))}`, write]));
  const rows = [...lastOfKey.values()].map(failureRow);
  await withStaged(session, stagedFailures, columnsOf(stagedFailures.columns, rows), async () => {
    await session.runOnce(keepFailures);
    await session.runOnce(settleFailures, { settledAt: settledAtUtc });
  });
}

function keyOf(write: { readonly executionId: string; readonly city: string }, key: string): string {
  return JSON.stringify([write.executionId, write.city, key]);
}

function failureKey({ listingId, page }: FailureWrite): string {
  return listingId ?? (page === null ? 'city' : `page:${page}`);
}

function pageRow(write: SearchPageWrite) {
  return {
    execution_id: write.executionId,
    city: write.city,
    page: write.page,
    pass: write.pass,
    portal_total: write.portalTotal,
    fetch_mode: write.fetchMode,
    is_last_page: write.isLastPage,
    listing_ids: write.listingIds,
    skipped_listing_ids: write.skippedListingIds,
    foreign_listing_ids: write.foreignListingIds,
    fetched_at: write.fetchedAtUtc,
  };
}

function fetchedIds({ listingIds, unfetchedListingIds }: SearchPageWrite): readonly string[] {
  const unfetched = new Set(unfetchedListingIds);
  return listingIds.filter((listingId) => !unfetched.has(listingId));
}

/** One row for each distinct listing of each city: the outcome that weighs most. */
function cardRows(writes: readonly SearchPageWrite[], settledAtUtc: string) {
  const cards = new Map<string, { write: SearchPageWrite; listingId: string; outcome: string | null }>();
  const passes = [
    { idsOf: fetchedIds, outcome: null },
    { idsOf: (write: SearchPageWrite) => write.unfetchedListingIds, outcome: 'unfetched' },
    { idsOf: (write: SearchPageWrite) => write.skippedListingIds, outcome: 'skipped' },
    { idsOf: (write: SearchPageWrite) => write.foreignListingIds, outcome: 'foreign' },
  ];
  for (const { idsOf, outcome } of passes) {
    for (const write of writes) {
      for (const listingId of idsOf(write)) {
        const key = keyOf(write, listingId);
        if (!cards.has(key)) cards.set(key, { write, listingId, outcome });
      }
    }
  }
  return [...cards.values()].map(({ write, listingId, outcome }) => ({
    execution_id: write.executionId,
    city: write.city,
    listing_id: listingId,
    page: write.page,
    outcome,
    settled_at: outcome === null ? null : settledAtUtc,
  }));
}

function failureRow(write: FailureWrite) {
  return {
    execution_id: write.executionId,
    city: write.city,
    job_kind: write.jobKind,
    key: failureKey(write),
    listing_id: write.listingId,
    page: write.page,
    url: write.url,
    category: write.category,
    code: write.code,
    message: write.message,
    attempts: write.attempts,
    status: write.status,
    failed_at: write.failedAtUtc,
  };
}
