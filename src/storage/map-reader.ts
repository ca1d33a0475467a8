/**
 * What is offered in a city, for a map: cells of a grid with how many listings they hold, so that what is sent depends on what
 * is seen and not on how many there are. It only reads.
 */
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import type { DealType } from '../listings/fields.ts';
import type { Database } from './database.ts';
import { amountEur, amountPerM2Eur } from './listing-expressions.ts';

export type MapMeasure = 'per_m2' | 'days';

export interface MapQuery {
  readonly city: string;
  readonly dealType: DealType;
  /** What the colour stands for: EUR/m² (EUR/month/m² of rentals), or days since it was listed. */
  readonly measure: MapMeasure;
  readonly nowMs: number;
}

/** Degrees WGS84. */
export interface MapBounds {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

const nullableNumber = z.number().nullable();
const cellRow = z.object({
  latitude: z.number(),
  longitude: z.number(),
  count: z.number(),
  /** Median of the measure; null when none of them has it. */
  value: nullableNumber,
  /** One of them, and its address: the one when there is only one. */
  listingId: z.string(),
  address: z.string().nullable(),
  amountEur: nullableNumber,
});
export type MapCell = z.infer<typeof cellRow>;

const areaRow = z.object({
  postalCode: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  count: z.number(),
  value: nullableNumber,
});
export type MapArea = z.infer<typeof areaRow>;

const overviewRow = z.object({
  count: z.number(),
  south: nullableNumber,
  west: nullableNumber,
  north: nullableNumber,
  east: nullableNumber,
  limits: z.object({ items: z.array(z.number()) }).nullable(),
});

export interface MapOverview {
  /** Listings with a position. */
  readonly count: number;
  /** Where nearly all of them are; null when there are none. */
  readonly bounds: MapBounds | null;
  /** Values of the measure between its five classes, lowest first; empty when none is known. */
  readonly limits: readonly number[];
  readonly areas: readonly MapArea[];
}

const values = {
  per_m2: amountPerM2Eur,
  days: '((epoch($now::TIMESTAMP) - epoch(least(first_seen_at, coalesce(published_at, first_seen_at)))) / 86400)',
} as const satisfies Record<MapMeasure, string>;

const market =
  'city = $city AND deal_type = $dealType AND gone_at IS NULL AND latitude IS NOT NULL AND longitude IS NOT NULL';
/** Cells at most, whatever is asked for. */
const mostCells = 600;

function parametersOf({ city, dealType, measure, nowMs }: MapQuery) {
  return { city, dealType, ...(measure === 'days' ? { now: toUtcIso(nowMs) } : {}) };
}

/** Where the city's listings are, how their values are spread, and its postal codes. */
export function readMapOverview(database: Database, query: MapQuery): Promise<MapOverview> {
  const value = values[query.measure];
  return database.use(async ({ rows }) => {
    const parameters = parametersOf(query);
    const [found] = await rows(
      `SELECT count(*)::DOUBLE AS count, quantile_cont(latitude, 0.01) AS south, quantile_cont(longitude, 0.01) AS west,
        quantile_cont(latitude, 0.99) AS north, quantile_cont(longitude, 0.99) AS east,
        quantile_cont(${value}, [0.2, 0.4, 0.6, 0.8]) AS limits FROM listings WHERE ${market}`,
      parameters,
    );
    const { count, south, west, north, east, limits } = overviewRow.parse(found);
    const areas = await rows(
      `SELECT postal_code AS postalCode, median(latitude) AS latitude, median(longitude) AS longitude,
        count(*)::DOUBLE AS count, median(${value}) AS value
       FROM listings WHERE ${market} AND postal_code IS NOT NULL GROUP BY postal_code ORDER BY postal_code`,
      parameters,
    );
    const isSomewhere = south !== null && west !== null && north !== null && east !== null;
    return {
      count,
      bounds: isSomewhere ? { south, west, north, east } : null,
      limits: limits?.items ?? [],
      areas: areas.map((row) => areaRow.parse(row)),
    };
  });
}

/**
 * The cells within the bounds, those with most listings first.
 * @param cellDegrees width of a cell in degrees of longitude; at 60° north half of it in latitude is as long
 */
export function readMapCells(
  database: Database,
  query: MapQuery,
  bounds: MapBounds,
  cellDegrees: number,
): Promise<readonly MapCell[]> {
  return database.use(async ({ rows }) => {
    const found = await rows(
      `SELECT avg(latitude) AS latitude, avg(longitude) AS longitude, count(*)::DOUBLE AS count,
        median(${values[query.measure]}) AS value, min(listing_id) AS listingId,
        arg_min(coalesce(address, title), listing_id) AS address,
        arg_min(${amountEur}, listing_id) AS amountEur
       FROM listings WHERE ${market} AND latitude BETWEEN $south AND $north AND longitude BETWEEN $west AND $east
       GROUP BY floor(longitude / $cellDegrees), floor(latitude / ($cellDegrees / 2))
       ORDER BY count DESC, listingId LIMIT ${mostCells}`,
      { ...parametersOf(query), ...bounds, cellDegrees },
    );
    return found.map((row) => cellRow.parse(row));
  });
}

const positionRow = z.object({ latitude: z.number(), longitude: z.number() });

/** Where a listing is; null when that is not known. */
export function readPosition(database: Database, listingId: string): Promise<z.infer<typeof positionRow> | null> {
  return database.use(async ({ rows }) => {
    const [row] = await rows('SELECT latitude, longitude FROM listings WHERE listing_id = $listingId', { listingId });
    return positionRow.safeParse(row).data ?? null;
  });
}
