/**
 * How the quality of a city's pages went over its runs: the share of pages with each field, the listings on the list, and
 * which runs were in quarantine. It only reads.
 */
import { z } from 'zod';
import type { Database } from './database.ts';

export interface CoverageSeries {
  readonly dealType: 'sale' | 'rent';
  /** Column of `listings`. */
  readonly field: string;
  /** Oldest first, one for each run that fetched pages. */
  readonly points: readonly CoveragePoint[];
}

interface CoveragePoint {
  readonly executionId: string;
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly pages: number;
  /** Pages with the field, 0 to 1. */
  readonly share: number;
}

export interface JudgedDay {
  readonly executionId: string;
  readonly day: string;
  readonly verdict: string;
  readonly isQuarantined: boolean;
  readonly discovered: number;
  /** What came of the comparison, in words; null when nothing was compared. */
  readonly drift: string | null;
}

export interface QualityHistory {
  /** By type of deal and field. */
  readonly coverage: readonly CoverageSeries[];
  /** Oldest first. */
  readonly runs: readonly JudgedDay[];
}

const coverageRow = z.object({
  dealType: z.enum(['sale', 'rent']),
  field: z.string(),
  executionId: z.string(),
  day: z.string(),
  pages: z.number(),
  share: z.number(),
});
const runRow = z.object({
  executionId: z.string(),
  day: z.string(),
  verdict: z.string(),
  isQuarantined: z.boolean(),
  discovered: z.number(),
  drift: z.string().nullable(),
});

const day = "strftime(e.nominal_day, '%Y-%m-%d') AS day";
const lastRuns = `runs AS (
  SELECT execution_id, started_at FROM city_executions
  WHERE city = $city AND verdict IS NOT NULL AND started_at IS NOT NULL ORDER BY started_at DESC LIMIT $count)`;
const selectCoverage = `WITH ${lastRuns}
  SELECT f.deal_type AS dealType, f.field, f.execution_id AS executionId, ${day}, f.rows::DOUBLE AS pages,
    (f.present / f.rows)::DOUBLE AS share
  FROM field_coverage f JOIN runs r USING (execution_id) JOIN executions e USING (execution_id)
  WHERE f.city = $city AND f.rows > 0 ORDER BY f.deal_type, f.field, r.started_at`;
const selectRuns = `WITH ${lastRuns}
  SELECT c.execution_id AS executionId, ${day}, c.verdict, coalesce(c.is_quarantined, false) AS isQuarantined,
    coalesce(c.discovered, 0)::DOUBLE AS discovered, c.drift
  FROM runs r JOIN city_executions c ON c.execution_id = r.execution_id AND c.city = $city
    JOIN executions e ON e.execution_id = r.execution_id
  ORDER BY r.started_at`;

/** The last `count` closed runs of the city. */
export function readQualityHistory(
  database: Database,
  { city, count }: { readonly city: string; readonly count: number },
): Promise<QualityHistory> {
  return database.use(async (session) => {
    const series = new Map<string, CoverageSeries & { readonly points: CoveragePoint[] }>();
    for (const row of await session.rows(selectCoverage, { city, count })) {
      const { dealType, field, ...point } = coverageRow.parse(row);
      const known = series.get(`${dealType} ${field}`) ?? { dealType, field, points: [] };
      known.points.push(point);
      series.set(`${dealType} ${field}`, known);
    }
    const runs = (await session.rows(selectRuns, { city, count })).map((row) => runRow.parse(row));
    return { coverage: [...series.values()], runs };
  });
}
