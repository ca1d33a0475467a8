/**
 * How the series stands, read from the receipts: what metrics and alerts say of it. One query for all cities.
 */
import { z } from 'zod';
import type { SeriesHealth } from '../quality/series-health.ts';
import type { Database } from './database.ts';

const cityRow = z.object({
  city: z.string(),
  verdict: z.enum(['complete', 'partial', 'failed', 'foreign']),
  completeness: z.number().nullable(),
  lastCompleteDay: z.string().nullable(),
  firstDay: z.string(),
  openQuarantines: z.number(),
});

const runRow = z.object({
  executionId: z.string(),
  nominalDay: z.string(),
  status: z.enum(['completed', 'degraded', 'failed', 'interrupted']),
  finishedAtMs: z.number(),
});

/** Of the listings that the portal said there are in the city, or that were seen, whichever is more. */
const citiesSql = `
SELECT city,
  last.verdict AS verdict,
  least(1, last.settled / nullif(last.expected, 0))::DOUBLE AS completeness,
  lastCompleteDay, firstDay,
  (SELECT count(*) FROM quarantines q WHERE q.city = closed.city AND q.state = 'open')::DOUBLE AS openQuarantines
FROM (
  SELECT c.city,
    max_by({
      verdict: c.verdict,
      settled: c.new + c.changed + c.unchanged + c.removed,
      expected: greatest(c.discovered, coalesce(c.portal_total_end, 0) - c.foreign_cards)
    }, (e.nominal_day, c.finished_at)) AS last,
    strftime(max(e.nominal_day) FILTER (c.verdict = 'complete'), '%Y-%m-%d') AS lastCompleteDay,
    strftime(min(e.nominal_day), '%Y-%m-%d') AS firstDay
  FROM city_executions c JOIN executions e USING (execution_id)
  WHERE c.verdict IS NOT NULL
  GROUP BY c.city
) closed
ORDER BY city`;

const runSql = `
SELECT execution_id AS executionId, strftime(nominal_day, '%Y-%m-%d') AS nominalDay, status,
  epoch_ms(finished_at)::DOUBLE AS finishedAtMs
FROM executions
WHERE finished_at IS NOT NULL AND status IN ('completed', 'degraded', 'failed', 'interrupted')
ORDER BY finished_at DESC LIMIT 1`;

/** How the series stands now. @throws StorageError when the database cannot be read. */
export function readSeriesHealth(database: Pick<Database, 'use'>): Promise<SeriesHealth> {
  return database.use(async (session) => {
    const cities = (await session.rows(citiesSql)).map((row) => cityRow.parse(row));
    const [lastRun] = (await session.rows(runSql)).map((row) => runRow.parse(row));
    return { cities, lastRun: lastRun ?? null };
  });
}
