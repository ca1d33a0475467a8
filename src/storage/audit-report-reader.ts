/**
 * Puts the audit report of an execution together from the tables. It changes nothing.
 */

import { z } from 'zod';
import { StorageError } from '../errors.ts';
import { auditEventTypes, auditSeverities } from '../lineage/audit-event.ts';
import type { AuditReport, CityOutcome, DataChanges, ErrorCount, RequestTimes } from '../lineage/audit-report.ts';
import { instant, nullableInstant } from './instant.ts';
import type { Session } from './session.ts';

/** Events in a timeline at most. */
const timelineEvents = 1_000;

const executionRow = z.object({
  executionId: z.string(),
  nominalDay: z.string(),
  status: z.string(),
  startedAtUtc: nullableInstant,
  finishedAtUtc: nullableInstant,
  executionTimeSeconds: z.number().nullable(),
  missingParts: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.object({ part: z.string(), reason: z.string() }))),
});

const changeCounts = ['new', 'changed', 'unchanged', 'unfetched', 'removed', 'failed'] as const;

const cityRow = z.object({
  city: z.string(),
  verdict: z.string().nullable(),
  reason: z.string().nullable(),
  startedAtUtc: nullableInstant,
  finishedAtUtc: nullableInstant,
  ...{ new: z.number(), changed: z.number(), unchanged: z.number(), unfetched: z.number(), removed: z.number() },
  ...{ failed: z.number(), goneCandidates: z.number(), discovered: z.number(), requests: z.number() },
  ...{ retries: z.number(), rateLimitHits: z.number(), breakerTrips: z.number() },
});

const requestRow = z.object({
  kind: z.string(),
  ...{ requests: z.number(), failed: z.number(), bytes: z.number() },
  ...{ medianMs: z.number().nullable(), p95Ms: z.number().nullable(), maxMs: z.number().nullable() },
});

const errorRow = z.object({ category: z.string(), requests: z.number(), givenUp: z.number() });
const countRow = z.object({ type: z.enum(auditEventTypes), events: z.number() });
const timelineRow = z.object({
  occurredAtUtc: instant,
  type: z.enum(auditEventTypes),
  severity: z.enum(auditSeverities),
  city: z.string().nullable(),
  nodeId: z.string(),
  correlationId: z.string().nullable(),
  message: z.string(),
});

/**
 * The report of an execution, or of the one that was started last when it is `latest`.
 * @throws StorageError EXECUTION_UNKNOWN when there is none of that name, or none at all.
 */
export async function readAuditReport(session: Session, execution: string): Promise<AuditReport> {
  const found = await selectExecution(session, execution);
  const { executionId } = found;
  const cities = await selectCities(session, executionId);
  const { eventCounts, events } = await countEvents(session, executionId);
  const timeline = await selectTimeline(session, executionId);
  return {
    ...found,
    dataChanges: sumOf(cities),
    cities,
    requests: await selectRequests(session, executionId),
    errors: await selectErrors(session, executionId),
    eventCounts,
    timeline,
    eventsLeftOut: events - timeline.length,
  };
}

const selectExecutions = `SELECT execution_id AS executionId, nominal_day::VARCHAR AS nominalDay, status,
    epoch_ms(started_at)::DOUBLE AS startedAtUtc, epoch_ms(finished_at)::DOUBLE AS finishedAtUtc,
    execution_time_seconds AS executionTimeSeconds, coalesce(missing_parts_json::VARCHAR, '[]') AS missingParts
  FROM executions`;
const latestFirst = 'ORDER BY coalesce(resumed_at, started_at) DESC NULLS LAST, execution_id DESC';

async function selectExecution(session: Session, execution: string): Promise<z.infer<typeof executionRow>> {
  const isLatest = execution === 'latest';
  const [row] = isLatest
    ? await session.rows(`${selectExecutions} ${latestFirst} LIMIT 1`)
    : await session.rows(`${selectExecutions} WHERE execution_id = $execution`, { execution });
  if (row !== undefined) return executionRow.parse(row);
  const last = await session.rows(`SELECT execution_id AS id FROM executions ${latestFirst} LIMIT 3`);
  const known = last.length === 0 ? 'and there is none yet' : `such as ${last.map(({ id }) => String(id)).join(', ')}`;
  const message = `audit report of ${execution}: expected an execution of this database, ${known}`;
  throw new StorageError('EXECUTION_UNKNOWN', message);
}

async function selectCities(session: Session, executionId: string): Promise<readonly CityOutcome[]> {
  const counts = changeCounts.map((name) => `coalesce(c.${name}, 0)::DOUBLE AS ${name}`).join(', ');
  const eventCount = (types: string) =>
    `(SELECT count(*)::DOUBLE FROM audit_log a WHERE a.execution_id = c.execution_id AND a.city = c.city AND a.type = '${types}')`;
  const rows = await session.rows(
    `SELECT c.city, c.verdict, c.reason, epoch_ms(c.started_at)::DOUBLE AS startedAtUtc,
        epoch_ms(c.finished_at)::DOUBLE AS finishedAtUtc, ${counts},
        coalesce(c.gone_candidates, 0)::DOUBLE AS goneCandidates, coalesce(c.discovered, 0)::DOUBLE AS discovered,
        coalesce(c.requests, 0)::DOUBLE AS requests, ${eventCount('RETRY_ATTEMPT')} AS retries,
        ${eventCount('RATE_LIMIT_HIT')} AS rateLimitHits, ${eventCount('CIRCUIT_BREAKER_TRIP')} AS breakerTrips
      FROM city_executions c WHERE c.execution_id = $executionId ORDER BY c.started_at NULLS LAST, c.city`,
    { executionId },
  );
  return rows.map((row) => cityRow.parse(row));
}

function sumOf(cities: readonly CityOutcome[]): DataChanges {
  const sum = (name: keyof DataChanges) => cities.reduce((total, city) => total + city[name], 0);
  return {
    new: sum('new'),
    changed: sum('changed'),
    unchanged: sum('unchanged'),
    unfetched: sum('unfetched'),
    removed: sum('removed'),
    goneCandidates: sum('goneCandidates'),
    failed: sum('failed'),
  };
}

/** Of requests that are added up by now, only sums are known: then there are no times. */
async function selectRequests(session: Session, executionId: string): Promise<readonly RequestTimes[]> {
  const rows = await session.rows(
    `WITH counted AS (
        SELECT kind, 1 AS requests, error_category, body_bytes, duration_ms FROM request_log
          WHERE execution_id = $executionId
        UNION ALL SELECT kind, requests, error_category, body_bytes, NULL FROM request_log_minutes
          WHERE execution_id = $executionId)
      SELECT kind, sum(requests)::DOUBLE AS requests,
        coalesce(sum(requests) FILTER (error_category IS NOT NULL), 0)::DOUBLE AS failed, sum(body_bytes)::DOUBLE AS bytes,
        quantile_cont(duration_ms, 0.5) AS medianMs, quantile_cont(duration_ms, 0.95) AS p95Ms, max(duration_ms) AS maxMs
      FROM counted GROUP BY kind ORDER BY requests DESC, kind`,
    { executionId },
  );
  return rows.map((row) => requestRow.parse(row));
}

async function selectErrors(session: Session, executionId: string): Promise<readonly ErrorCount[]> {
  const rows = await session.rows(
    `WITH counted AS (
        SELECT error_category AS category, 1 AS requests, 0 AS givenUp FROM request_log
          WHERE execution_id = $executionId AND error_category IS NOT NULL
        UNION ALL SELECT error_category, requests, 0 FROM request_log_minutes
          WHERE execution_id = $executionId AND error_category IS NOT NULL
        UNION ALL SELECT category, 0, 1 FROM failed_listings WHERE execution_id = $executionId)
      SELECT category, sum(requests)::DOUBLE AS requests, sum(givenUp)::DOUBLE AS givenUp
      FROM counted GROUP BY category ORDER BY givenUp DESC, requests DESC, category`,
    { executionId },
  );
  return rows.map((row) => errorRow.parse(row));
}

async function countEvents(session: Session, executionId: string) {
  const rows = await session.rows(
    `SELECT type, count(*)::DOUBLE AS events FROM audit_log WHERE execution_id = $executionId
      GROUP BY type ORDER BY events DESC, type`,
    { executionId },
  );
  const counts = rows.map((row) => countRow.parse(row));
  return {
    eventCounts: Object.fromEntries(counts.map(({ type, events }) => [type, events])),
    events: counts.reduce((sum, { events }) => sum + events, 0),
  };
}

async function selectTimeline(session: Session, executionId: string): Promise<AuditReport['timeline']> {
  const rows = await session.rows(
    `WITH chosen AS (
        FROM audit_log WHERE execution_id = $executionId
        ORDER BY type IN ('RETRY_ATTEMPT', 'RATE_LIMIT_HIT', 'JOB_FAILED'), sequence LIMIT ${timelineEvents})
      SELECT epoch_ms(occurred_at)::DOUBLE AS occurredAtUtc, type, severity, city, node_id AS nodeId,
        correlation_id AS correlationId, message
      FROM chosen ORDER BY occurred_at, sequence`,
    { executionId },
  );
  return rows.map((row) => timelineRow.parse(row));
}
