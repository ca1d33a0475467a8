/**
 * What an audit event is: something that happened to a run, a city, a breaker or the configuration, and who saw it. It
 * carries no page content, no personal data and no secret.
 */
import { toUtcIso } from '../clock.ts';

export const auditEventTypes = [
  'AUTOMATION_START',
  'AUTOMATION_COMPLETE',
  'CITY_EXECUTION_START',
  'CITY_EXECUTION_SUCCESS',
  'CITY_EXECUTION_ERROR',
  'CIRCUIT_BREAKER_TRIP',
  'CIRCUIT_BREAKER_CHANGE',
  'RATE_LIMIT_HIT',
  'RETRY_ATTEMPT',
  'JOB_FAILED',
  'CONFIGURATION_CHANGE',
  'OPERATOR_ACTION',
  'DELISTING',
  'QUARANTINE',
  'NODE_JOINED',
  'NODE_LEFT',
] as const;
export type AuditEventType = (typeof auditEventTypes)[number];

export const auditSeverities = ['INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type AuditSeverity = (typeof auditSeverities)[number];

export interface AuditEvent {
  /** Unique; writing the same event twice writes it once. */
  readonly eventId: string;
  /** ISO 8601 UTC. */
  readonly occurredAtUtc: string;
  readonly type: AuditEventType;
  readonly severity: AuditSeverity;
  /** Null when it belongs to no run. */
  readonly executionId: string | null;
  /** Null when it is not about one city. */
  readonly city: string | null;
  readonly nodeId: string;
  /**
   * The same for all events that one job led to (its id): its retries, the breaker it tripped, its failure. Null or
   * absent when no job did.
   */
  readonly correlationId?: string | null | undefined;
  /** What it says in one sentence. */
  readonly message: string;
  /** JSON values, safe to print. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Takes one event; must not throw and must not wait. */
export type AuditSink = (event: AuditEvent) => void;

/** An event as it is kept: every field there, in this order, with nothing that a table or a line could not hold. */
export type KeptAuditEvent = Required<AuditEvent> & { readonly correlationId: string | null };

/**
 * The event as the table and the file keep it, so that both say the same: NUL characters are taken out, halves of
 * surrogate pairs become U+FFFD, times have milliseconds and Z.
 */
export function toKeptEvent(event: AuditEvent): KeptAuditEvent {
  const occurredAtMs = Date.parse(event.occurredAtUtc);
  return {
    eventId: cleanText(event.eventId),
    occurredAtUtc: Number.isNaN(occurredAtMs) ? event.occurredAtUtc : toUtcIso(occurredAtMs),
    type: event.type,
    severity: event.severity,
    executionId: cleanTextOrNull(event.executionId),
    city: cleanTextOrNull(event.city),
    nodeId: cleanText(event.nodeId),
    correlationId: cleanTextOrNull(event.correlationId),
    message: cleanText(event.message),
    details: cleanDetails(event.details),
  };
}

function cleanTextOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : cleanText(text);
}

const surrogateHalf = /\p{Surrogate}/gu;

function cleanText(text: string): string {
  return text.replaceAll('\0', '').replaceAll(surrogateHalf, '\ufffd');
}

/** What JSON makes of the details; without it, undefined and dates would differ between line and row. */
function cleanDetails(details: AuditEvent['details']): AuditEvent['details'] {
  const clean = (_key: string, value: unknown): unknown => (typeof value === 'string' ? cleanText(value) : value);
  return JSON.parse(JSON.stringify(details), clean);
}
