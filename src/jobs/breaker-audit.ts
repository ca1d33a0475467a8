/**
 * A breaker's change as an audit event: an operator's action, a trip, or any other change.
 */
import { toUtcIso } from '../clock.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import { portalBreaker } from '../resilience/breaker-settings.ts';
import type { BreakerChange, BreakerChangeKind } from '../resilience/breaker-state.ts';

const words = {
  opened: 'opened',
  half_opened: 'is on trial',
  closed: 'closed',
  node_isolated: 'keeps one node from asking',
  node_returned: 'lets a node ask again',
  forced_open: 'is held open',
  forced_closed: 'was closed by hand',
  reset: 'was reset',
} as const satisfies Record<BreakerChangeKind, string>;

const treatments = {
  opened: { type: 'CIRCUIT_BREAKER_TRIP', severity: 'ERROR' },
  half_opened: { type: 'CIRCUIT_BREAKER_CHANGE', severity: 'INFO' },
  closed: { type: 'CIRCUIT_BREAKER_CHANGE', severity: 'INFO' },
  node_isolated: { type: 'CIRCUIT_BREAKER_TRIP', severity: 'WARNING' },
  node_returned: { type: 'CIRCUIT_BREAKER_CHANGE', severity: 'INFO' },
  forced_open: { type: 'OPERATOR_ACTION', severity: 'WARNING' },
  forced_closed: { type: 'OPERATOR_ACTION', severity: 'WARNING' },
  reset: { type: 'OPERATOR_ACTION', severity: 'WARNING' },
} as const satisfies Record<BreakerChangeKind, Pick<AuditEvent, 'type' | 'severity'>>;

/**
 * The event; its id is the same whoever makes it.
 * @param name city or `portal` @param executionId null outside of a run @param jobId job whose outcome it was
 */
export function breakerAuditEvent(
  name: string,
  change: BreakerChange,
  executionId: string | null,
  jobId: string | null = null,
): AuditEvent {
  const { number, atMs, kind, from, to, nodeId, reason } = change;
  return {
    ...treatments[kind],
    eventId: `breaker.${name}.${number}.${atMs}`,
    occurredAtUtc: toUtcIso(atMs),
    executionId,
    city: name === portalBreaker ? null : name,
    nodeId,
    correlationId: jobId,
    message: `circuit breaker of ${name} ${words[kind]}: ${reason}`,
    details: { breaker: name, change: kind, from, to },
  };
}
