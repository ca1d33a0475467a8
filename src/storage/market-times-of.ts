/**
 * Days on the market of a few listings. The macro `market_times_as_of` adds up every version there is; these look only at the
 * versions of the listings that are asked for, and say the same.
 */

/** A version until `$moment`: what is needed beside its listing and its begin to add up the time it was offered. */
export const timeColumns = `published_at, valid_to IS NULL OR valid_to > $moment::TIMESTAMP AS holds,
  least(coalesce(valid_to, $moment::TIMESTAMP), $moment::TIMESTAMP) AS held_to`;

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

/** The row of `market_times_as_of($moment)` of the listing `$listingId`, with the earlier listings of its home. */
export const selectMarketTimes = `
  WITH RECURSIVE chain AS (
    SELECT earlier_listing_id FROM listing_links WHERE listing_id = $listingId
    UNION
    SELECT k.earlier_listing_id FROM chain c JOIN listing_links k ON k.listing_id = c.earlier_listing_id
  ), versions AS (
    SELECT listing_id, valid_from, ${timeColumns} FROM listing_versions
    WHERE valid_from <= $moment::TIMESTAMP AND listing_id IN (SELECT $listingId UNION ALL FROM chain)
  ), times AS (${timesAmong('versions')}),
  earlier AS (
    SELECT min(listed_at) AS listed_at, sum(days) AS days, count(*) AS listings FROM times WHERE listing_id <> $listingId
  )
  SELECT t.listing_id, t.listed_at, t.gone_at, t.days AS days_on_market, e.listings::INTEGER AS earlier_listings,
    least(t.listed_at, coalesce(e.listed_at, t.listed_at)) AS home_listed_at,
    t.days + coalesce(e.days, 0) AS home_days_on_market
  FROM times t, earlier e WHERE t.listing_id = $listingId`;
