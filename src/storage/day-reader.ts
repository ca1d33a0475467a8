/**
 * What became of the days: the runs of one, and the best verdict of every city on each of the last ones. It only reads.
 */

import { z } from 'zod';
import type { Database } from './database.ts';
import type { DayVerdict } from './day-verdict.ts';
import { bestRunFirst, dayVerdictOf, dayVerdicts, hasBegun, isRun } from './day-verdict.ts';
import { nullableInstant } from './instant.ts';

export interface RunOfDay {
  readonly executionId: string;
  readonly status: 'running' | 'completed' | 'degraded' | 'failed' | 'interrupted' | 'missed' | 'paused';
  /** ISO 8601 UTC; null on a day without a run. */
  readonly startedAtUtc: string | null;
  /** Last start of a run that was continued; null when it never was. */
  readonly resumedAtUtc: string | null;
  readonly finishedAtUtc: string | null;
  readonly missingParts: readonly MissingPart[];
  /** Cities it is to collect, by name, and how many of them have their receipt. */
  readonly cities: readonly string[];
  readonly closedCities: number;
}

export interface MissingPart {
  readonly part: string;
  readonly reason: string;
  readonly remedy: string;
}

/** A city on a day, by its best run. */
export interface CityDay {
  readonly city: string;
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly verdict: DayVerdict;
  readonly executionId: string;
}

export interface DayMap {
  /** By city and day; a city that was not run on a day has no entry. */
  readonly cityDays: readonly CityDay[];
  /** First day of each city ever, so that a gap can be told from the time before. */
  readonly firstDays: ReadonlyMap<string, string>;
  /** Days on which the schedule started no run, with the reason. */
  readonly daysWithoutRun: ReadonlyMap<string, 'missed' | 'paused'>;
}

const missingParts = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(z.object({ part: z.string(), reason: z.string(), remedy: z.string() })));

const runRow = z.object({
  executionId: z.string(),
  status: z.enum(['running', 'completed', 'degraded', 'failed', 'interrupted', 'missed', 'paused']),
  startedAtUtc: nullableInstant,
  resumedAtUtc: nullableInstant,
  finishedAtUtc: nullableInstant,
  missingParts,
});
const cityOfRunRow = z.object({ executionId: z.string(), city: z.string(), isClosed: z.boolean() });

const selectRuns = `SELECT execution_id AS executionId, status, epoch_ms(started_at)::DOUBLE AS startedAtUtc,
    epoch_ms(resumed_at)::DOUBLE AS resumedAtUtc, epoch_ms(finished_at)::DOUBLE AS finishedAtUtc,
    coalesce(missing_parts_json::VARCHAR, '[]') AS missingParts
  FROM executions WHERE nominal_day = $day::DATE AND ${isRun} ORDER BY started_at NULLS FIRST, execution_id`;
const selectCitiesOfRuns = `SELECT execution_id AS executionId, city, verdict IS NOT NULL AS isClosed
  FROM city_executions WHERE execution_id IN (SELECT execution_id FROM executions WHERE nominal_day = $day::DATE)
  ORDER BY city`;

/** The runs that stand for the nominal day, in the order of their begin. */
export function readRunsOfDay(database: Database, day: string): Promise<readonly RunOfDay[]> {
  return database.use(async (session) => {
    const runs = (await session.rows(selectRuns, { day })).map((row) => runRow.parse(row));
    const rows = (await session.rows(selectCitiesOfRuns, { day })).map((row) => cityOfRunRow.parse(row));
    return runs.map((run) => {
      const own = rows.filter(({ executionId }) => executionId === run.executionId);
      const closedCities = own.filter(({ isClosed }) => isClosed).length;
      return { ...run, cities: own.map(({ city }) => city), closedCities };
    });
  });
}

const selectCityDays = `SELECT c.city, strftime(e.nominal_day, '%Y-%m-%d') AS day, ${dayVerdictOf('c')} AS verdict,
    c.execution_id AS executionId
  FROM city_executions c JOIN executions e USING (execution_id)
  WHERE e.nominal_day > $lastDay::DATE - $days::INTEGER AND e.nominal_day <= $lastDay::DATE AND c.${hasBegun}
    AND e.${isRun}
  QUALIFY row_number() OVER (PARTITION BY c.city, e.nominal_day ORDER BY ${bestRunFirst('c')}) = 1
  ORDER BY c.city, day`;
const cityDayRow = z.object({
  city: z.string(),
  day: z.string(),
  verdict: z.enum(dayVerdicts),
  executionId: z.string(),
});

const selectFirstDays = `SELECT c.city, strftime(min(e.nominal_day), '%Y-%m-%d') AS day
  FROM city_executions c JOIN executions e USING (execution_id) WHERE e.${isRun} GROUP BY c.city`;
const firstDayRow = z.object({ city: z.string(), day: z.string() });

const selectDaysWithoutRun = `SELECT strftime(nominal_day, '%Y-%m-%d') AS day, max(status) AS status
  FROM executions WHERE nominal_day > $lastDay::DATE - $days::INTEGER AND nominal_day <= $lastDay::DATE
  GROUP BY nominal_day HAVING bool_and(status IN ('missed', 'paused'))`;
const dayWithoutRunRow = z.object({ day: z.string(), status: z.enum(['missed', 'paused']) });

/** The last `days` nominal days up to `lastDay`. */
export function readDayMap(
  database: Database,
  span: { readonly lastDay: string; readonly days: number },
): Promise<DayMap> {
  const { lastDay, days } = span;
  return database.use(async (session) => {
    const cityDays = (await session.rows(selectCityDays, { lastDay, days })).map((row) => cityDayRow.parse(row));
    const firstDays = (await session.rows(selectFirstDays, {})).map((row) => firstDayRow.parse(row));
    const without = await session.rows(selectDaysWithoutRun, { lastDay, days });
    return {
      cityDays,
      firstDays: new Map(firstDays.map(({ city, day }) => [city, day])),
      daysWithoutRun: new Map(
        without.map((row) => dayWithoutRunRow.parse(row)).map(({ day, status }) => [day, status]),
      ),
    };
  });
}
