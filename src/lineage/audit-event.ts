/**
 * What an audit event is: something that happened to a run, a city, a breaker or the configuration, and who saw it. It
 * carries no page content, no personal data and no secret.
 */

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
  'OPERATOR_ACTION',
  'QUARANTINE',
  'DELISTING',
] as const;
export type AuditEventType = (typeof auditEventTypes)[number];

export type AuditSeverity = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

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
  /** What it says in one sentence. */
  readonly message: string;
  /** JSON values, safe to print. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Takes one event; must not throw and must not wait. */
export type AuditSink = (event: AuditEvent) => void;
