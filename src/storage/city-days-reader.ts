/**
 * How each city fared on each day, and what is known of a city in short. It only reads receipts.
 */
import { z } from 'zod';
import type { Database } from './database.ts';
import { bestRunFirst, dayVerdictOf, dayVerdicts, hasBegun, isRun } from './day-verdict.ts';

export const cityDayStates = [...dayVerdicts, 'missed'] as const;

export interface CityDay {
  readonly city: string;
  /** `YYYY-MM-DD` in Helsinki. */
  readonly nominalDay: string;
  /** The best verdict of the day's runs; missed when no run of the day has begun with the city. */
  readonly state: (typeof cityDayStates)[number];
  /** The run that says so; null when missed. */
  readonly executionId: string | null;
  /** Why it is not complete; null when it is. */
  readonly reason: string | null;
  readonly discovered: number | null;
  readonly portalTotal: number | null;
}

export interface CityDaysQuestion {
  /** Days, both included, `YYYY-MM-DD`. */
  readonly fromDay: string;
  readonly toDay: string;
  /** In any case; every city when null. */
  readonly city: string | null;
}

export interface CityFacts {
  readonly city: string;
  /** Days of its first and its last receipt, and of the last that was complete. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly lastCompleteDay: string | null;
  readonly receipts: number;
  /** Listings that are offered, and all that were ever stored. */
  readonly listingsOffered: number;
  readonly listingsStored: number;
}

const selectCityDays = `
  WITH receipts AS (
    SELECT r.*, e.nominal_day, ${dayVerdictOf('r')} AS state
    FROM city_executions r JOIN executions e USING (execution_id)
    WHERE ($city::VARCHAR IS NULL OR lower(city) = lower($city)) AND r.${hasBegun} AND e.${isRun}),
  cities AS (SELECT city, min(nominal_day) AS first_day FROM receipts GROUP BY city),
  best AS (
    FROM receipts QUALIFY row_number() OVER (PARTITION BY city, nominal_day ORDER BY ${bestRunFirst('receipts')}) = 1),
  days AS (SELECT unnest(generate_series($fromDay::DATE, $toDay::DATE, INTERVAL 1 DAY))::DATE AS nominal_day)
  SELECT city, strftime(nominal_day, '%Y-%m-%d') AS nominalDay, coalesce(state, 'missed') AS state,
    execution_id AS executionId, reason, discovered::DOUBLE AS discovered,
    coalesce(portal_total_end, portal_total_start)::DOUBLE AS portalTotal
  FROM cities JOIN days ON days.nominal_day >= cities.first_day LEFT JOIN best USING (city, nominal_day)
  ORDER BY city, nominal_day`;

const cityDayRow: z.ZodType<CityDay> = z.object({
  city: z.string(),
  nominalDay: z.string(),
  state: z.enum(cityDayStates),
  executionId: z.string().nullable(),
  reason: z.string().nullable(),
  discovered: z.number().nullable(),
  portalTotal: z.number().nullable(),
});

const selectCities = `
  WITH receipts AS (
    SELECT city, nominal_day, verdict = 'complete' AND NOT coalesce(is_quarantined, false) AS is_complete
    FROM city_executions JOIN executions e USING (execution_id) WHERE e.${isRun}),
  days AS (
    SELECT city, min(nominal_day) AS first_day, max(nominal_day) AS last_day, count(*) AS receipts,
      max(nominal_day) FILTER (is_complete) AS last_complete
    FROM receipts GROUP BY city),
  stored AS (
    SELECT city, count(*) AS listings, count(*) FILTER (gone_at IS NULL) AS offered FROM listings GROUP BY city)
  SELECT city, strftime(first_day, '%Y-%m-%d') AS firstDay, strftime(last_day, '%Y-%m-%d') AS lastDay,
    strftime(last_complete, '%Y-%m-%d') AS lastCompleteDay, coalesce(receipts, 0)::DOUBLE AS receipts,
    coalesce(offered, 0)::DOUBLE AS listingsOffered, coalesce(listings, 0)::DOUBLE AS listingsStored
  FROM days FULL JOIN stored USING (city) ORDER BY city`;

const cityRow: z.ZodType<CityFacts> = z.object({
  city: z.string(),
  firstDay: z.string().nullable(),
  lastDay: z.string().nullable(),
  lastCompleteDay: z.string().nullable(),
  receipts: z.number(),
  listingsOffered: z.number(),
  listingsStored: z.number(),
});

/** Each city on each day since its first receipt, by name and day. */
export function readCityDays(
  database: Database,
  { fromDay, toDay, city }: CityDaysQuestion,
): Promise<readonly CityDay[]> {
  return database.use(async ({ rows }) =>
    (await rows(selectCityDays, { fromDay, toDay, city })).map((row) => cityDayRow.parse(row)),
  );
}

/** Every city of which there is a receipt or a listing, by name. */
export function readCities(database: Database): Promise<readonly CityFacts[]> {
  return database.use(async ({ rows }) => (await rows(selectCities)).map((row) => cityRow.parse(row)));
}
