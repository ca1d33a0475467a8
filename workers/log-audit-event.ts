/**
 * An audit event as a log line, as loud as it is serious.
 */
import type { AuditEvent, AuditSeverity } from '../src/lineage/audit-event.ts';
import type { Log } from '../src/log.ts';

const levels = {
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'warn',
  CRITICAL: 'error',
} as const satisfies Record<AuditSeverity, string>;

export function logAuditEvent(log: Log, event: AuditEvent): void {
  const { type, severity, city, message, details } = event;
  log[levels[severity]]({ type, city, ...details }, message);
}
