/**
 * Listings that are gone, and those that have come back, at the end of a city. Must run inside the transaction that
 * saves the receipt. Everything is derived from the tables: no counter of misses can drift, and doing it again changes
 * nothing. Whether so many may go at once is not decided here.
 */
import { z } from 'zod';
import type { DelistingRules } from '../jobs/series-store.ts';
import { openSeen } from './commit-versions.ts';
import { addLineageOfGone } from './data-lineage.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { text, utc } from './table-spec.ts';

/** Staging table that must exist before listings are marked gone. */
export const stagedGone: StagingTable = {
  name: 'staged_gone',
  columns: [
    text('listing_id', 'Listing', 'program'),
    utc('gone_at', 'When it was gone', 'program'),
    text('gone_reason', 'removed, sold, 404 or unseen', 'program'),
  ],
};

interface CityOfExecution {
  readonly executionId: string;
  readonly city: string;
}

const noteDealTypes = `UPDATE city_executions SET listed_deal_types = (
    SELECT list(DISTINCT l.deal_type ORDER BY l.deal_type)
    FROM execution_listings e JOIN listings l USING (listing_id)
    WHERE e.execution_id = $executionId AND e.city = $city AND e.outcome IS DISTINCT FROM 'foreign')
  WHERE execution_id = $executionId AND city = $city`;

/**
 * A search page shows that a listing is offered again that was gone for want of being seen; one whose page said that it
 * is removed comes back by its page alone, because the search may list it for some time yet.
 */
const isSeenAgain = `l.gone_reason = 'unseen' AND l.last_seen_at > l.gone_at AND l.listing_id IN (
  SELECT listing_id FROM execution_listings
  WHERE execution_id = $executionId AND city = $city AND coalesce(outcome, '') NOT IN ('foreign', 'removed'))`;
const openSeenAgain = openSeen(isSeenAgain);
const forgetSeenAgain = `UPDATE listings l SET gone_at = NULL, gone_reason = NULL, gone_execution_id = NULL
  WHERE ${isSeenAgain}`;

/** Runs count by their own start: one that a clock set back has begun before the listing was seen counts for nothing. */
const stageUnseen = `INSERT INTO staged_gone
WITH runs AS (
  SELECT execution_id, started_at, unnest(listed_deal_types) AS deal_type FROM city_executions
  WHERE city = $city AND verdict = 'complete' AND started_at <= (
    SELECT started_at FROM city_executions WHERE execution_id = $executionId AND city = $city)
    AND execution_id NOT IN (SELECT execution_id FROM quarantines WHERE city = $city AND state <> 'released')
), last_runs AS (
  FROM runs QUALIFY row_number() OVER (
    PARTITION BY deal_type ORDER BY started_at DESC, execution_id = $executionId DESC) <= $completeRuns
), enough AS (
  SELECT deal_type, min(started_at) AS since FROM last_runs GROUP BY deal_type
  HAVING count(*) = $completeRuns AND bool_or(execution_id = $executionId)
), unseen AS (
  SELECT l.listing_id, l.deal_type, l.last_seen_at FROM listings l JOIN enough USING (deal_type)
  WHERE l.city = $city AND l.gone_at IS NULL AND l.last_seen_at < enough.since AND l.listing_id NOT IN (
    SELECT listing_id FROM execution_listings WHERE execution_id IN (SELECT execution_id FROM last_runs))
)
SELECT u.listing_id, min(r.started_at), 'unseen'
FROM unseen u JOIN runs r ON r.deal_type = u.deal_type AND r.started_at > u.last_seen_at
GROUP BY u.listing_id`;

/** The page itself said so in this execution, and nothing younger says otherwise. */
const isRemoved = `f.execution_id = $executionId AND f.city = $city AND f.job_kind = 'listing' AND f.category = 'GONE'
  AND l.city = $city AND l.gone_at IS NULL AND l.fetched_at <= f.failed_at`;
const stageRemoved = `INSERT INTO staged_gone
  SELECT l.listing_id, f.failed_at,
    CASE f.code WHEN 'LISTING_SOLD' THEN 'sold' WHEN 'LISTING_REMOVED' THEN 'removed' ELSE '404' END
  FROM failed_listings f JOIN listings l ON l.listing_id = f.listing_id WHERE ${isRemoved}`;

const dealTypesListed = `(SELECT unnest(listed_deal_types) FROM city_executions
  WHERE execution_id = $executionId AND city = $city)`;
const selectDrop = `SELECT (SELECT count(*) FROM staged_gone)::INTEGER AS leaving, (
    SELECT count(*) FROM listings WHERE city = $city AND gone_at IS NULL AND deal_type IN ${dealTypesListed}
  )::INTEGER AS present`;
const dropRow = z.object({ leaving: z.number(), present: z.number() });

const markGone = `UPDATE listings SET gone_at = g.gone_at, gone_reason = g.gone_reason, gone_execution_id = $executionId
  FROM staged_gone g WHERE listings.listing_id = g.listing_id`;
const endVersions = `UPDATE listing_versions v SET valid_to = g.gone_at, end_reason = 'gone'
  FROM staged_gone g WHERE v.listing_id = g.listing_id AND v.valid_to IS NULL`;

/** Opens the listings again that were gone for want of being seen and that the execution has seen in the city. */
export async function takeBackSeen(session: Session, { executionId, city }: CityOfExecution): Promise<void> {
  await session.run(openSeenAgain, { executionId, city });
  await session.run(forgetSeenAgain, { executionId, city });
}

/**
 * Marks the listings gone that are due, unless they are too many; the receipt must be stored with verdict complete. Gives
 * back why none was marked though some were due; null otherwise.
 */
export async function delist(
  session: Session,
  { executionId, city }: CityOfExecution,
  { completeRuns, checkDrop }: DelistingRules,
): Promise<string | null> {
  await session.run(stageUnseen, { executionId, city, completeRuns });
  await session.run(stageRemoved, { executionId, city });
  const { leaving, present } = dropRow.parse((await session.rows(selectDrop, { executionId, city }))[0]);
  const note = leaving === 0 ? null : checkDrop(leaving, present);
  if (leaving > 0 && note === null) {
    await session.run(markGone, { executionId });
    await session.run(endVersions, {});
    await addLineageOfGone(session, executionId);
  }
  await session.run('DELETE FROM staged_gone', {});
  return note;
}

/** Keeps with the receipt which deal types the execution has listed in the city. */
export async function saveDealTypes(session: Session, { executionId, city }: CityOfExecution): Promise<void> {
  await session.run(noteDealTypes, { executionId, city });
}

const selectCounts = `SELECT
  (SELECT count(*) FROM listings WHERE gone_execution_id = $executionId AND city = $city)::INTEGER AS gone,
  (SELECT count(*) FROM (
      SELECT execution_id, city, lag(end_reason) OVER (PARTITION BY listing_id ORDER BY valid_from) AS end_before
      FROM listing_versions WHERE listing_id IN (
        SELECT listing_id FROM listing_versions WHERE execution_id = $executionId AND city = $city))
    WHERE execution_id = $executionId AND city = $city AND end_before = 'gone')::INTEGER AS returned,
  (SELECT count(*) FROM listings l WHERE l.city = $city AND l.gone_at IS NULL AND l.deal_type IN ${dealTypesListed}
    AND l.listing_id NOT IN (SELECT listing_id FROM execution_listings WHERE execution_id = $executionId)
  )::INTEGER AS unseen,
  (SELECT count(*) FROM failed_listings f JOIN listings l ON l.listing_id = f.listing_id
    WHERE ${isRemoved})::INTEGER AS removed`;
const countsRow = z.object({ gone: z.number(), returned: z.number(), unseen: z.number(), removed: z.number() });

interface DelistingCounts {
  readonly gone: number;
  readonly returned: number;
  /** Not seen, or removed, and not marked gone. */
  readonly waiting: number;
}

/** What has become of the listings of the city, as the tables say. */
export async function countDelisted(
  session: Session,
  { executionId, city }: CityOfExecution,
): Promise<DelistingCounts> {
  const [row] = await session.rows(selectCounts, { executionId, city });
  const { gone, returned, unseen, removed } = countsRow.parse(row);
  return { gone, returned, waiting: unseen + removed };
}
