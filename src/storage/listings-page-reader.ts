/**
 * One page of listings out of a million: the page goes on from a listing of the page before, so that a late page costs what
 * the first one does. It only reads.
 */

import type { DuckDBValue } from '@duckdb/node-api';
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import { dealTypes } from '../listings/fields.ts';
import type { Database } from './database.ts';
import { instant } from './instant.ts';
import { amountEur, amountPerM2Eur } from './listing-expressions.ts';
import type { PriceChange } from './listing-extras.ts';
import { readExtras } from './listing-extras.ts';
import type { Condition, ListingFilter } from './listing-filter.ts';
import { conditionOf } from './listing-filter.ts';
import { cutListings } from './price-changes.ts';
import type { Session } from './session.ts';

export const listingOrders = {
  newest: { key: 'coalesce(published_at, first_seen_at)', isDescending: true },
  oldest: { key: 'coalesce(published_at, first_seen_at)', isDescending: false },
  cheapest: { key: amountEur, isDescending: false },
  dearest: { key: amountEur, isDescending: true },
  cheapest_per_m2: { key: amountPerM2Eur, isDescending: false },
  dearest_per_m2: { key: amountPerM2Eur, isDescending: true },
  largest: { key: 'area_m2', isDescending: true },
  smallest: { key: 'area_m2', isDescending: false },
} as const;
export type ListingOrder = keyof typeof listingOrders;

/** Where the page begins: after or before a listing of another page, at the end, or at the start. */
export type PagePlace =
  | { readonly kind: 'first' }
  | { readonly kind: 'last' }
  | { readonly kind: 'after' | 'before'; readonly listingId: string };

export interface ListingsPageQuery {
  readonly filter: ListingFilter;
  readonly order: ListingOrder;
  readonly place: PagePlace;
  /** Rows at most. */
  readonly limit: number;
  readonly nowMs: number;
}

const nullableNumber = z.number().nullable();
const nullableText = z.string().nullable();

const summaryRow = z.object({
  listingId: z.string(),
  dealType: z.enum(dealTypes),
  city: z.string(),
  address: nullableText,
  district: nullableText,
  postalCode: nullableText,
  title: nullableText,
  buildingType: nullableText,
  roomConfiguration: nullableText,
  /** Price of a sale or rent of a rental, EUR or EUR/month, and per square metre. */
  amountEur: nullableNumber,
  amountPerM2Eur: nullableNumber,
  areaM2: nullableNumber,
  rooms: nullableNumber,
  yearBuilt: nullableNumber,
  energyClass: nullableText,
  isNewDevelopment: z.boolean().nullable(),
  publishedAtUtc: instant.nullable(),
  firstSeenAtUtc: instant,
  goneAtUtc: instant.nullable(),
});

export interface ListingSummary extends z.infer<typeof summaryRow> {
  /** Time it was offered; days. */
  readonly daysOnMarket: number | null;
  /** Its last change of price; null when there was none. */
  readonly lastPriceChange: PriceChange | null;
}

export interface ListingsPageOf {
  /** Listings that match, on all pages. */
  readonly total: number;
  readonly rows: readonly ListingSummary[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

const columns = `listing_id AS listingId, deal_type AS dealType, city, address, district, postal_code AS postalCode, title,
  building_type AS buildingType, room_configuration AS roomConfiguration, ${amountEur} AS amountEur,
  ${amountPerM2Eur} AS amountPerM2Eur, area_m2 AS areaM2, rooms, year_built AS yearBuilt, energy_class AS energyClass,
  new_development AS isNewDevelopment, epoch_ms(published_at)::DOUBLE AS publishedAtUtc,
  epoch_ms(first_seen_at)::DOUBLE AS firstSeenAtUtc, epoch_ms(gone_at)::DOUBLE AS goneAtUtc`;

/** Cities of which there are listings, by name. */
export function readListedCities(database: Database): Promise<readonly string[]> {
  return database.use(async ({ rows }) => {
    const found = await rows('SELECT DISTINCT city FROM listings ORDER BY city', {});
    return found.map((row) => z.object({ city: z.string() }).parse(row).city);
  });
}

/** A page of the listings that the filter lets through. A place that is not among them any more is the start. */
export function readListingsPage(database: Database, query: ListingsPageQuery): Promise<ListingsPageOf> {
  return database.use(async (session) => {
    const condition = await withFoundCuts(session, query.filter);
    const total = await count(session, condition);
    const slice = await sliceOf(session, query, condition);
    const momentUtc = query.filter.asOfUtc ?? toUtcIso(query.nowMs);
    const extras = await readExtras(session, slice.rows, momentUtc);
    const rows = slice.rows.map((row) => ({
      ...row,
      daysOnMarket: extras.get(row.listingId)?.daysOnMarket ?? null,
      lastPriceChange: extras.get(row.listingId)?.lastPriceChange ?? null,
    }));
    return { ...slice, total, rows };
  });
}

/** Which prices were cut takes longest to find: it is found once, for the count and for the page. */
async function withFoundCuts({ rows }: Session, filter: ListingFilter): Promise<Condition> {
  const { cutSinceUtc, asOfUtc } = filter;
  if (cutSinceUtc === null) return conditionOf(filter);
  const { source, where, parameters } = conditionOf({ ...filter, cutSinceUtc: null });
  const times = { cutSince: cutSinceUtc, ...(asOfUtc === null ? {} : { asOf: asOfUtc }) };
  const found = z.array(z.object({ listing_id: z.string() })).parse(await rows(cutListings(asOfUtc !== null), times));
  // DuckDB takes no list without a type.
  if (found.length === 0) return { source, where: 'false', parameters };
  const cut = listValue(found.map(({ listing_id }) => listing_id));
  return {
    source,
    where: `${where} AND listing_id IN (SELECT unnest($cut::VARCHAR[]))`,
    parameters: { ...parameters, cut },
  };
}

async function count({ rows }: Session, { source, where, parameters }: Condition): Promise<number> {
  const [row] = await rows(`SELECT count(*)::DOUBLE AS total FROM ${source} WHERE ${where}`, parameters);
  return z.object({ total: z.number() }).parse(row).total;
}

interface Begin {
  readonly condition: string;
  readonly parameters: Readonly<Record<string, DuckDBValue>>;
  /** True when the rows are read from their end. */
  readonly isBackward: boolean;
}

/**
 * One row more than asked says whether there is a page on that side. Their number stands in the statement: as a parameter it
 * would hide from DuckDB that few rows are wanted.
 */
async function sliceOf(session: Session, { order, place, limit }: ListingsPageQuery, condition: Condition) {
  const { source, where, parameters } = condition;
  const begin = await beginOf(session, order, place, condition);
  const { key, isDescending } = listingOrders[order];
  const [direction, nulls, ids] = begin.isBackward
    ? [isDescending ? 'ASC' : 'DESC', 'FIRST', 'DESC']
    : [isDescending ? 'DESC' : 'ASC', 'LAST', 'ASC'];
  const found = await session.rows(
    `SELECT ${columns} FROM ${source} WHERE ${where} AND ${begin.condition}
     ORDER BY ${key} ${direction} NULLS ${nulls}, listing_id ${ids} LIMIT ${limit + 1}`,
    { ...parameters, ...begin.parameters },
  );
  const rows = found.slice(0, limit).map((row) => summaryRow.parse(row));
  const hasMore = found.length > limit;
  return begin.isBackward
    ? { rows: rows.reverse(), hasBefore: hasMore, hasAfter: place.kind === 'before' }
    : { rows, hasBefore: Object.keys(begin.parameters).length > 0, hasAfter: hasMore };
}

/** The rows beyond the listing at which another page ended, by their order and, where that is the same, by their id. */
async function beginOf(
  { rows }: Session,
  order: ListingOrder,
  place: PagePlace,
  { source, parameters }: Condition,
): Promise<Begin> {
  const all = { condition: 'true', parameters: {} };
  if (place.kind === 'first' || place.kind === 'last') return { ...all, isBackward: place.kind === 'last' };
  const { key, isDescending } = listingOrders[order];
  const asOf = parameters['asOf'] === undefined ? {} : { asOf: parameters['asOf'] };
  const from = `SELECT ${key} AS value FROM ${source} WHERE listing_id = $placeId`;
  const [row] = await rows(from, { placeId: place.listingId, ...asOf });
  if (row === undefined) return { ...all, isBackward: false };
  // Whatever type the order has: it goes back to DuckDB as it came.
  const value = row['value'] as DuckDBValue;
  const isBackward = place.kind === 'before';
  return { ...beyond(key, isDescending !== isBackward, isBackward, value, place.listingId), isBackward };
}

function beyond(key: string, isBelow: boolean, isBackward: boolean, value: DuckDBValue, placeId: string) {
  const id = `listing_id ${isBackward ? '<' : '>'} $placeId`;
  // Those without a value stand at the end.
  if (value === null) {
    const condition = isBackward ? `(${key} IS NOT NULL OR ${id})` : `(${key} IS NULL AND ${id})`;
    return { condition, parameters: { placeId } };
  }
  const nulls = isBackward ? '' : ` OR ${key} IS NULL`;
  const condition = `(${key} ${isBelow ? '<' : '>'} $value OR (${key} = $value AND ${id})${nulls})`;
  return { condition, parameters: { placeId, value } };
}
