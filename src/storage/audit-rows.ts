/**
 * Audit events as rows of `audit_log`. An event is stored once, however often it is written. Must run inside a
 * transaction.
 */
import type { AuditEvent } from '../lineage/audit-event.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { columnsOf, withStaged } from './staging.ts';
import { auditLogTable } from './tables.ts';

/** Staging table that must exist before events are written. */
export const stagedAuditEvents: StagingTable = { name: 'staged_audit_events', columns: auditLogTable.columns };

const addNew = `INSERT INTO audit_log SELECT * FROM staged_audit_events ON CONFLICT (event_id) DO NOTHING`;

/** Adds the events that are not stored yet. */
export async function insertAuditEvents(session: Session, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  const values = columnsOf(stagedAuditEvents.columns, events.map(auditRow));
  await withStaged(session, stagedAuditEvents, values, () => session.run(addNew, {}));
}

function auditRow(event: AuditEvent) {
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
  };
}
