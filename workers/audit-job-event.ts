/**
 * What the audit log keeps of single jobs: that one is tried again, that the portal asked for fewer requests, that one was
 * given up. Begin, end and verdict of a city are recorded where its books are kept.
 */
import type { JobEvent } from '../queues/job-engine.ts';
import { categoryOf, messageOf } from '../src/errors.ts';
import type { AuditRecorder } from '../src/lineage/audit-recorder.ts';

/** Records the event when it is one for the audit log; `city` is the one whose queue the job is in, null for none. */
export function auditJobEvent(audit: AuditRecorder, event: JobEvent, city: string | null): void {
  if (event.type !== 'retried' && event.type !== 'failed') return;
  const { jobId, kind, attempt, delayMs = 0, error } = event;
  const category = categoryOf(error);
  const details = { jobId, kind, attempt, category };
  const entry = { city, correlationId: jobId };
  if (event.type === 'failed') {
    // That a listing is gone is an outcome and no failure.
    if (category === 'GONE') return;
    const message = `${kind} job was given up: ${messageOf(error)}`;
    audit.record({ ...entry, type: 'JOB_FAILED', severity: 'ERROR', message, details });
    return;
  }
  const isRateLimit = category === 'RATE_LIMIT';
  const what = isRateLimit ? 'the portal asks for fewer requests' : `${kind} job failed and is tried again`;
  audit.record({
    ...entry,
    type: isRateLimit ? 'RATE_LIMIT_HIT' : 'RETRY_ATTEMPT',
    severity: 'WARNING',
    message: `${what}: ${messageOf(error)}`,
    details: { ...details, delayMs },
  });
}
