import { expect, it } from 'vitest';
import type { JobEvent } from '../../queues/job-engine.ts';
import { ScraperError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/lineage/audit-recorder.ts';
import { auditJobEvent } from '../../workers/audit-job-event.ts';

const job = { jobId: 'job-1', kind: 'listing', queue: 'crawl-espoo', attempt: 2 } as const;

function auditOf(event: JobEvent): readonly AuditEntry[] {
  const entries: AuditEntry[] = [];
  auditJobEvent({ record: (entry) => entries.push(entry) }, event, 'Espoo');
  return entries;
}

it.each([
  ['TIMEOUT', 'RETRY_ATTEMPT'],
  ['RATE_LIMIT', 'RATE_LIMIT_HIT'],
] as const)('a job that is tried again after %s is an audit event %s of its city', (category, type) => {
  const error = new ScraperError('SOME_CODE', 'no luck', { category });

  expect(auditOf({ ...job, type: 'retried', error, delayMs: 30_000 })).toEqual([
    {
      type,
      severity: 'WARNING',
      city: 'Espoo',
      correlationId: 'job-1',
      message: expect.stringMatching(/: no luck$/),
      details: { jobId: 'job-1', kind: 'listing', attempt: 2, category, delayMs: 30_000 },
    },
  ]);
});

it.each(['started', 'completed', 'held'] as const)('a job that is %s is none', (type) => {
  expect(auditOf({ ...job, type })).toEqual([]);
});

it('a job that is given up is an event with the name by which its retries are found, unless its listing is gone', () => {
  const failed = (category: 'TIMEOUT' | 'GONE') =>
    auditOf({ ...job, type: 'failed', error: new ScraperError('SOME_CODE', 'no luck', { category }) });

  expect(failed('TIMEOUT')).toMatchObject([{ type: 'JOB_FAILED', severity: 'ERROR', correlationId: 'job-1' }]);
  expect(failed('GONE')).toEqual([]);
});
