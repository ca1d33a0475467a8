/**
 * Counts a city of an execution from the tables. Every discovered listing has exactly one outcome, so that discovered =
 * new + changed + unchanged + removed + failed + skipped + pending holds by construction; nothing is kept as a counter.
 */
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import type { CityCounts } from '../quality/city-receipt.ts';
import type { Session } from './session.ts';

const count = z.number().int().nonnegative();

const selectPages = `
WITH pages AS (
  FROM search_pages WHERE execution_id = $executionId AND city = $city
), rereads AS (
  FROM reread_pages WHERE execution_id = $executionId AND city = $city
)
SELECT
  min_by(portal_total, page) AS portalTotalStart,
  coalesce((SELECT max_by(portal_total, (pass, page)) FROM rereads), max_by(portal_total, page)) AS portalTotalEnd,
  (SELECT count(*) FROM rereads)::INTEGER AS rereadPages,
  count(*)::INTEGER AS searchPages,
  -- Each page from 1 to a last page was read.
  coalesce(bool_or(is_last_page) AND min(page) = 1 AND max(page) = count(*), false) AS isListComplete,
  (SELECT count(*) - count(DISTINCT listing_id)
    FROM (SELECT unnest(listing_ids || skipped_listing_ids) AS listing_id FROM pages))::INTEGER AS duplicateCards
FROM pages`;

const pagesRow = z.object({
  portalTotalStart: count.nullable(),
  portalTotalEnd: count.nullable(),
  searchPages: count,
  rereadPages: count,
  isListComplete: z.boolean(),
  duplicateCards: count,
});

type PageCounts = z.infer<typeof pagesRow>;

const selectOutcomes = `
SELECT
  count(*) FILTER (outcome IS DISTINCT FROM 'foreign')::INTEGER AS discovered,
  count(*) FILTER (outcome = 'foreign')::INTEGER AS foreignCards,
  count(*) FILTER (outcome = 'new')::INTEGER AS new,
  count(*) FILTER (outcome = 'changed')::INTEGER AS changed,
  count(*) FILTER (outcome IN ('unchanged', 'unfetched'))::INTEGER AS unchanged,
  count(*) FILTER (outcome = 'unfetched')::INTEGER AS unfetched,
  count(*) FILTER (outcome = 'removed')::INTEGER AS removed,
  count(*) FILTER (outcome = 'failed')::INTEGER AS failed,
  count(*) FILTER (outcome = 'skipped')::INTEGER AS skipped,
  count(*) FILTER (outcome IS NULL)::INTEGER AS pending,
  (SELECT count(*) FROM failed_listings
    WHERE execution_id = $executionId AND city = $city AND job_kind = 'search-page')::INTEGER AS failedSearchPages,
  (SELECT count(*) FROM request_log WHERE execution_id = $executionId AND city = $city)::INTEGER AS requests
FROM execution_listings WHERE execution_id = $executionId AND city = $city`;

const outcomesRow = z.object({
  discovered: count,
  foreignCards: count,
  new: count,
  changed: count,
  unchanged: count,
  unfetched: count,
  removed: count,
  failed: count,
  skipped: count,
  pending: count,
  failedSearchPages: count,
  requests: count,
});

/** A task that was switched from sale to rent says nothing of the sales: only kinds of deal it has listed are compared. */
const selectUnseen = `
SELECT coalesce(sum(unseen) FILTER (is_listed), 0)::INTEGER AS unseen FROM (
  SELECT
    -- What this execution has marked gone was a candidate, however often it is counted.
    count(*) FILTER (l.city = $city AND e.listing_id IS NULL
      AND (l.gone_at IS NULL OR l.gone_execution_id = $executionId)) AS unseen,
    coalesce(bool_or(e.city = $city AND e.outcome IS DISTINCT FROM 'foreign'), false) AS is_listed
  FROM listings l
  LEFT JOIN (FROM execution_listings WHERE execution_id = $executionId) e ON e.listing_id = l.listing_id
  GROUP BY l.deal_type
)`;

const unseenRow = z.object({ unseen: count });

export interface CityCounter {
  /** The counts of a city, all zero when nothing is known of it. */
  readonly count: (session: Session, executionId: string, city: string) => Promise<CityCounts>;
  /** To be called in each transaction that writes search pages. */
  readonly forgetPages: () => void;
}

/**
 * Counts cities. A run asks every second, and the cards of a large city take longest: what the search pages say is kept
 * until pages are written.
 */
export function createCityCounter(): CityCounter {
  const pagesOfCity = new Map<string, PageCounts>();
  return {
    count: async (session, executionId, city) => {
      const key = JSON.stringify([executionId, city]);
      const pages = pagesOfCity.get(key) ?? (await countPages(session, executionId, city));
      pagesOfCity.set(key, pages);
      return countOutcomes(session, { executionId, city, pages });
    },
    forgetPages: () => pagesOfCity.clear(),
  };
}

async function countPages(session: Session, executionId: string, city: string): Promise<PageCounts> {
  const [row] = await session.rows(selectPages, { executionId, city });
  return readRow(pagesRow.safeParse(row), city);
}

async function countOutcomes(
  session: Session,
  { executionId, city, pages }: { executionId: string; city: string; pages: PageCounts },
): Promise<CityCounts> {
  const [row] = await session.rows(selectOutcomes, { executionId, city });
  const outcomes = readRow(outcomesRow.safeParse(row), city);
  const goneCandidates = pages.isListComplete ? outcomes.removed + (await countUnseen(session, executionId, city)) : 0;
  return { ...pages, ...outcomes, goneCandidates };
}

async function countUnseen(session: Session, executionId: string, city: string): Promise<number> {
  const [row] = await session.rows(selectUnseen, { executionId, city });
  return readRow(unseenRow.safeParse(row), city).unseen;
}

function readRow<Row>(read: z.ZodSafeParseResult<Row>, city: string): Row {
  if (read.success) return read.data;
  throw new StorageError('DATABASE_ROW_UNREADABLE', `counts of ${city}: ${z.prettifyError(read.error)}`);
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
