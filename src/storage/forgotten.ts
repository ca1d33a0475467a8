/**
 * Keeps listings that were forgotten out of what is stored: of a batch, nothing of their pages is left, and on their search
 * pages they count as skipped, so that the sums of a city add up.
 */
import { z } from 'zod';
import type { SearchPageWrite, StoreWrites } from '../jobs/store-writes.ts';
import type { Session } from './session.ts';

const forgottenRow = z.object({ listingId: z.string() });

/** Ids of the listings that were forgotten. */
export async function selectForgotten(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.rows('SELECT listing_id AS listingId FROM forgotten_listings', {});
  return new Set(rows.map((row) => forgottenRow.parse(row).listingId));
}

/** The writes without what would bring a forgotten listing back. */
export function withoutForgotten(writes: StoreWrites, forgotten: ReadonlySet<string>): StoreWrites {
  if (forgotten.size === 0) return writes;
  return {
    ...writes,
    searchPages: writes.searchPages.map((page) => skipForgotten(page, forgotten)),
    listings: writes.listings.filter(({ record }) => !forgotten.has(record.listingId)),
    unchanged: writes.unchanged.filter(({ listingId }) => !forgotten.has(listingId)),
    failures: writes.failures.filter(({ listingId }) => listingId === null || !forgotten.has(listingId)),
  };
}

function skipForgotten(page: SearchPageWrite, forgotten: ReadonlySet<string>): SearchPageWrite {
  const isKept = (listingId: string) => !forgotten.has(listingId);
  const skipped = page.listingIds.filter((listingId) => forgotten.has(listingId));
  if (skipped.length === 0) return page;
  return {
    ...page,
    listingIds: page.listingIds.filter(isKept),
    unfetchedListingIds: page.unfetchedListingIds.filter(isKept),
    skippedListingIds: [...page.skippedListingIds, ...skipped],
  };
}
