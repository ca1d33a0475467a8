/** An audit event for tests, as a run records it. */
import type { AuditEvent } from '../../src/lineage/audit-event.ts';

export function auditEvent(fields: Partial<AuditEvent> = {}): AuditEvent {
  return {
    eventId: 'event-1',
    occurredAtUtc: '2026-11-22T04:00:00.000Z',
    type: 'RETRY_ATTEMPT',
    severity: 'WARNING',
    executionId: 'daily-2026-11-22',
    city: 'Helsinki',
    nodeId: 'node-1',
    correlationId: 'daily-2026-11-22.listing.Helsinki.1',
    message: 'listing job failed and is tried again: no answer',
    details: { attempt: 1 },
    ...fields,
  };
}
