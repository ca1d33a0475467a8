/**
 * What a verdict rests on: what a run gave up of a city, the lines of its audit log, and each answer the portal gave to a
 * request. It only reads.
 */

import { z } from 'zod';
import { auditEventTypes, auditSeverities } from '../lineage/audit-event.ts';
import type { Database } from './database.ts';
import type { Page } from './executions-reader.ts';
import { instant } from './instant.ts';
import type { Session } from './session.ts';

interface Span {
  readonly offset: number;
  readonly limit: number;
}

const countRow = z.object({ count: z.number() });

const failureRow = z.object({
  city: z.string(),
  jobKind: z.string(),
  key: z.string(),
  listingId: z.string().nullable(),
  url: z.string().nullable(),
  category: z.string(),
  code: z.string().nullable(),
  message: z.string(),
  attempts: z.number().nullable(),
  status: z.number().nullable(),
  failedAtUtc: instant,
});
/** A listing page, search page or rest of a city that was given up; times ISO 8601 UTC, `status` of HTTP. */
export type FailureLine = Readonly<z.infer<typeof failureRow>>;

const failuresOf =
  'FROM failed_listings WHERE execution_id = $executionId AND ($city::VARCHAR IS NULL OR city = $city)';

/** What the run gave up, of all cities or of one, by category and time. */
export function readFailures(
  database: Database,
  { executionId, city, offset, limit }: Span & { readonly executionId: string; readonly city: string | null },
): Promise<Page<FailureLine>> {
  return database.use(async (session) => {
    const rows = await session.rows(
      `SELECT city, job_kind AS jobKind, key, listing_id AS listingId, url, category, code, message,
          attempts::DOUBLE AS attempts, status::DOUBLE AS status, epoch_ms(failed_at)::DOUBLE AS failedAtUtc
        ${failuresOf} ORDER BY category, failed_at, key LIMIT $limit OFFSET $offset`,
      { executionId, city, offset, limit },
    );
    const count = await countOf(session, failuresOf, { executionId, city });
    return { rows: rows.map((row) => failureRow.parse(row)), count };
  });
}

const auditRow = z.object({
  eventId: z.string(),
  occurredAtUtc: instant,
  type: z.enum(auditEventTypes),
  severity: z.enum(auditSeverities),
  city: z.string().nullable(),
  nodeId: z.string(),
  message: z.string(),
  correlationId: z.string().nullable(),
});
export type AuditEntry = Readonly<z.infer<typeof auditRow>>;

export interface AuditFilter extends Span {
  readonly executionId: string;
  /** Null = any. */
  readonly city: string | null;
  readonly type: string | null;
  readonly severity: string | null;
}

const auditOf = `FROM audit_log WHERE execution_id = $executionId AND ($city::VARCHAR IS NULL OR city = $city)
  AND ($type::VARCHAR IS NULL OR type = $type) AND ($severity::VARCHAR IS NULL OR severity = $severity)`;

/** The lines of the run that pass the filter, oldest first. */
export function readAuditEntries(
  database: Database,
  { offset, limit, ...filter }: AuditFilter,
): Promise<Page<AuditEntry>> {
  return database.use(async (session) => {
    const rows = await session.rows(
      `SELECT event_id AS eventId, epoch_ms(occurred_at)::DOUBLE AS occurredAtUtc, type, severity, city,
          node_id AS nodeId, message, correlation_id AS correlationId
        ${auditOf} ORDER BY occurred_at, sequence LIMIT $limit OFFSET $offset`,
      { ...filter, offset, limit },
    );
    return { rows: rows.map((row) => auditRow.parse(row)), count: await countOf(session, auditOf, filter) };
  });
}

const answerRow = z.object({
  sentAtUtc: instant,
  city: z.string().nullable(),
  kind: z.string(),
  status: z.number().nullable(),
  durationMs: z.number(),
  bodyBytes: z.number(),
  errorCategory: z.string().nullable(),
  nodeId: z.string(),
});
/** One request and what came back; `bodyBytes` of the decoded body, `status` null when nothing came. */
export type Answer = Readonly<z.infer<typeof answerRow>>;

const madeRow = z.object({
  recordId: z.string(),
  operation: z.string(),
  transformation: z.string(),
  responseSha256: z.string().nullable(),
  fetchedAtUtc: instant.nullable(),
});
/** A row that was made or changed from a response, with the SHA-256 of its body (hex) and when it came. */
export type MadeRow = Readonly<z.infer<typeof madeRow>>;

export interface RequestRecord {
  /** Oldest first; empty when single requests of that day are no longer kept. */
  readonly answers: readonly Answer[];
  readonly made: readonly MadeRow[];
}

/** What the run asked at the URL, what came back, and what was made of it. */
export function readRequestRecord(
  database: Database,
  { executionId, url }: { readonly executionId: string; readonly url: string },
): Promise<RequestRecord> {
  return database.use(async (session) => {
    const answers = await session.rows(
      `SELECT epoch_ms(sent_at)::DOUBLE AS sentAtUtc, city, kind, status::DOUBLE AS status, duration_ms AS durationMs,
          body_bytes::DOUBLE AS bodyBytes, error_category AS errorCategory, node_id AS nodeId
        FROM request_log WHERE execution_id = $executionId AND url = $url ORDER BY sent_at LIMIT 100`,
      { executionId, url },
    );
    const made = await session.rows(
      `SELECT record_id AS recordId, operation, transformation, response_sha256 AS responseSha256,
          epoch_ms(fetched_at)::DOUBLE AS fetchedAtUtc
        FROM data_lineage WHERE execution_id = $executionId AND request_url = $url ORDER BY rowid LIMIT 100`,
      { executionId, url },
    );
    return { answers: answers.map((row) => answerRow.parse(row)), made: made.map((row) => madeRow.parse(row)) };
  });
}

async function countOf(
  session: Session,
  from: string,
  parameters: Readonly<Record<string, string | null>>,
): Promise<number> {
  const [row] = await session.rows(`SELECT count(*)::DOUBLE AS count ${from}`, parameters);
  return countRow.parse(row).count;
}
