/**
 * Price events of a few listings. The view `price_events` looks at every version there is, which takes seconds with a million
 * of them; these look only at the versions that are handed to them, and say the same.
 */
import { amountEur } from './listing-expressions.ts';

/** What of a version is needed to tell its price from the one before. */
export const priceColumns = `listing_id, deal_type, price_basis, valid_from,
  ${amountEur} AS price_eur`;

/** The view's cuts and raises among rows of `priceColumns`, every version of a listing or none. */
export function priceChangesAmong(versions: string): string {
  return `SELECT listing_id, valid_from AS event_at, before_eur, price_eur FROM (
    SELECT *, lag(price_eur) OVER (PARTITION BY listing_id, deal_type, price_basis ORDER BY valid_from) AS before_eur
    FROM ${versions} WHERE price_eur IS NOT NULL
  ) WHERE before_eur <> price_eur`;
}

/** The rows of the view among rows of `priceColumns`, every version of a listing or none. */
export function priceEventsAmong(versions: string): string {
  return `SELECT listing_id, deal_type, valid_from AS event_at,
      CASE WHEN is_first THEN 'first' WHEN price_eur < before_eur THEN 'cut' ELSE 'raise' END AS kind,
      before_eur, price_eur, price_eur - before_eur AS amount_eur,
      round(100 * (price_eur - before_eur) / nullif(before_eur, 0), 2) AS percent
    FROM (
      SELECT *, row_number() OVER (PARTITION BY listing_id ORDER BY valid_from) = 1 AS is_first,
        lag(price_eur) OVER (PARTITION BY listing_id, deal_type, price_basis ORDER BY valid_from) AS before_eur
      FROM ${versions} WHERE price_eur IS NOT NULL
    ) WHERE is_first OR price_eur <> before_eur`;
}

/** A query for the listings whose price was cut since `$cutSince`; until `$asOf` where that is asked. */
export function cutListings(isUntilAsOf: boolean): string {
  const until = isUntilAsOf ? 'AND valid_from <= $asOf::TIMESTAMP' : '';
  const versions = `(SELECT ${priceColumns} FROM listing_versions WHERE true ${until} AND listing_id IN (
    SELECT listing_id FROM listing_versions WHERE valid_from >= $cutSince::TIMESTAMP ${until}))`;
  return `SELECT listing_id FROM (${priceChangesAmong(versions)})
    WHERE price_eur < before_eur AND event_at >= $cutSince::TIMESTAMP`;
}
