/**
 * Reads built pages for the tests of the listing page: the record and issues of a page that must be a listing.
 */
import type { Card } from '../../src/listings/card.ts';
import type { ListingRecord } from '../../src/listings/fields.ts';
import type { Issue } from '../../src/listings/issue.ts';
import type { ListingPageContext } from '../../src/portal/listing-page.ts';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import type { PageParts } from './page-builder.ts';
import { listingPage, pageUrl } from './page-builder.ts';

export const emptyCard: Card = {
  listingId: '71000001',
  url: pageUrl(),
  dealType: 'sale',
  cityAsPrinted: 'Helsinki',
  district: null,
  address: null,
  postalCode: null,
  latitude: null,
  longitude: null,
  priceEur: null,
  rentEurMonth: null,
  areaM2: null,
  rooms: null,
  roomConfiguration: null,
  yearBuilt: null,
  newDevelopment: null,
  publishedAt: null,
  priceChangedAt: null,
  brokerCompany: null,
  status: null,
};

export function contextOf(parts: PageParts, changes: Partial<ListingPageContext> = {}): ListingPageContext {
  return { url: pageUrl(parts), city: 'Helsinki', card: null, collectsPersonalData: false, ...changes };
}

/** The record and issues of a page that must be a listing. */
export function read(
  parts: PageParts,
  changes: Partial<ListingPageContext> = {},
): { readonly record: ListingRecord; readonly issues: readonly Issue[]; readonly codes: readonly string[] } {
  const reading = parseListingPage(listingPage(parts), contextOf(parts, changes));
  if (reading.kind !== 'listing') throw new Error(`expected a listing, got ${JSON.stringify(reading)}`);
  return { ...reading, codes: reading.issues.map((issue) => `${issue.code} ${issue.field}`) };
}
