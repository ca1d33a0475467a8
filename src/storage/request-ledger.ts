/**
 * The politeness ledger: every request, the limits that were in force, what robots.txt said. Single requests are added
 * up per minute when they are old; no request is ever in both tables, and none in neither.
 */
import { z } from 'zod';
import { nominalDayOf, toUtcIso } from '../clock.ts';
import type { LimitRecord, RequestLogEntry, RobotsRecord } from '../crawl/request-log.ts';
import type { DayRequests } from '../jobs/series-store.ts';
import { requestLimitsTable } from './ledger-tables.ts';
import type { Session } from './session.ts';
import { columnsOf, typesOf } from './staging.ts';
import type { TableSpec } from './table-spec.ts';
import { requestLogTable } from './tables.ts';

/** What was recorded since it was last written. */
export interface LedgerEntries {
  readonly requests: readonly RequestLogEntry[];
  readonly limits: readonly LimitRecord[];
  readonly robots: readonly RobotsRecord[];
}

/** Writes the entries; to be called in a transaction. */
export async function writeLedger(session: Session, { requests, limits, robots }: LedgerEntries): Promise<void> {
  await append(session, requestLogTable, requests.map(requestRow));
  await append(session, requestLimitsTable, limits.map(limitRow));
  for (const group of countRobots(robots)) await addRobotsCount(session, group);
}

async function append(session: Session, { name, columns }: TableSpec, rows: readonly Record<string, unknown>[]) {
  if (rows.length === 0) return;
  await session.append({ name, catalog: null, types: typesOf(columns) }, columnsOf(columns, rows));
}

function requestRow(entry: RequestLogEntry) {
  return {
    sent_at: entry.sentAtUtc,
    execution_id: entry.executionId,
    city: entry.city,
    kind: entry.kind,
    url: entry.url,
    status: entry.status,
    duration_ms: entry.durationMs,
    body_bytes: entry.bodyBytes,
    error_category: entry.errorCategory,
    node_id: entry.nodeId,
  };
}

function limitRow(record: LimitRecord) {
  return {
    in_force_from: record.fromUtc,
    execution_id: record.executionId,
    city: record.city,
    interval_ms: record.intervalMs,
    slow_down: record.slowDown,
    daily_request_budget: record.dailyRequestBudget,
  };
}

interface RobotsCount extends Pick<RobotsRecord, 'executionId' | 'city' | 'decision'> {
  readonly day: string;
  readonly requests: number;
}

/** A request has a decision, so there are as many as requests: they are counted, not kept one by one. */
function countRobots(records: readonly RobotsRecord[]): readonly RobotsCount[] {
  const groups = new Map<string, RobotsCount>();
  for (const { decidedAtUtc, executionId, city, decision } of records) {
    const day = nominalDayOf(Date.parse(decidedAtUtc));
    const key = JSON.stringify([day, executionId, city, decision]);
    const requests = (groups.get(key)?.requests ?? 0) + 1;
    groups.set(key, { day, executionId, city, decision, requests });
  }
  return [...groups.values()];
}

async function addRobotsCount(session: Session, { day, executionId, city, decision, requests }: RobotsCount) {
  const key = { day, executionId, city, decision };
  const updated = await session.rows(
    `UPDATE robots_decisions SET requests = requests + $requests
      WHERE nominal_day = $day::DATE AND execution_id = $executionId AND city IS NOT DISTINCT FROM $city
        AND decision = $decision
      RETURNING requests`,
    { ...key, requests },
  );
  if (updated.length > 0) return;
  await session.run('INSERT INTO robots_decisions VALUES ($day::DATE, $executionId, $city, $decision, $requests)', {
    ...key,
    requests,
  });
}

const addUpRequests = `
INSERT INTO request_log_minutes
SELECT date_trunc('minute', sent_at) AS minute, execution_id, city, kind, status, error_category, node_id,
  count(*)::INTEGER, sum(duration_ms), sum(body_bytes)::BIGINT
FROM request_log WHERE sent_at < $before::TIMESTAMP GROUP BY ALL ORDER BY minute`;

/**
 * Adds the single requests before an instant up per minute and lets go of them; to be called in a transaction. Doing it
 * again adds nothing: what was added up is no longer there. `beforeUtc` must be a whole minute.
 */
export async function addUpOldRequests(session: Session, beforeUtc: string): Promise<void> {
  await session.run(addUpRequests, { before: beforeUtc });
  await session.run('DELETE FROM request_log WHERE sent_at < $before::TIMESTAMP', { before: beforeUtc });
}

const selectDay = `
WITH counted AS (
  SELECT city, sent_at AS last_at, 1 AS requests FROM request_log
    WHERE sent_at >= $from::TIMESTAMP AND sent_at < $to::TIMESTAMP
  UNION ALL
  SELECT city, minute AS last_at, requests FROM request_log_minutes
    WHERE minute >= $from::TIMESTAMP AND minute < $to::TIMESTAMP
  UNION ALL
  -- What was asked by way of validation has its requests elsewhere; the portal was asked all the same.
  SELECT city, last_request_at AS last_at, requests FROM validations
    WHERE last_request_at >= $from::TIMESTAMP AND last_request_at < $to::TIMESTAMP
)
SELECT city, sum(requests)::INTEGER AS requests, epoch_ms(max(last_at))::DOUBLE AS lastMs FROM counted GROUP BY city`;

const dayRow = z.object({ city: z.string().nullable(), requests: z.number(), lastMs: z.number() });

/** How much was asked between two instants, and when last, in all and by city: single requests, minutes, validations. */
export async function selectDayRequests(session: Session, fromMs: number, toMs: number): Promise<DayRequests> {
  const rows = await session.rows(selectDay, { from: toUtcIso(fromMs), to: toUtcIso(toMs) });
  const groups = rows.map((row) => dayRow.parse(row));
  return {
    requests: groups.reduce((sum, { requests }) => sum + requests, 0),
    lastSentAtMs: groups.length === 0 ? null : Math.max(...groups.map(({ lastMs }) => lastMs)),
    cities: groups.flatMap(({ city, requests, lastMs }) =>
      city === null ? [] : [{ city, requests, lastSentAtMs: lastMs }],
    ),
  };
}
