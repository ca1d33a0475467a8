/**
 * How good the stored series is: what the pages of each city's last run had beside its history, the scores and issues of the
 * listings on offer, and what is in quarantine. It only reads what was recorded.
 */

import { z } from 'zod';
import type { CityMeasure, DriftLimits } from '../quality/judge-drift.ts';
import type { Database } from './database.ts';
import { selectMeasure } from './field-coverage.ts';
import { instant, nullableInstant } from './instant.ts';
import type { Session } from './session.ts';

/** The last run of a city whose books are closed. */
interface JudgedRun extends CityMeasure {
  readonly executionId: string;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string;
  readonly verdict: string;
  readonly isQuarantined: boolean;
  /** What came of comparing it, in words; null when nothing was compared. */
  readonly drift: string | null;
  readonly discovered: number;
}

export interface CityQuality {
  readonly city: string;
  readonly run: JudgedRun | null;
  /** Scores of the listings on offer, 0 to 1; null when there is none. */
  readonly scores: {
    readonly listings: number;
    readonly mean: number | null;
    readonly lowest: number | null;
    /** Listings below 0.8. */
    readonly low: number;
  };
  /** Issues of the listings on offer: how many have each, most first. */
  readonly flags: readonly { readonly code: string; readonly field: string | null; readonly listings: number }[];
}

export interface Quarantine {
  readonly executionId: string;
  readonly city: string;
  readonly state: 'open' | 'released' | 'discarded';
  /** What fell from what to what. */
  readonly reason: string;
  /** Listings whose changes were taken back, and of those released; null while it is open. */
  readonly listings: number;
  readonly released: number | null;
  /** ISO 8601 UTC. */
  readonly openedAtUtc: string;
  readonly closedAtUtc: string | null;
}

export interface QualityReport {
  /** By name. */
  readonly cities: readonly CityQuality[];
  /** Those that are open, oldest first. */
  readonly openQuarantines: readonly Quarantine[];
}

const selectRuns = `SELECT city, execution_id AS executionId, epoch_ms(started_at)::DOUBLE AS startedAtUtc, verdict,
    coalesce(is_quarantined, false) AS isQuarantined, drift, discovered::DOUBLE AS discovered
  FROM city_executions WHERE verdict IS NOT NULL AND started_at IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY city ORDER BY started_at DESC) = 1`;
const runRow = z.object({
  city: z.string(),
  executionId: z.string(),
  startedAtUtc: instant,
  verdict: z.string(),
  isQuarantined: z.boolean(),
  drift: z.string().nullable(),
  discovered: z.number(),
});

const selectScores = `SELECT city, count(*)::DOUBLE AS listings, round(avg(data_quality_score), 3)::DOUBLE AS mean,
    min(data_quality_score)::DOUBLE AS lowest, count(*) FILTER (data_quality_score < 0.8)::DOUBLE AS low
  FROM listings WHERE gone_at IS NULL GROUP BY city`;
const scoreRow = z.object({
  city: z.string(),
  listings: z.number(),
  mean: z.number().nullable(),
  lowest: z.number().nullable(),
  low: z.number(),
});

const selectFlags = `SELECT city, issue ->> 'code' AS code, issue ->> 'field' AS field,
    count(DISTINCT listing_id)::DOUBLE AS listings
  FROM (SELECT city, listing_id, unnest(issues_json::JSON[]) AS issue FROM listings WHERE gone_at IS NULL)
  GROUP BY ALL ORDER BY listings DESC, code, field`;
const flagRow = z.object({ city: z.string(), code: z.string(), field: z.string().nullable(), listings: z.number() });

const selectQuarantines = `SELECT execution_id AS executionId, city, state, reason, listings::DOUBLE AS listings,
    released::DOUBLE AS released, epoch_ms(opened_at)::DOUBLE AS openedAtUtc, epoch_ms(closed_at)::DOUBLE AS closedAtUtc
  FROM quarantines ORDER BY opened_at, city`;
const quarantineRow = z.object({
  executionId: z.string(),
  city: z.string(),
  state: z.enum(['open', 'released', 'discarded']),
  reason: z.string(),
  listings: z.number(),
  released: z.number().nullable(),
  openedAtUtc: instant,
  closedAtUtc: nullableInstant,
});

/** The quality of all cities, or of the one named (in any case); no city when none of that name is stored. */
export function readQuality(
  database: Database,
  city: string | null,
  limits: Pick<DriftLimits, 'historyRuns' | 'minPages'>,
): Promise<QualityReport> {
  return database.use(async (session) => {
    const isWanted = (row: { readonly city: string }) => city === null || row.city.toLowerCase() === city.toLowerCase();
    const runs = (await session.rows(selectRuns)).map((row) => runRow.parse(row)).filter(isWanted);
    const scores = (await session.rows(selectScores)).map((row) => scoreRow.parse(row)).filter(isWanted);
    const flags = (await session.rows(selectFlags)).map((row) => flagRow.parse(row)).filter(isWanted);
    const names = [...new Set([...runs, ...scores].map((row) => row.city))].sort((a, b) => a.localeCompare(b, 'fi'));
    const cities: CityQuality[] = [];
    for (const name of names) {
      const run = runs.find((row) => row.city === name);
      cities.push({
        city: name,
        run: run === undefined ? null : await measured(session, run, limits),
        scores: scoresOf(scores.find((row) => row.city === name)),
        flags: flags.filter((row) => row.city === name).map(({ code, field, listings }) => ({ code, field, listings })),
      });
    }
    const open = (await selectAllQuarantines(session)).filter((each) => each.state === 'open' && isWanted(each));
    return { cities, openQuarantines: open };
  });
}

/** Every quarantine there ever was, oldest first. */
export function readQuarantines(database: Database): Promise<readonly Quarantine[]> {
  return database.use(selectAllQuarantines);
}

async function selectAllQuarantines(session: Session): Promise<readonly Quarantine[]> {
  return (await session.rows(selectQuarantines)).map((row) => quarantineRow.parse(row));
}

async function measured(
  session: Session,
  { city, ...run }: z.infer<typeof runRow>,
  limits: Pick<DriftLimits, 'historyRuns' | 'minPages'>,
): Promise<JudgedRun> {
  return { ...run, ...(await selectMeasure(session, { executionId: run.executionId, city }, limits)) };
}

function scoresOf(row: z.infer<typeof scoreRow> | undefined): CityQuality['scores'] {
  if (row === undefined) return { listings: 0, mean: null, lowest: null, low: 0 };
  const { listings, mean, lowest, low } = row;
  return { listings, mean, lowest, low };
}
