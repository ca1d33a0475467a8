/**
 * An audit event of what a person has done, whether by a command or on the dashboard.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { AuditEvent } from './audit-event.ts';

interface Doer {
  readonly clock: Pick<Clock, 'now'>;
  /** Node it was done on. */
  readonly nodeId: string;
}

/** What was done; the message says it in one sentence. */
export interface OperatorDeed extends Pick<AuditEvent, 'message'> {
  /** By default about no single city, and about no run. */
  readonly city?: string | null;
  readonly executionId?: string | null;
  /** By default WARNING: somebody has intervened. */
  readonly severity?: AuditEvent['severity'];
  /** JSON values, safe to print; none by default. */
  readonly details?: AuditEvent['details'];
}

/** The event, of now, with an id of its own. */
export function operatorEvent({ clock, nodeId }: Doer, deed: OperatorDeed): AuditEvent {
  const { message, city = null, executionId = null, severity = 'WARNING', details = {} } = deed;
  return {
    ...{ eventId: randomUUID(), occurredAtUtc: toUtcIso(clock.now()), type: 'OPERATOR_ACTION' },
    ...{ severity, executionId, city, nodeId, message, details },
  };
}
