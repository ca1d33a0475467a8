/**
 * An audit event as one line of the audit log: JSON for programs, with words in front that a person can grep for as the
 * predecessor's log had them (`city=Helsinki`).
 */
import type { AuditEvent } from './audit-event.ts';
import { toKeptEvent } from './audit-event.ts';

/** One line without its newline and without its place in a chain; line breaks within the event are escaped by JSON. */
export function formatAuditLine(event: AuditEvent): string {
  const kept = toKeptEvent(event);
  const { type, severity, city, executionId, correlationId } = kept;
  const words = [`type=${type}`, `severity=${severity}`];
  if (city !== null) words.push(`city=${city}`);
  if (executionId !== null) words.push(`executionId=${executionId}`);
  if (correlationId !== null) words.push(`correlationId=${correlationId}`);
  return JSON.stringify({ line: words.join(' '), ...kept });
}
