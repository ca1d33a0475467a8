/**
 * What the rows of one page say beside their listings: days on the market and the last change of price. Both are asked for the
 * listings of the page alone and in one look at their versions; `market_times` and `price_events` would look at all.
 */
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import { timeColumns, timesAmong } from './market-times-of.ts';
import { priceChangesAmong, priceColumns } from './price-changes.ts';
import type { Session } from './session.ts';

export interface PriceChange {
  readonly atUtc: string;
  /** EUR, or EUR/month of a rental. */
  readonly beforeEur: number;
  readonly priceEur: number;
}

export interface ListingExtras {
  /** As `market_times` says it: without the times in which it was gone, without earlier listings of its home. */
  readonly daysOnMarket: number;
  readonly lastPriceChange: PriceChange | null;
}

const selectExtras = `
  WITH versions AS MATERIALIZED (
    SELECT ${priceColumns}, ${timeColumns('$moment')} FROM listing_versions
    WHERE valid_from BETWEEN $from::TIMESTAMP AND $moment::TIMESTAMP AND listing_id IN (SELECT unnest($listingIds::VARCHAR[]))
  ), times AS (${timesAmong('versions')}),
  changes AS (
    SELECT listing_id, max(event_at) AS changed_at, arg_max(before_eur, event_at) AS before_eur,
      arg_max(price_eur, event_at) AS price_eur
    FROM (${priceChangesAmong('versions')}) GROUP BY listing_id
  )
  SELECT listing_id AS listingId, epoch_ms(changed_at)::DOUBLE AS atMs, before_eur AS beforeEur, price_eur AS priceEur,
    days AS daysOnMarket
  FROM times LEFT JOIN changes USING (listing_id)`;

const extrasRow = z.object({
  listingId: z.string(),
  daysOnMarket: z.number(),
  atMs: z.number().nullable(),
  beforeEur: z.number().nullable(),
  priceEur: z.number().nullable(),
});

interface Asked {
  readonly listingId: string;
  readonly firstSeenAtUtc: string;
}

/**
 * Of the listings, until the moment (ISO 8601 UTC). A listing without a version is not in it. No version is older than the
 * first sight of its listing: what is older than all of them need not be looked at.
 */
export async function readExtras(
  session: Session,
  listings: readonly Asked[],
  moment: string,
): Promise<ReadonlyMap<string, ListingExtras>> {
  const [from] = listings.map(({ firstSeenAtUtc }) => firstSeenAtUtc).sort();
  if (from === undefined) return new Map();
  const listingIds = listings.map(({ listingId }) => listingId);
  const rows = await session.rows(selectExtras, { listingIds: listValue(listingIds), from, moment });
  return new Map(
    rows.map((row) => {
      const { listingId, daysOnMarket, atMs, beforeEur, priceEur } = extrasRow.parse(row);
      const isChanged = atMs !== null && beforeEur !== null && priceEur !== null;
      const lastPriceChange = isChanged ? { atUtc: toUtcIso(atMs), beforeEur, priceEur } : null;
      return [listingId, { daysOnMarket, lastPriceChange }];
    }),
  );
}
