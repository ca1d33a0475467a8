/**
 * The runs as the dashboard shows them: a page of them, one with the receipts of its cities beside those of the run before,
 * what it gave up, and the responses it had to a request. It only reads.
 */

import { z } from 'zod';
import type { CityReceipt } from '../quality/city-receipt.ts';
import type { Database } from './database.ts';
import { selectReceipts } from './executions.ts';
import { nullableInstant } from './instant.ts';

export interface ExecutionLine {
  readonly executionId: string;
  /** `YYYY-MM-DD` */
  readonly nominalDay: string;
  readonly status: string;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string | null;
  readonly finishedAtUtc: string | null;
  readonly seconds: number | null;
  readonly completeCities: number;
  readonly cities: number;
  readonly new: number | null;
  readonly changed: number | null;
  readonly gone: number | null;
  readonly failed: number | null;
  readonly requests: number | null;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Of all pages. */
  readonly count: number;
}

const count = z.number().nullable();

const lineRow: z.ZodType<ExecutionLine> = z.object({
  executionId: z.string(),
  nominalDay: z.string(),
  status: z.string(),
  startedAtUtc: nullableInstant,
  finishedAtUtc: nullableInstant,
  seconds: count,
  completeCities: z.number(),
  cities: z.number(),
  ...{ new: count, changed: count, gone: count, failed: count, requests: count },
});

const newestFirst = 'e.nominal_day DESC, e.started_at DESC NULLS LAST, e.execution_id DESC';
const selectLines = `SELECT e.execution_id AS executionId, strftime(e.nominal_day, '%Y-%m-%d') AS nominalDay, e.status,
    epoch_ms(e.started_at)::DOUBLE AS startedAtUtc, epoch_ms(e.finished_at)::DOUBLE AS finishedAtUtc,
    e.execution_time_seconds AS seconds,
    (SELECT count(*) FROM city_executions c WHERE c.execution_id = e.execution_id AND c.verdict = 'complete'
      AND NOT coalesce(c.is_quarantined, false))::DOUBLE AS completeCities,
    (SELECT count(*) FROM city_executions c WHERE c.execution_id = e.execution_id)::DOUBLE AS cities,
    e.new::DOUBLE AS new, e.changed::DOUBLE AS changed, e.gone::DOUBLE AS gone, e.failed::DOUBLE AS failed,
    e.requests::DOUBLE AS requests
  FROM executions e`;
const countRow = z.object({ count: z.number() });

/** A page of the executions, newest first, days without one included. */
export function readExecutions(
  database: Database,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<Page<ExecutionLine>> {
  return database.use(async (session) => {
    const rows = await session.rows(`${selectLines} ORDER BY ${newestFirst} LIMIT $limit OFFSET $offset`, {
      limit,
      offset,
    });
    const [total] = await session.rows('SELECT count(*)::DOUBLE AS count FROM executions', {});
    return { rows: rows.map((row) => lineRow.parse(row)), count: countRow.parse(total).count };
  });
}

/** Null when there is none of that name. */
export function readExecution(database: Database, executionId: string): Promise<ExecutionLine | null> {
  return database.use(async (session) => {
    const [row] = await session.rows(`${selectLines} WHERE e.execution_id = $executionId`, { executionId });
    return row === undefined ? null : lineRow.parse(row);
  });
}

/** The receipts of the cities that are closed, in the order of their begin. */
export function readReceipts(database: Database, executionId: string): Promise<readonly CityReceipt[]> {
  return database.use((session) => selectReceipts(session, executionId));
}

const selectEarlier = `SELECT execution_id AS executionId FROM executions e
  WHERE e.execution_id NOT LIKE 'reparse-%' AND e.started_at < (
      SELECT started_at FROM executions WHERE execution_id = $executionId)
    AND EXISTS (SELECT 1 FROM city_executions c JOIN city_executions own USING (city)
      WHERE c.execution_id = e.execution_id AND c.verdict IS NOT NULL AND own.execution_id = $executionId)
  ORDER BY e.started_at DESC LIMIT 1`;
const earlierRow = z.object({ executionId: z.string() });

/** The last run before it that has closed at least one of the same cities; null when there is none. */
export function readRunBefore(database: Database, executionId: string): Promise<ExecutionLine | null> {
  return database.use(async (session) => {
    const [found] = await session.rows(selectEarlier, { executionId });
    if (found === undefined) return null;
    const { executionId: before } = earlierRow.parse(found);
    const [row] = await session.rows(`${selectLines} WHERE e.execution_id = $executionId`, { executionId: before });
    return row === undefined ? null : lineRow.parse(row);
  });
}
