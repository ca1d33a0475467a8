/**
 * What a market was on each day, and what it is: stock, what came, went and got cheaper, prices, time on the market. A day
 * counts only when the run of its city was complete; it only reads.
 */
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import { boundsOfNominalDay, toUtcIso } from '../clock.ts';
import type { DealType } from '../listings/fields.ts';
import type { Database } from './database.ts';
import { amountEur, amountPerM2Eur } from './listing-expressions.ts';
import { priceChangesAmong, priceColumns } from './price-changes.ts';

export interface MarketQuery {
  readonly city: string;
  readonly dealType: DealType;
  /** Five digits; null = the whole city. */
  readonly postalCode: string | null;
  /** Nominal days, `YYYY-MM-DD`, oldest first. */
  readonly days: readonly string[];
}

const nullableNumber = z.number().nullable();

const dayRow = z.object({
  /** `YYYY-MM-DD` */
  day: z.string(),
  /** Offered when its run was done. */
  stock: z.number(),
  /** Seen for the first time, found gone, and cut in price on the day. */
  new: z.number(),
  gone: z.number(),
  cuts: z.number(),
  /** Of what was offered: EUR/m², or EUR/month/m² of rentals; days since it was listed. */
  medianPerM2Eur: nullableNumber,
  medianDays: nullableNumber,
});
export type MarketDay = z.infer<typeof dayRow>;

/**
 * The days, and of each the moment its run was done. Times of a version between two midnights of Helsinki are of that day.
 */
const daySpans = `
  asked AS (
    SELECT unnest($days::VARCHAR[])::DATE AS day, unnest($begins::VARCHAR[])::TIMESTAMP AS day_from,
      unnest($ends::VARCHAR[])::TIMESTAMP AS day_to),
  days AS (
    SELECT day, day_from, day_to, max(receipt.finished_at) AS moment
    FROM asked JOIN executions ON nominal_day = day JOIN city_executions receipt USING (execution_id)
    WHERE receipt.city = $city AND receipt.verdict = 'complete' AND NOT coalesce(receipt.is_quarantined, false)
      AND receipt.finished_at IS NOT NULL AND list_contains(receipt.listed_deal_types, $dealType)
    GROUP BY ALL)`;

/** Whether a version is of the market that is asked for. */
const isOfMarket = 'city = $city AND deal_type = $dealType AND ($postalCode IS NULL OR postal_code = $postalCode)';

/** `lately`: what reaches into the days, each version one row for every day on which it was offered, has all that is asked of it. */
const selectDays = `
  WITH ${daySpans},
  versions AS MATERIALIZED (
    SELECT ${priceColumns}, valid_to, end_reason, published_at, ${amountPerM2Eur} AS per_m2
    FROM listing_versions WHERE ${isOfMarket}),
  homes AS (
    SELECT listing_id, min(valid_from) AS first_at, least(min(valid_from), min(published_at)) AS listed_at
    FROM versions GROUP BY listing_id),
  lately AS MATERIALIZED (
    SELECT valid_from, coalesce(valid_to, 'infinity'::TIMESTAMP) AS valid_to, per_m2, epoch(listed_at) AS listed_second
    FROM versions JOIN homes USING (listing_id)
    WHERE valid_to IS NULL OR valid_to > (SELECT min(moment) FROM days)),
  offered AS (
    SELECT day, count(*) AS stock, median(per_m2) AS per_m2, (epoch(moment) - median(listed_second)) / 86400 AS age
    FROM days JOIN lately ON valid_from <= moment AND valid_to > moment
    GROUP BY day, moment),
  came AS (SELECT day, count(*) AS n FROM days JOIN homes ON first_at >= day_from AND first_at < day_to GROUP BY day),
  went AS (
    SELECT day, count(*) AS n FROM days JOIN versions ON valid_to >= day_from AND valid_to < day_to
    WHERE end_reason = 'gone' GROUP BY day),
  moved AS (
    FROM versions WHERE listing_id IN (
      SELECT listing_id FROM versions WHERE valid_from >= (SELECT min(day_from) FROM days))),
  changes AS (${priceChangesAmong('moved')}),
  cut AS (
    SELECT day, count(*) AS n FROM days JOIN changes ON event_at >= day_from AND event_at < day_to
    WHERE price_eur < before_eur GROUP BY day)
  SELECT strftime(day, '%Y-%m-%d') AS day, coalesce(stock, 0)::DOUBLE AS stock, coalesce(came.n, 0)::DOUBLE AS new,
    coalesce(went.n, 0)::DOUBLE AS gone, coalesce(cut.n, 0)::DOUBLE AS cuts, per_m2 AS medianPerM2Eur, age AS medianDays
  FROM days LEFT JOIN offered USING (day) LEFT JOIN came USING (day) LEFT JOIN went USING (day) LEFT JOIN cut USING (day)
  ORDER BY day`;

/** The complete days among those asked for, oldest first; a day that is not among them was not complete. */
export function readMarketDays(database: Database, query: MarketQuery): Promise<readonly MarketDay[]> {
  const { city, dealType, postalCode, days } = query;
  const bounds = days.map(boundsOfNominalDay);
  return database.use(async ({ rows }) => {
    const found = await rows(selectDays, {
      ...{ city, dealType, postalCode, days: listValue(days) },
      begins: listValue(bounds.map(({ fromMs }) => toUtcIso(fromMs))),
      ends: listValue(bounds.map(({ toMs }) => toUtcIso(toMs))),
    });
    return found.map((row) => dayRow.parse(row));
  });
}

const placeRow = z.object({
  /** City or postal code; null = the page printed none. */
  place: z.string().nullable(),
  offered: z.number(),
  /** Since the time that was asked for. */
  new: z.number(),
  gone: z.number(),
  medianPerM2Eur: nullableNumber,
  medianAmountEur: nullableNumber,
  medianAreaM2: nullableNumber,
  medianDays: nullableNumber,
});
export type MarketPlace = z.infer<typeof placeRow>;

const selectPlaces = (place: string, where: string) => `
  SELECT ${place} AS place, count(*) FILTER (gone_at IS NULL)::DOUBLE AS offered,
    count(*) FILTER (first_seen_at >= $since::TIMESTAMP)::DOUBLE AS new,
    count(*) FILTER (gone_at >= $since::TIMESTAMP)::DOUBLE AS gone,
    median(${amountPerM2Eur}) FILTER (gone_at IS NULL) AS medianPerM2Eur,
    median(${amountEur}) FILTER (gone_at IS NULL) AS medianAmountEur,
    median(area_m2) FILTER (gone_at IS NULL) AS medianAreaM2,
    (median(epoch($now::TIMESTAMP) - epoch(least(first_seen_at, coalesce(published_at, first_seen_at))))
      FILTER (gone_at IS NULL)) / 86400 AS medianDays
  FROM listings WHERE deal_type = $dealType AND ${where} AND (gone_at IS NULL OR gone_at >= $since::TIMESTAMP)
  GROUP BY place HAVING offered > 0 ORDER BY place NULLS LAST`;

export interface PlacesQuery {
  readonly dealType: DealType;
  /** Null asks for every city, else for the postal codes of this one. */
  readonly city: string | null;
  /** Since when something is new or gone. */
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** The cities, or the postal codes of one, with what is offered there now. */
export function readMarketPlaces(database: Database, query: PlacesQuery): Promise<readonly MarketPlace[]> {
  const { dealType, city } = query;
  const times = { since: toUtcIso(query.sinceMs), now: toUtcIso(query.nowMs) };
  return database.use(async ({ rows }) => {
    const found =
      city === null
        ? await rows(selectPlaces('city', 'true'), { dealType, ...times })
        : await rows(selectPlaces('postal_code', 'city = $city'), { dealType, city, ...times });
    return found.map((row) => placeRow.parse(row));
  });
}
