/**
 * Audit events as rows of `audit_log`. An event is stored once, however often it is written, and takes the next place in
 * the chain. Rows are only ever added. Must run inside a transaction.
 */
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import type { ChainHead, ChainLink, KeptHead } from '../lineage/audit-chain.ts';
import { chainBegin, sealEvent, sealHead } from '../lineage/audit-chain.ts';
import type { AuditEvent, KeptAuditEvent } from '../lineage/audit-event.ts';
import { auditEventTypes, auditSeverities, toKeptEvent } from '../lineage/audit-event.ts';
import { formatAuditLine } from '../lineage/audit-line.ts';
import { auditChainHeadTable, auditLogTable } from './audit-tables.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { columnsOf, typesOf } from './staging.ts';

/** Adds the events that are not stored yet, in their order. */
export async function insertAuditEvents(session: Session, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  // The first of several with one id stays, as the stored one does.
  const kept = new Map<string, KeptAuditEvent>();
  for (const event of events) if (!kept.has(event.eventId)) kept.set(event.eventId, toKeptEvent(event));
  for (const eventId of await selectStored(session, [...kept.keys()])) kept.delete(eventId);
  if (kept.size === 0) return;
  const begin = await selectHead(session);
  let head = begin ?? (await selectBegin(session));
  const rows = [...kept.values()].map((event) => {
    const { link } = sealEvent(event, head, session.auditKey);
    head = link;
    return auditRow(event, link);
  });
  await append(session, auditLogTable, rows);
  const { sequence, hash, mac } = sealHead(head, session.auditKey);
  if (begin === null) await append(session, auditChainHeadTable, [{ sequence, hash, mac }]);
  else
    await session.run('UPDATE audit_chain_head SET sequence = $sequence, hash = $hash, mac = $mac', {
      sequence,
      hash,
      mac,
    });
}

async function append(
  session: Session,
  { name, columns }: StagingTable,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  await session.append({ name, catalog: null, types: typesOf(columns) }, columnsOf(columns, rows));
}

async function selectStored(session: Session, eventIds: readonly string[]): Promise<readonly string[]> {
  const rows = await session.rows(
    'SELECT event_id AS eventId FROM audit_log WHERE event_id IN (SELECT unnest($eventIds::VARCHAR[]))',
    { eventIds: listValue(eventIds) },
  );
  return rows.map((row) => String(row['eventId']));
}

const headRow = z.object({ sequence: z.bigint().transform(Number), hash: z.string(), mac: z.string().nullable() });

/** Where the chain ends; null while it has no row. */
export async function selectHead(session: Session): Promise<KeptHead | null> {
  const [row] = await session.rows('SELECT sequence, hash, mac FROM audit_chain_head', {});
  return row === undefined ? null : headRow.parse(row);
}

/** Where the chain begins: at the rows that are older than it. */
export async function selectBegin(session: Session): Promise<ChainHead> {
  const rows = await session.rows(`${selectEvents} WHERE sequence IS NULL ORDER BY occurred_at, event_id`, {});
  return chainBegin(rows.map((row) => formatAuditLine(eventRow.parse(row))));
}

/** A row of the table by the names of an event. */
export const selectEvents = `SELECT event_id AS eventId, epoch_ms(occurred_at)::DOUBLE AS occurredAtUtc, type, severity,
  execution_id AS executionId, city, node_id AS nodeId, correlation_id AS correlationId, message,
  details_json::VARCHAR AS details, sequence, previous_hash AS previousHash, key_id AS keyId,
  hash FROM audit_log`;

/** Reads the event of such a row. */
export const eventRow: z.ZodType<KeptAuditEvent> = z.object({
  eventId: z.string(),
  occurredAtUtc: z.number().transform(toUtcIso),
  type: z.enum(auditEventTypes),
  severity: z.enum(auditSeverities),
  executionId: z.string().nullable(),
  city: z.string().nullable(),
  nodeId: z.string(),
  correlationId: z.string().nullable(),
  message: z.string(),
  details: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.record(z.string(), z.unknown())),
});

function auditRow(event: KeptAuditEvent, link: ChainLink) {
  return {
    event_id: event.eventId,
    occurred_at: event.occurredAtUtc,
    type: event.type,
    severity: event.severity,
    execution_id: event.executionId,
    city: event.city,
    node_id: event.nodeId,
    message: event.message,
    details_json: event.details,
    correlation_id: event.correlationId,
    sequence: link.sequence,
    previous_hash: link.previousHash,
    key_id: link.keyId,
    hash: link.hash,
  };
}
