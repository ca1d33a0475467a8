/**
 * What becomes of a job, as log lines: one at start and one at end of each (debug), retries and failures louder.
 */
import type { JobEvent } from '../queues/job-engine.ts';
import { categoryOf, messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';

const cityKinds: ReadonlySet<string> = new Set(['city', 'finalize-city']);

export function logJobEvent(log: Log, event: JobEvent): void {
  const { type, jobId, kind, queue, attempt } = event;
  const fields = { jobId, kind, queue, attempt };
  switch (type) {
    case 'started':
      log.debug(fields, 'job started');
      return;
    case 'completed':
      log[cityKinds.has(kind) ? 'info' : 'debug'](fields, 'job completed');
      return;
    case 'retried':
      log.warn({ ...fields, ...errorFields(event), delayMs: event.delayMs }, 'job will be tried again');
      return;
    case 'held':
      log.debug({ ...fields, ...errorFields(event), delayMs: event.delayMs }, 'job is held');
      return;
    case 'failed':
      log.warn({ ...fields, ...errorFields(event) }, 'job failed');
  }
}

function errorFields({ error }: JobEvent): { category: string; error: string } {
  return { category: categoryOf(error), error: messageOf(error) };
}
