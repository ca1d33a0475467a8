/** What workers elsewhere left in the ledger, in a real database: written once, however often it is delivered. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LedgerBatchWrite } from '../../src/jobs/store-writes.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, executionId, openForWriting, requestEntry, rowsOf, writesOf } from './samples.ts';

const nowUtc = '2026-11-22T03:00:00.000Z';
let folder: TestFolder;
let database: Database;

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

function batch(batchId: string): LedgerBatchWrite {
  const city = 'Helsinki';
  return {
    batchId,
    executionId,
    requests: [requestEntry(), requestEntry()],
    limits: [{ fromUtc: nowUtc, executionId, city, intervalMs: 1_000, slowDown: 1, dailyRequestBudget: null }],
    robots: [{ decidedAtUtc: nowUtc, executionId, city, decision: 'allowed' }],
    auditEvents: [
      {
        eventId: `${batchId}.event`,
        occurredAtUtc: nowUtc,
        type: 'RETRY_ATTEMPT',
        severity: 'WARNING',
        executionId,
        city,
        nodeId: 'worker-1',
        message: 'listing job failed and is tried again',
        details: {},
      },
    ],
  };
}

it('writes a batch that is delivered twice once, and another one beside it', async () => {
  const store = createSeriesStore({ database, clock: createFakeClock(Date.parse(nowUtc)), requestLogDays: 30 });

  await store.commit({ ...writesOf({}), ledgerBatches: [batch('worker-1.1')] });
  await store.commit({ ...writesOf({}), ledgerBatches: [batch('worker-1.1'), batch('worker-2.1')] });

  const counts = await rowsOf(
    database,
    `select (select count(*) from request_log)::int as requests, (select count(*) from request_limits)::int as limits,
      (select sum(requests) from robots_decisions)::int as decisions, (select count(*) from audit_log)::int as events`,
  );
  expect(counts).toEqual([{ requests: 4, limits: 2, decisions: 2, events: 2 }]);
});
