/**
 * The filters of the listings in the address of a page, read and written back: a link keeps what was chosen, and the page, its
 * download and the map read the same names. Days are those of Helsinki.
 */
import { z } from 'zod';
import { boundsOfNominalDay, nominalDayOf, toUtcIso } from '../../src/clock.ts';
import { dealTypes } from '../../src/listings/fields.ts';
import type { ListingFilter } from '../../src/storage/listing-filter.ts';
import type { ListingOrder, PagePlace } from '../../src/storage/listings-page-reader.ts';
import { listingOrders } from '../../src/storage/listings-page-reader.ts';
import { HttpProblem } from './problem.ts';

const orders = Object.keys(listingOrders) as readonly ListingOrder[];

const optional = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((value) => (value === undefined || value === '' ? null : value), shape.nullable());
const amount = optional(
  z.coerce.number('expected a number').min(0, 'expected 0 or more').max(1e10, 'expected a smaller number'),
);
const whole = optional(z.coerce.number('expected a number').int('expected a whole number').min(0).max(100_000));
const day = optional(
  z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as 2026-11-30')
    .refine((text) => toDayOrNull(text) === text, 'expected a day of the calendar'),
);
const listingId = optional(z.string().regex(/^[\w-]{1,64}$/, 'expected the id of a listing'));

const queryShape = z.object({
  q: optional(z.string().trim().max(200, 'expected at most 200 characters')),
  city: optional(z.string().max(100, 'expected the name of a city')),
  deal: optional(z.enum(dealTypes, 'expected sale or rent')),
  price_min: amount,
  price_max: amount,
  area_min: amount,
  area_max: amount,
  rooms_min: whole,
  rooms_max: whole,
  year_min: whole,
  year_max: whole,
  energy: optional(z.string().regex(/^[A-G]$/, 'expected a letter from A to G')),
  postal: optional(z.string().regex(/^\d{1,5}$/, 'expected up to five digits')),
  status: optional(z.enum(['offered', 'gone', 'all'], 'expected offered, gone or all')),
  new_since: day,
  cut_since: day,
  as_of: day,
  sort: optional(z.enum(orders, `expected one of ${orders.join(', ')}`)),
  after: listingId,
  before: listingId,
  at: optional(z.literal('end', 'expected end')),
});

/** What the address of the listings page says; null = not chosen. */
export type ListingQuery = z.infer<typeof queryShape>;

/** @throws HttpProblem 400 with the name of the parameter and what it should be. */
export function readListingQuery(query: unknown): ListingQuery {
  return parseQuery(queryShape, query);
}

/** Reads parameters of an address by a schema. @throws HttpProblem 400 that names the first one that is wrong. */
export function parseQuery<Shape extends z.ZodType>(shape: Shape, query: unknown): z.infer<Shape> {
  const { data, error } = shape.safeParse(query);
  if (error === undefined) return data;
  const [issue] = error.issues;
  throw new HttpProblem(400, `${issue?.path.join('.') ?? 'query'}: ${issue?.message ?? 'cannot be read'}`);
}

/** The same as the filter of the storage. */
export function filterOf(query: ListingQuery): ListingFilter {
  return {
    text: query.q,
    city: query.city,
    dealType: query.deal,
    minPriceEur: query.price_min,
    maxPriceEur: query.price_max,
    minAreaM2: query.area_min,
    maxAreaM2: query.area_max,
    minRooms: query.rooms_min,
    maxRooms: query.rooms_max,
    minYearBuilt: query.year_min,
    maxYearBuilt: query.year_max,
    energyClass: query.energy,
    postalCode: query.postal,
    status: query.status ?? 'offered',
    newSinceUtc: beginOf(query.new_since),
    cutSinceUtc: beginOf(query.cut_since),
    asOfUtc: query.as_of === null ? null : toUtcIso(boundsOfNominalDay(query.as_of).toMs - 1),
  };
}

export function placeOf({ after, before, at }: ListingQuery): PagePlace {
  if (after !== null) return { kind: 'after', listingId: after };
  if (before !== null) return { kind: 'before', listingId: before };
  return { kind: at === 'end' ? 'last' : 'first' };
}

/** Query of a link: what was chosen with these changes; the place of the page is left out unless it is one of them. */
export function queryText(query: Partial<ListingQuery>, changes: Partial<ListingQuery> = {}): string {
  const chosen = { ...query, after: null, before: null, at: null, ...changes };
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(chosen)) if (value !== null) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Whether anything is chosen beyond the search, city, deal and order that always show. */
export function hasFurtherFilters(query: ListingQuery): boolean {
  const shown = ['q', 'city', 'deal', 'sort', 'after', 'before', 'at'];
  return Object.entries(query).some(([name, value]) => value !== null && !shown.includes(name));
}

function beginOf(chosen: string | null): string | null {
  return chosen === null ? null : toUtcIso(boundsOfNominalDay(chosen).fromMs);
}

function toDayOrNull(text: string): string | null {
  const noonMs = Date.parse(`${text}T10:00:00Z`);
  return Number.isNaN(noonMs) ? null : nominalDayOf(noonMs);
}
