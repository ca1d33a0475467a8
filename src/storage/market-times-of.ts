/**
 * Days on the market of a few listings. The macro `market_times_as_of` adds up every version there is; these look only at the
 * versions of the listings that are asked for, and say the same.
 */

/**
 * A version until a moment: what is needed beside its listing and its begin to add up the time it was offered.
 * @param moment parameter of the query, e.g. `$moment`
 */
export function timeColumns(moment: string): string {
  return `published_at, valid_to IS NULL OR valid_to > ${moment}::TIMESTAMP AS holds,
    least(coalesce(valid_to, ${moment}::TIMESTAMP), ${moment}::TIMESTAMP) AS held_to`;
}

/** `listing_id`, `listed_at`, `gone_at` and `days` among rows with `timeColumns`, every version of a listing or none. */
export function timesAmong(versions: string): string {
  return `SELECT listing_id, least(first_at, coalesce(published_at, first_at)) AS listed_at,
      CASE WHEN NOT is_offered THEN last_until END AS gone_at,
      (seen_seconds + greatest(0, epoch(first_at) - epoch(coalesce(published_at, first_at)))) / 86400 AS days
    FROM (
      SELECT listing_id, min(valid_from) AS first_at, min(published_at) AS published_at, bool_or(holds) AS is_offered,
        max(held_to) AS last_until, sum(epoch(held_to) - epoch(valid_from)) AS seen_seconds
      FROM ${versions} GROUP BY listing_id)`;
}

/**
 * The rows of `market_times_as_of` of some listings, with the earlier listings of their homes, whatever those are.
 * @param moment parameter of the query
 * @param listings a query for their ids
 */
export function marketTimesOf(moment: string, listings: string): string {
  return `WITH RECURSIVE asked AS (${listings}),
    chain AS (
      SELECT listing_id, earlier_listing_id FROM listing_links WHERE listing_id IN (FROM asked)
      UNION
      SELECT c.listing_id, k.earlier_listing_id FROM chain c JOIN listing_links k ON k.listing_id = c.earlier_listing_id
    ), versions AS (
      SELECT listing_id, valid_from, ${timeColumns(moment)} FROM listing_versions
      WHERE valid_from <= ${moment}::TIMESTAMP
        AND listing_id IN (FROM asked UNION ALL SELECT earlier_listing_id FROM chain)
    ), times AS (${timesAmong('versions')}),
    earlier AS (
      SELECT c.listing_id, min(t.listed_at) AS listed_at, sum(t.days) AS days, count(*) AS listings
      FROM chain c JOIN times t ON t.listing_id = c.earlier_listing_id GROUP BY c.listing_id
    )
    SELECT t.listing_id, t.listed_at, t.gone_at, t.days AS days_on_market,
      coalesce(e.listings, 0)::INTEGER AS earlier_listings, least(t.listed_at, coalesce(e.listed_at, t.listed_at)) AS home_listed_at,
      t.days + coalesce(e.days, 0) AS home_days_on_market
    FROM times t JOIN asked USING (listing_id) LEFT JOIN earlier e USING (listing_id)`;
}

/** The same of the listing `$listingId` until `$moment`. */
export const selectMarketTimes = marketTimesOf('$moment', 'SELECT $listingId AS listing_id');
