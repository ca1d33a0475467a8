/**
 * The audit trail of a process: where its events go, the table and the file of the day, and who makes them.
 */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { AuditRecorder } from '../src/lineage/audit-recorder.ts';
import { createAuditRecorder } from '../src/lineage/audit-recorder.ts';
import { configurationEvent } from '../src/lineage/configuration-change.ts';

export interface AuditTrail {
  /** Takes whole events, for what makes its own: the breakers. */
  readonly sink: AuditSink;
  /** Makes the events of an execution; null for what belongs to none. */
  readonly of: (executionId: string | null) => AuditRecorder;
}

interface AuditTrailOptions {
  /** Brings an event to the table: the store itself, or the relay of a worker. */
  readonly recordAudit: AuditSink;
  readonly auditFile: AuditSink;
  readonly clock: Clock;
  readonly nodeId: string;
}

export function createAuditTrail({ recordAudit, auditFile, clock, nodeId }: AuditTrailOptions): AuditTrail {
  const sink: AuditSink = (event) => {
    recordAudit(event);
    auditFile(event);
  };
  return {
    sink,
    of: (executionId) => createAuditRecorder({ sink, clock, executionId, nodeId, newEventId: randomUUID }),
  };
}

interface ConfigurationOptions {
  readonly store: Pick<SeriesStore, 'keepConfiguration'>;
  readonly config: Pick<Config, 'shownSettings'>;
  readonly clock: Clock;
  readonly audit: AuditRecorder;
  readonly executionId: string;
}

/** Keeps the settings that an execution begins, or goes on, with, and records what is other than before. */
export async function recordConfiguration(options: ConfigurationOptions): Promise<void> {
  const { store, config, clock, audit, executionId } = options;
  const settings = config.shownSettings;
  const before = await store.keepConfiguration({ executionId, inForceFromUtc: toUtcIso(clock.now()), settings });
  const event = before === null ? null : configurationEvent(before, settings);
  if (event !== null) audit.record(event);
}
