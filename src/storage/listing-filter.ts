/**
 * Which listings are meant: the filters of the listings page, of its download and of the map as one condition in SQL. It knows
 * no page and no order; values are always parameters.
 */
import type { DuckDBValue } from '@duckdb/node-api';
import type { DealType } from '../listings/fields.ts';
import { amountEur } from './listing-expressions.ts';
import { cutListings } from './price-changes.ts';

export type ListingStatus = 'offered' | 'gone' | 'all';

/** Null = whatever it is. Bounds are included. */
export interface ListingFilter {
  /** Part of the address, title or district, in any case; or a listing id or the beginning of a postal code. */
  readonly text: string | null;
  readonly city: string | null;
  readonly dealType: DealType | null;
  /** EUR of a sale, EUR/month of a rental. */
  readonly minPriceEur: number | null;
  readonly maxPriceEur: number | null;
  readonly minAreaM2: number | null;
  readonly maxAreaM2: number | null;
  readonly minRooms: number | null;
  readonly maxRooms: number | null;
  readonly minYearBuilt: number | null;
  readonly maxYearBuilt: number | null;
  /** Its letter, A to G. */
  readonly energyClass: string | null;
  /** Five digits, or the first of them. */
  readonly postalCode: string | null;
  /** Of now. As of a time there are only those offered then. */
  readonly status: ListingStatus;
  /** First seen then or later; ISO 8601 UTC. */
  readonly newSinceUtc: string | null;
  /** Its price was cut then or later; ISO 8601 UTC. */
  readonly cutSinceUtc: string | null;
  /** As they were at this time (ISO 8601 UTC); null = as they are. */
  readonly asOfUtc: string | null;
}

export interface Condition {
  /** What is asked, to stand after FROM: the columns of `listings`. */
  readonly source: string;
  readonly where: string;
  readonly parameters: Readonly<Record<string, DuckDBValue>>;
}

/** The listings of a time, with when they were first seen; which of them are gone now is not asked. */
const listingsThen = `(SELECT v.* EXCLUDE (valid_from, valid_to, end_reason), l.first_seen_at, l.last_seen_at,
    NULL::TIMESTAMP AS gone_at, NULL::VARCHAR AS gone_reason
  FROM listings_as_of($asOf::TIMESTAMP) v JOIN listings l USING (listing_id))`;

const offered = 'gone_at IS NULL';
const statusConditions = { offered, gone: 'gone_at IS NOT NULL', all: null } as const;

/** One parameter, one condition. */
const conditions = {
  city: 'city = $city',
  dealType: 'deal_type = $dealType',
  minPriceEur: `${amountEur} >= $minPriceEur`,
  maxPriceEur: `${amountEur} <= $maxPriceEur`,
  minAreaM2: 'area_m2 >= $minAreaM2',
  maxAreaM2: 'area_m2 <= $maxAreaM2',
  minRooms: 'rooms >= $minRooms',
  maxRooms: 'rooms <= $maxRooms',
  minYearBuilt: 'year_built >= $minYearBuilt',
  maxYearBuilt: 'year_built <= $maxYearBuilt',
  energyClass: 'starts_with(upper(energy_class), $energyClass)',
  postalCode: 'starts_with(postal_code, $postalCode)',
  newSinceUtc: 'first_seen_at >= $newSinceUtc::TIMESTAMP',
} as const satisfies Partial<Record<keyof ListingFilter, string>>;

const textColumns = ['title', 'address', 'district'];

/** `title` first: it nearly always has street, district and city. Only a text of digits can be a code or an id. */
function textCondition(text: string): string {
  const hasLetters = text.toLowerCase() !== text.toUpperCase();
  const parts = textColumns.map((column) => `contains(${hasLetters ? `lower(${column})` : column}, $text)`);
  if (/^\d+$/.test(text)) parts.unshift('listing_id = $text', 'starts_with(postal_code, $text)');
  return `(${parts.join(' OR ')})`;
}

/** The condition that the filter makes. */
export function conditionOf(filter: ListingFilter): Condition {
  const parts: string[] = [];
  const parameters: Record<string, DuckDBValue> = {};
  // The cheap ones first: the text is then looked for in what is left.
  const status = filter.asOfUtc === null ? statusConditions[filter.status] : null;
  if (status !== null) parts.push(status);
  for (const [name, condition] of Object.entries(conditions)) {
    // The names are those of the table above, which Object.entries forgets.
    const value = filter[name as keyof typeof conditions];
    if (value === null) continue;
    parts.push(condition);
    parameters[name] = value;
  }
  if (filter.text !== null) {
    parts.push(textCondition(filter.text));
    parameters['text'] = filter.text.toLowerCase();
  }
  if (filter.cutSinceUtc !== null) {
    parts.push(`listing_id IN (${cutListings(filter.asOfUtc !== null)})`);
    parameters['cutSince'] = filter.cutSinceUtc;
  }
  if (filter.asOfUtc !== null) parameters['asOf'] = filter.asOfUtc;
  return {
    source: filter.asOfUtc === null ? 'listings' : listingsThen,
    where: parts.length === 0 ? 'true' : parts.join(' AND '),
    parameters,
  };
}
