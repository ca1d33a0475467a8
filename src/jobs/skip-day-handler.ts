/**
 * The `skip-day` job: a day of the schedule went by without a run. The series says so, so that a gap is never silent;
 * a day that has a run after all, e.g. one in a single process, is left as it is.
 */
import type { AuditEntry, AuditRecorder } from '../lineage/audit-recorder.ts';
import type { JobHandler } from './job.ts';
import type { SkipDayPayload } from './payloads.ts';
import { skipDayPayload } from './payloads.ts';
import type { SeriesStore } from './series-store.ts';

interface SkipDayOptions {
  readonly store: Pick<SeriesStore, 'recordSkippedDay'>;
  readonly audit: AuditRecorder;
}

export function createSkipDayHandler({ store, audit }: SkipDayOptions): JobHandler<SkipDayPayload> {
  return {
    kind: 'skip-day',
    schema: skipDayPayload,
    run: async (payload) => {
      if (await store.recordSkippedDay(payload)) audit.record(skippedEvent(payload));
      return { followUps: [] };
    },
  };
}

function skippedEvent({ executionId, nominalDay, status, plannedAtUtc }: SkipDayPayload): AuditEntry {
  const isMissed = status === 'missed';
  const reason = isMissed ? 'no scheduler was there at its time' : 'the schedule was paused';
  return {
    type: 'AUTOMATION_COMPLETE',
    severity: isMissed ? 'ERROR' : 'WARNING',
    city: null,
    message: `${executionId} is ${status}: ${reason}`,
    details: { nominalDay, plannedAtUtc, status },
  };
}
