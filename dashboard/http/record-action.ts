/** Writes down who did what on the dashboard, so that it stands in the audit trail beside what commands have done. */
import type { Request } from 'express';
import type { AuditSeverity } from '../../src/lineage/audit-event.ts';
import { operatorEvent } from '../../src/lineage/operator-event.ts';
import type { Dashboard } from '../dashboard.ts';

export interface Action {
  /** Who did it, or tried to. */
  readonly user: string;
  /** What, as the route calls it, e.g. `pause-city`. */
  readonly action: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly city?: string | null;
  readonly severity?: AuditSeverity;
  /** Safe to print. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Longest name that is written down: it comes from a form. */
const nameLength = 64;

export function recordAction(
  { audit, clock, nodeId }: Pick<Dashboard, 'audit' | 'clock' | 'nodeId'>,
  request: Request,
  { user, action, outcome, city = null, severity = 'INFO', details = {} }: Action,
): void {
  const name = user.slice(0, nameLength);
  const message = `dashboard: ${action} by ${name === '' ? 'nobody' : name}: ${outcome}`;
  const known = { ...details, user: name, action, outcome, address: request.ip ?? null, from: 'dashboard' };
  audit(operatorEvent({ clock, nodeId }, { message, city, severity, details: known }));
}
