/**
 * Reads what is known of one listing over time: its versions, its prices, its days on the market, and the other listings
 * of its home. It only reads.
 */
import type { DuckDBValue } from '@duckdb/node-api';
import { toUtcIso } from '../clock.ts';
import type { Database } from './database.ts';
import { fieldColumns } from './listing-columns.ts';
import { selectMarketTimes } from './market-times-of.ts';
import type { QueryRow } from './query.ts';
import { jsonRowsOf } from './query.ts';

export interface ListingHistory {
  readonly listingId: string;
  /** The row of `listings`: as it is, or as it was when it was gone. */
  readonly listing: QueryRow;
  /** Rows of `listing_versions`, oldest first. */
  readonly versions: readonly QueryRow[];
  /** Rows of `price_events`, oldest first. */
  readonly priceEvents: readonly QueryRow[];
  /** The row of `market_times`. */
  readonly marketTimes: QueryRow;
  /** Rows of `listing_links` that lead from this listing to earlier and to later ones of its home, nearest first. */
  readonly earlier: readonly QueryRow[];
  readonly later: readonly QueryRow[];
}

/** Columns of `listings` whose change makes a version, in the order of the table; the key is not one. */
export const versionedFields: readonly string[] = fieldColumns
  .map(({ name }) => name)
  .filter((name) => name !== 'listing_id');

/** The links of a home on one side of a listing. */
function chainOf(from: string, to: string): string {
  return `WITH RECURSIVE chain AS (
      SELECT *, 1 AS step FROM listing_links WHERE ${from} = $listingId
      UNION ALL SELECT k.*, step + 1 FROM chain c JOIN listing_links k ON k.${from} = c.${to} WHERE step < 1000
    ) SELECT * EXCLUDE (step) FROM chain ORDER BY step`;
}

/** What is known of the listing until now; null when it is not stored. */
export async function readListingHistory(
  database: Database,
  listingId: string,
  nowMs: number,
): Promise<ListingHistory | null> {
  return database.use(async ({ connection }) => {
    const rows = async (sql: string, parameters: Record<string, DuckDBValue> = {}): Promise<readonly QueryRow[]> => {
      const result = await connection.run(sql, { listingId, ...parameters });
      return (await result.fetchAllChunks()).flatMap((chunk) => jsonRowsOf(result, chunk));
    };
    const [listing] = await rows('FROM listings WHERE listing_id = $listingId');
    const [marketTimes] = await rows(selectMarketTimes, { moment: toUtcIso(nowMs) });
    if (listing === undefined || marketTimes === undefined) return null;
    return {
      listingId,
      listing,
      versions: await rows('FROM listing_versions WHERE listing_id = $listingId ORDER BY valid_from'),
      priceEvents: await rows('FROM price_events WHERE listing_id = $listingId ORDER BY event_at'),
      marketTimes,
      earlier: await rows(chainOf('listing_id', 'earlier_listing_id')),
      later: await rows(chainOf('earlier_listing_id', 'listing_id')),
    };
  });
}
