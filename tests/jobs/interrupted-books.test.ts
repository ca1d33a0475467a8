/** What is left open is closed with the truth, and a day without a run is said to be one. Over a real database. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeOrphans } from '../../src/jobs/interrupted-books.ts';
import { sealHandler } from '../../src/jobs/job.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import { createSkipDayHandler } from '../../src/jobs/skip-day-handler.ts';
import type { AuditEntry } from '../../src/lineage/audit-recorder.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { chooseExecution } from '../../workers/choose-execution.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from '../storage/samples.ts';
import {
  createFolder,
  executionId,
  listingWrite,
  openForWriting,
  pageWrite,
  receiptOf,
  requestEntry,
  rowsOf,
  writesOf,
} from '../storage/samples.ts';

const series = {
  delisting: { completeRuns: 2, maxDropShare: 0.2 },
  relisting: { maxGapDays: 180, minScore: 0.85 },
};
const nominalDay = '2026-11-21';
const startedAtUtc = '2026-11-21T03:30:00.000Z';
const both = ['Helsinki', 'Espoo'].map((city) => ({ city, listingLimit: null }));

let folder: TestFolder;
let database: Database;
let clock: FakeClock;
let store: SeriesStore;
let entries: AuditEntry[];

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
  clock = createFakeClock(Date.parse('2026-11-22T10:00:00Z'));
  store = createSeriesStore({ database, clock });
  entries = [];
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

const audit = { record: (entry: AuditEntry) => void entries.push(entry) };
const close = (isAlive: (id: string) => boolean) =>
  closeOrphans({ store, clock, series, auditOf: () => audit, isAlive: async (id) => isAlive(id) });

const executions = () =>
  rowsOf(database, 'SELECT execution_id, status, started_at, finished_at, execution_time_seconds FROM executions');

/** A run whose process was killed at 04:20, twenty minutes after its last listing: one city done, one half-way. */
async function leaveOpen(): Promise<void> {
  await store.startExecution({ executionId, nominalDay, cities: both, startedAtUtc });
  for (const { city } of both) await store.startCity({ executionId, city, startedAtUtc });
  clock.set(Date.parse('2026-11-21T04:00:00Z'));
  const pages = [pageWrite(1, { city: 'Espoo', listingIds: ['1', '2'], portalTotal: 2, isLastPage: true })];
  const listing = listingWrite('1', { fields: { city: 'Espoo' } });
  await store.commit(writesOf({ searchPages: pages, listings: [listing] }));
  await store.saveCityReceipt(receiptOf({ finishedAtUtc: '2026-11-21T03:50:00.000Z' }), null);
  store.recordRequest(requestEntry({ city: 'Espoo', sentAtUtc: '2026-11-21T04:20:00.000Z' }));
  await store.flush();
  clock.set(Date.parse('2026-11-22T10:00:00Z'));
}

describe('a run that was left open', () => {
  it('ends with its last sign of life, with what was stored and how far each city came', async () => {
    await leaveOpen();

    const [result] = await close(() => false);

    expect(result).toMatchObject({ executionId, status: 'interrupted', successfulCities: 1, totalCities: 2, new: 2 });
    expect(await executions()).toEqual([
      {
        execution_id: executionId,
        status: 'interrupted',
        started_at: '2026-11-21 03:30:00',
        finished_at: '2026-11-21 04:20:00',
        execution_time_seconds: 3_000,
      },
    ]);
    expect((await store.cityReceipts(executionId)).find(({ city }) => city === 'Espoo')).toMatchObject({
      ...{ verdict: 'partial', new: 1, pending: 1, finishedAtUtc: '2026-11-21T04:20:00.000Z' },
    });
    expect(entries.at(-1)?.message).toBe(
      `${executionId} is interrupted: its process is gone; the last sign of life was at 2026-11-21T04:20:00.000Z`,
    );
  });

  it('is left alone while somebody works on it, and is closed once', async () => {
    await leaveOpen();

    const alive = await close((id) => id === executionId);
    const gone = await close(() => false);
    const again = await close(() => false);

    expect([alive.length, gone.length, again.length]).toEqual([0, 1, 0]);
  });

  it('of today can still be continued', async () => {
    await leaveOpen();
    await close(() => false);

    expect(await chooseExecution(store, nominalDay, both)).toEqual({ executionId, nominalDay, isContinued: true });
  });

  it('that came to nothing ends when it began', async () => {
    await store.startExecution({ executionId, nominalDay, cities: both, startedAtUtc });

    await close(() => false);

    expect(await executions()).toMatchObject([{ status: 'interrupted', finished_at: '2026-11-21 03:30:00' }]);
  });
});

describe('a day without a run', () => {
  const skip = (status: 'missed' | 'paused') =>
    sealHandler(createSkipDayHandler({ store, audit })).run(
      { executionId, nominalDay, status, plannedAtUtc: '2026-11-21T03:30:00.000Z' },
      { signal: new AbortController().signal, attempt: 1 },
    );

  it.each([
    ['missed', 'ERROR', 'no scheduler was there at its time'],
    ['paused', 'WARNING', 'the schedule was paused'],
  ] as const)('is in the series as %s, once, with an audit event', async (status, severity, reason) => {
    await skip(status);
    await skip(status);

    expect(await executions()).toEqual([
      { execution_id: executionId, status, started_at: null, finished_at: null, execution_time_seconds: null },
    ]);
    expect(entries).toMatchObject([{ severity, message: `${executionId} is ${status}: ${reason}` }]);
    expect(await store.runningExecutions()).toEqual([]);
  });

  it('is not said of a day that has an execution, whatever became of it', async () => {
    await store.startExecution({ executionId: `${executionId}-2`, nominalDay, cities: both, startedAtUtc });

    await skip('missed');

    expect(await executions()).toMatchObject([{ execution_id: `${executionId}-2`, status: 'running' }]);
    expect(entries).toEqual([]);
  });

  it('can have one after all, under the name of the day', async () => {
    await skip('missed');
    const chosen = await chooseExecution(store, nominalDay, both);

    await store.startExecution({ executionId: chosen.executionId, nominalDay, cities: both, startedAtUtc });

    expect(chosen).toEqual({ executionId, nominalDay, isContinued: false });
    expect(await executions()).toMatchObject([{ status: 'running', started_at: '2026-11-21 03:30:00' }]);
  });
});
