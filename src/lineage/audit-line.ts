/**
 * An audit event as one line of the audit log: JSON for programs, with words in front that a person can grep for as the
 * predecessor's log had them (`city=Helsinki`).
 */
import type { AuditEvent } from './audit-event.ts';

/** One line without its newline; line breaks within the event are escaped by JSON. */
export function formatAuditLine(event: AuditEvent): string {
  const { type, severity, city, executionId } = event;
  const words = [`type=${type}`, `severity=${severity}`];
  if (city !== null) words.push(`city=${city}`);
  if (executionId !== null) words.push(`executionId=${executionId}`);
  return JSON.stringify({ line: words.join(' '), ...event });
}
