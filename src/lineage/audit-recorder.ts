/**
 * Makes audit events out of what somebody has to say: adds who, when and for which run, and hands them to the sink. One
 * recorder stands for one process of one execution.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { AuditEvent, AuditSink } from './audit-event.ts';

/** What happened, as its place in the program knows it. */
export interface AuditEntry extends Pick<AuditEvent, 'type' | 'severity' | 'city' | 'message'> {
  /** The job that led to it; null by default. */
  readonly correlationId?: string | null;
  /** JSON values, safe to print; none by default. */
  readonly details?: AuditEvent['details'];
}

export interface AuditRecorder {
  /** Never throws and never waits. */
  readonly record: (entry: AuditEntry) => void;
}

interface AuditRecorderOptions {
  readonly sink: AuditSink;
  readonly clock: Pick<Clock, 'now'>;
  /** Null for what belongs to no run. */
  readonly executionId: string | null;
  readonly nodeId: string;
  /** A new id each time, e.g. a random UUID. */
  readonly newEventId: () => string;
}

export function createAuditRecorder(options: AuditRecorderOptions): AuditRecorder {
  const { sink, clock, executionId, nodeId, newEventId } = options;
  return {
    record: ({ details = {}, correlationId = null, ...entry }) =>
      sink({
        ...{ eventId: newEventId(), occurredAtUtc: toUtcIso(clock.now()), executionId, nodeId },
        ...entry,
        correlationId,
        details,
      }),
  };
}
