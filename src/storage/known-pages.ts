/**
 * Which pages of a city are stored, by what they are recognised, and whether they could be had the last time.
 */
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import type { KnownPage } from '../jobs/series-store.ts';
import { forgottenParser } from '../listings/forgotten.ts';
import type { Session } from './session.ts';

const knownPageRow = z.object({
  city: z.string().nullable(),
  listingId: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  parser: z.string(),
  cardHash: z.string(),
  fetchedAtMs: z.number(),
  lastTryFailed: z.boolean(),
});

/** A page that no card is kept of is not known: an older version stored it. Of which city a forgotten one was is not kept. */
function selectPages(ofCity: string, isChosen: (column: string) => string): string {
  return `SELECT city, l.listing_id AS listingId, etag, last_modified AS lastModified, parser, card_hash AS cardHash,
      epoch_ms(fetched_at)::DOUBLE AS fetchedAtMs,
      gone_at IS NOT NULL OR coalesce(f.failed_at > fetched_at, false) AS lastTryFailed
    FROM listings l
    LEFT JOIN (SELECT listing_id, max(failed_at) AS failed_at FROM failed_listings
      WHERE ${isChosen('listing_id')} GROUP BY listing_id) f ON f.listing_id = l.listing_id
    WHERE ${ofCity} AND card_hash IS NOT NULL AND ${isChosen('l.listing_id')}
    UNION ALL
    SELECT NULL, listing_id, NULL, NULL, '${forgottenParser}', '', epoch_ms(forgotten_at)::DOUBLE, false
    FROM forgotten_listings WHERE ${isChosen('listing_id')}`;
}

/** All pages of the city by listing id. */
export async function selectKnownPages(session: Session, city: string): Promise<ReadonlyMap<string, KnownPage>> {
  const query = selectPages('city = $city', () => 'true');
  return new Map((await session.rows(query, { city })).map((row) => readPage(row)).map(({ id, page }) => [id, page]));
}

/** Those of `wanted`, listing ids by city, in one question: each looks through the whole series, however few are wanted. */
export async function selectKnownPagesAmong(
  session: Session,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, KnownPage>>> {
  const listingIds = listValue([...new Set([...wanted.values()].flatMap((ids) => [...ids]))]);
  const query = selectPages('true', (column) => `${column} IN (SELECT unnest($listingIds::VARCHAR[]))`);
  const rows = (await session.rows(query, { listingIds })).map((row) => readPage(row));
  return new Map(
    [...wanted].map(([city, ids]) => {
      const own = rows.filter((row) => ids.has(row.id) && (row.city ?? city) === city);
      return [city, new Map(own.map(({ id, page }) => [id, page]))];
    }),
  );
}

function readPage(row: unknown): { readonly city: string | null; readonly id: string; readonly page: KnownPage } {
  const { city, listingId: id, ...page } = knownPageRow.parse(row);
  return { city, id, page };
}
