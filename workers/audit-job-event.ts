/**
 * What the audit log keeps of single jobs: that one is tried again, and that the portal asked for fewer requests. Begin,
 * end and verdict of a city are recorded where its books are kept.
 */
import type { JobEvent } from '../queues/job-engine.ts';
import { categoryOf, messageOf } from '../src/errors.ts';
import type { AuditRecorder } from '../src/lineage/audit-recorder.ts';

/** Records the event when it is one for the audit log; `city` is the one whose queue the job is in, null for none. */
export function auditJobEvent(audit: AuditRecorder, event: JobEvent, city: string | null): void {
  if (event.type !== 'retried') return;
  const { jobId, kind, attempt, delayMs = 0, error } = event;
  const category = categoryOf(error);
  const isRateLimit = category === 'RATE_LIMIT';
  const what = isRateLimit ? 'the portal asks for fewer requests' : `${kind} job failed and is tried again`;
  audit.record({
    type: isRateLimit ? 'RATE_LIMIT_HIT' : 'RETRY_ATTEMPT',
    severity: 'WARNING',
    city,
    message: `${what}: ${messageOf(error)}`,
    details: { jobId, kind, attempt, category, delayMs },
  });
}
