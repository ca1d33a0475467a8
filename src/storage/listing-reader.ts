/**
 * One listing as its page of the dashboard shows it: its row and its past, and where they came from. It only reads.
 */
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import type { Database } from './database.ts';
import type { ListingOrigin } from './explain-reader.ts';
import { readOrigin } from './explain-reader.ts';
import type { ListingHistory } from './history-reader.ts';
import { readListingHistory } from './history-reader.ts';

export type ListingAnswer =
  | { readonly kind: 'known'; readonly history: ListingHistory; readonly origin: ListingOrigin }
  /** Somebody had its texts removed. */
  | { readonly kind: 'forgotten'; readonly forgottenAtUtc: string }
  | { readonly kind: 'unknown' };

const forgottenRow = z.object({ forgottenAtUtc: z.number().transform(toUtcIso) });

/** What is known of a listing until `nowMs`. */
export async function readListing(database: Database, listingId: string, nowMs: number): Promise<ListingAnswer> {
  const [forgotten] = await database.use(({ rows }) =>
    rows(
      'SELECT epoch_ms(forgotten_at)::DOUBLE AS forgottenAtUtc FROM forgotten_listings WHERE listing_id = $listingId',
      { listingId },
    ),
  );
  if (forgotten !== undefined) return { kind: 'forgotten', ...forgottenRow.parse(forgotten) };
  const history = await readListingHistory(database, listingId, nowMs);
  if (history === null) return { kind: 'unknown' };
  const origin = await database.use((session) => readOrigin(session, listingId));
  return { kind: 'known', history, origin };
}
