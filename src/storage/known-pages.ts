/**
 * Which pages of a city are stored, by what they are recognised, and whether they could be had the last time.
 */
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import type { KnownPage } from '../jobs/series-store.ts';
import { forgottenParser } from '../listings/forgotten.ts';
import type { Session } from './session.ts';

const knownPageRow = z.object({
  listingId: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  parser: z.string(),
  cardHash: z.string(),
  fetchedAtMs: z.number(),
  lastTryFailed: z.boolean(),
});

/** A page that no card is kept of is not known: an older version stored it. Of which city a forgotten one was is not kept. */
function selectPages(isChosen: (column: string) => string): string {
  return `SELECT l.listing_id AS listingId, etag, last_modified AS lastModified, parser, card_hash AS cardHash,
      epoch_ms(fetched_at)::DOUBLE AS fetchedAtMs,
      gone_at IS NOT NULL OR coalesce(f.failed_at > fetched_at, false) AS lastTryFailed
    FROM listings l
    LEFT JOIN (SELECT listing_id, max(failed_at) AS failed_at FROM failed_listings
      WHERE ${isChosen('listing_id')} GROUP BY listing_id) f ON f.listing_id = l.listing_id
    WHERE city = $city AND card_hash IS NOT NULL AND ${isChosen('l.listing_id')}
    UNION ALL
    SELECT listing_id, NULL, NULL, '${forgottenParser}', '', epoch_ms(forgotten_at)::DOUBLE, false
    FROM forgotten_listings WHERE ${isChosen('listing_id')}`;
}

/** The pages of the city by listing id: all, or those of `listingIds`. */
export async function selectKnownPages(
  session: Session,
  city: string,
  listingIds: readonly string[] | null,
): Promise<ReadonlyMap<string, KnownPage>> {
  const rows =
    listingIds === null
      ? await session.rows(
          selectPages(() => 'true'),
          { city },
        )
      : await session.rows(
          selectPages((column) => `${column} IN (SELECT unnest($listingIds::VARCHAR[]))`),
          { city, listingIds: listValue(listingIds) },
        );
  const pages = rows.map((row) => knownPageRow.parse(row));
  return new Map(pages.map(({ listingId, ...page }) => [listingId, page]));
}
