/**
 * Counts a city of an execution from the tables. Every discovered listing has exactly one outcome, so that discovered =
 * new + changed + unchanged + removed + failed + skipped + pending holds by construction; nothing is kept as a counter.
 */
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import type { CityCounts } from '../quality/city-receipt.ts';
import type { Session } from './session.ts';

const countQuery = `
WITH pages AS (
  FROM search_pages WHERE execution_id = $executionId AND city = $city
), outcomes AS (
  SELECT
    count(*) FILTER (outcome IS DISTINCT FROM 'foreign') AS discovered,
    count(*) FILTER (outcome = 'foreign') AS foreign_cards,
    count(*) FILTER (outcome = 'new') AS new,
    count(*) FILTER (outcome = 'changed') AS changed,
    count(*) FILTER (outcome = 'unchanged') AS unchanged,
    count(*) FILTER (outcome = 'removed') AS removed,
    count(*) FILTER (outcome = 'failed') AS failed,
    count(*) FILTER (outcome = 'skipped') AS skipped,
    count(*) FILTER (outcome IS NULL) AS pending
  FROM execution_listings WHERE execution_id = $executionId AND city = $city
), paging AS (
  SELECT
    count(*) AS search_pages,
    min_by(portal_total, page) AS portal_total_start,
    max_by(portal_total, page) AS portal_total_end,
    -- Each page from 1 to a last page was read.
    coalesce(bool_or(is_last_page) AND min(page) = 1 AND max(page) = count(*), false) AS is_list_complete
  FROM pages
), cards AS (
  SELECT count(*) - count(DISTINCT listing_id) AS duplicate_cards
  FROM (SELECT unnest(listing_ids || skipped_listing_ids) AS listing_id FROM pages)
), unseen AS (
  SELECT count(*) AS unseen FROM listings
  WHERE city = $city AND gone_at IS NULL AND listing_id NOT IN (
    SELECT listing_id FROM execution_listings WHERE execution_id = $executionId)
)
SELECT
  portal_total_start AS portalTotalStart, portal_total_end AS portalTotalEnd,
  search_pages::INTEGER AS searchPages,
  (SELECT count(*) FROM failed_listings
    WHERE execution_id = $executionId AND city = $city AND job_kind = 'search-page')::INTEGER AS failedSearchPages,
  is_list_complete AS isListComplete,
  discovered::INTEGER AS discovered, duplicate_cards::INTEGER AS duplicateCards,
  foreign_cards::INTEGER AS foreignCards,
  new::INTEGER AS new, changed::INTEGER AS changed, unchanged::INTEGER AS unchanged, removed::INTEGER AS removed,
  failed::INTEGER AS failed, skipped::INTEGER AS skipped, pending::INTEGER AS pending,
  (CASE WHEN is_list_complete THEN unseen + removed ELSE 0 END)::INTEGER AS goneCandidates,
  (SELECT count(*) FROM request_log WHERE execution_id = $executionId AND city = $city)::INTEGER AS requests
FROM outcomes, paging, cards, unseen`;

const count = z.number().int().nonnegative();
const countsRow = z.object({
  portalTotalStart: count.nullable(),
  portalTotalEnd: count.nullable(),
  searchPages: count,
  failedSearchPages: count,
  isListComplete: z.boolean(),
  discovered: count,
  duplicateCards: count,
  foreignCards: count,
  new: count,
  changed: count,
  unchanged: count,
  removed: count,
  failed: count,
  skipped: count,
  pending: count,
  goneCandidates: count,
  requests: count,
});

/** The counts of a city, all zero when nothing is known of it. */
export async function countCityRows(session: Session, executionId: string, city: string): Promise<CityCounts> {
  const [row] = await session.rows(countQuery, { executionId, city });
  const read = countsRow.safeParse(row);
  if (!read.success) {
    throw new StorageError('DATABASE_ROW_UNREADABLE', `counts of ${city}: ${z.prettifyError(read.error)}`);
  }
  return read.data;
}

const requestsRow = z.object({ requests: count });

/** Requests of the execution, those that were not for one city included. */
export async function countRequestRows(session: Session, executionId: string): Promise<number> {
  const [row] = await session.rows(
    'SELECT count(*)::INTEGER AS requests FROM request_log WHERE execution_id = $executionId',
    { executionId },
  );
  return requestsRow.parse(row).requests;
}
