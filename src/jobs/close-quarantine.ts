/**
 * What an operator decides of changes that are in quarantine, with its trace in the audit log. It runs where the store is.
 */
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { AuditRecorder } from '../lineage/audit-recorder.ts';
import type { ClosedQuarantine, QuarantineClosing } from '../quality/quarantine.ts';
import type { JobHandler, JobRequest } from './job.ts';
import { jobIdOf, queueNames } from './job-names.ts';
import { closeQuarantinePayload } from './payloads.ts';
import type { SeriesStore } from './series-store.ts';

interface ClosingOptions {
  readonly store: Pick<SeriesStore, 'closeQuarantine'>;
  readonly clock: Clock;
  /** Records for the execution whose changes they are. */
  readonly audit: AuditRecorder;
}

export type QuarantineDecision = Omit<QuarantineClosing, 'closedAtUtc'>;

/** Ends the quarantine. @throws StorageError QUARANTINE_UNKNOWN when there is none that is open; then nothing is recorded. */
export async function closeQuarantine(
  { store, clock, audit }: ClosingOptions,
  decision: QuarantineDecision,
): Promise<ClosedQuarantine> {
  const closed = await store.closeQuarantine({ ...decision, closedAtUtc: toUtcIso(clock.now()) });
  const { executionId, city, action } = decision;
  const details = { action, ...closed };
  const message = `${city}: an operator had the quarantine of ${executionId} ${action === 'release' ? 'released' : 'discarded'}`;
  audit.record({ type: 'OPERATOR_ACTION', severity: 'INFO', city, message, details });
  audit.record({ type: 'QUARANTINE', severity: 'INFO', city, message: describeClosing(decision, closed), details });
  return closed;
}

/** The job by which a store that holds the database is told; two orders are two jobs. */
export function closeQuarantineJob(decision: QuarantineDecision, orderedAtMs: number): JobRequest {
  const { executionId, city, action } = decision;
  return {
    id: jobIdOf(executionId, 'close-quarantine', city, action, orderedAtMs),
    kind: 'close-quarantine',
    queue: queueNames.store,
    payload: decision,
  };
}

export function createCloseQuarantineHandler(
  options: ClosingOptions,
): JobHandler<z.infer<typeof closeQuarantinePayload>> {
  return {
    kind: 'close-quarantine',
    schema: closeQuarantinePayload,
    run: async (decision) => {
      await closeQuarantine(options, decision);
      return { followUps: [] };
    },
  };
}

/** What has become of the changes, in one sentence. */
export function describeClosing({ executionId, city, action }: QuarantineDecision, closed: ClosedQuarantine): string {
  const { listings, released } = closed;
  if (action === 'discard') return `${city}: the changes of ${listings} listings in ${executionId} are discarded`;
  const overtaken = listings - released;
  const rest = overtaken === 0 ? '' : `; ${overtaken} could not be, because something newer has come`;
  return `${city}: the changes of ${released} of ${listings} listings in ${executionId} are released${rest}`;
}
