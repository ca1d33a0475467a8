/**
 * What the first page of the dashboard says of each city: its last receipt, and when it was last complete.
 */

import { z } from 'zod';
import type { Database } from './database.ts';
import { isRun } from './day-verdict.ts';
import { nullableInstant } from './instant.ts';

export interface CityToday {
  readonly city: string;
  readonly executionId: string;
  /** Of the run, `YYYY-MM-DD`. */
  readonly nominalDay: string;
  /** Null while it is being collected. */
  readonly verdict: 'complete' | 'partial' | 'failed' | 'foreign' | null;
  readonly isQuarantined: boolean;
  /** Why it is not complete; null when it is. */
  readonly reason: string | null;
  readonly drift: string | null;
  /** The portal's own total when the list had been read; null when it was not. */
  readonly portalTotal: number | null;
  readonly discovered: number | null;
  readonly new: number | null;
  readonly changed: number | null;
  readonly unchanged: number | null;
  readonly gone: number | null;
  readonly failed: number | null;
  readonly requests: number | null;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string | null;
  readonly finishedAtUtc: string | null;
  /** Last nominal day with verdict complete, not quarantined; null when there was none. */
  readonly lastCompleteDay: string | null;
}

const selectToday = `
  WITH receipts AS (
    SELECT receipt.*, execution.nominal_day AS nominal_day
    FROM city_executions AS receipt JOIN executions AS execution USING (execution_id) WHERE execution.${isRun}),
  complete AS (
    SELECT city, max(nominal_day) AS last_day FROM receipts
    WHERE verdict = 'complete' AND NOT coalesce(is_quarantined, false) GROUP BY city)
  SELECT city, execution_id AS executionId, strftime(nominal_day, '%Y-%m-%d') AS nominalDay, verdict,
    coalesce(is_quarantined, false) AS isQuarantined, reason, drift,
    coalesce(portal_total_end, portal_total_start)::DOUBLE AS portalTotal, discovered::DOUBLE AS discovered,
    new::DOUBLE AS new, changed::DOUBLE AS changed, unchanged::DOUBLE AS unchanged, gone::DOUBLE AS gone,
    failed::DOUBLE AS failed, requests::DOUBLE AS requests, epoch_ms(started_at)::DOUBLE AS startedAtUtc,
    epoch_ms(finished_at)::DOUBLE AS finishedAtUtc, strftime(complete.last_day, '%Y-%m-%d') AS lastCompleteDay
  FROM receipts LEFT JOIN complete USING (city)
  QUALIFY row_number() OVER (PARTITION BY city ORDER BY nominal_day DESC, started_at DESC NULLS LAST) = 1
  ORDER BY city`;

const nullableCount = z.number().nullable();

const todayRow: z.ZodType<CityToday> = z.object({
  city: z.string(),
  executionId: z.string(),
  nominalDay: z.string(),
  verdict: z.enum(['complete', 'partial', 'failed', 'foreign']).nullable(),
  isQuarantined: z.boolean(),
  reason: z.string().nullable(),
  drift: z.string().nullable(),
  portalTotal: nullableCount,
  discovered: nullableCount,
  new: nullableCount,
  changed: nullableCount,
  unchanged: nullableCount,
  gone: nullableCount,
  failed: nullableCount,
  requests: nullableCount,
  startedAtUtc: nullableInstant,
  finishedAtUtc: nullableInstant,
  lastCompleteDay: z.string().nullable(),
});

/** The last receipt of each city of which there is one, by name. */
export function readCitiesToday(database: Database): Promise<readonly CityToday[]> {
  return database.use(async (session) => (await session.rows(selectToday)).map((row) => todayRow.parse(row)));
}
