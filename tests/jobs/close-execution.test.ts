/** How a run's books are closed: its time, its missing parts, its audit events. Over a real database. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BookOptions } from '../../src/jobs/finalize-handlers.ts';
import { closeCity, closeExecution } from '../../src/jobs/finalize-handlers.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { AuditEntry } from '../../src/lineage/audit-recorder.ts';
import type { MissingPart } from '../../src/quality/city-receipt.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, executionId, openForWriting, pageWrite, receiptOf, writesOf } from '../storage/samples.ts';

const nominalDay = '2026-11-21';
const cities = [{ city: 'Helsinki', listingLimit: null }];
const archive: MissingPart = { part: 'raw archive', reason: 'it is full', remedy: 'make room' };
const logs: MissingPart = { part: 'log files', reason: 'the disk is full', remedy: 'make room' };

let folder: TestFolder;
let database: Database;
let clock: FakeClock;
let store: SeriesStore;
let entries: AuditEntry[];

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
  clock = createFakeClock();
  store = createSeriesStore({ database, clock });
  entries = [];
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

function books(...missing: readonly MissingPart[]): BookOptions {
  return { store, clock, audit: { record: (entry) => entries.push(entry) }, missingParts: () => missing };
}

const start = () =>
  store.startExecution({ executionId, nominalDay, cities, startedAtUtc: new Date(clock.now()).toISOString() });
const close = (own: BookOptions, isInterrupted = false) =>
  closeExecution(own, { executionId, nominalDay, isInterrupted });

describe('the result of a run', () => {
  it('counts the time of each process that worked on it, however often it is closed, and no time between', async () => {
    await start();
    clock.set(clock.now() + 10_000);
    const stopped = await close(books(), true);
    clock.set(clock.now() + 3_600_000);
    await start();
    clock.set(clock.now() + 5_500);

    const first = await close(books());
    const second = await close(books());

    expect(stopped.executionTimeSeconds).toBe(10);
    expect(first.executionTimeSeconds).toBe(15.5);
    expect(second.executionTimeSeconds).toBe(15.5);
  });

  it('is degraded, not worse, by a missing part, and keeps what an earlier process had to go without', async () => {
    await start();
    await store.saveCityReceipt(receiptOf());
    const stopped = await close(books(archive), true);
    await start();

    const result = await close(books(logs, { ...archive, reason: 'another one' }));

    expect(stopped).toMatchObject({ status: 'interrupted', missingParts: [archive] });
    expect(result).toMatchObject({ status: 'degraded', successfulCities: 1, missingParts: [archive, logs] });
  });

  it('is completed when nothing is missing, and failed when no city gave data, whatever is missing', async () => {
    await start();
    const failed = await close(books());
    await store.saveCityReceipt(receiptOf());

    const completed = await close(books());

    expect(failed.status).toBe('failed');
    expect(completed).toMatchObject({ status: 'completed', missingParts: [] });
  });
});

describe('the end of a city', () => {
  it.each([
    [{ listingIds: [], isLastPage: true, portalTotal: 2 }, 'CITY_EXECUTION_ERROR', 'WARNING'],
    [null, 'CITY_EXECUTION_ERROR', 'ERROR'],
  ] as const)('after %j is an audit event of type %s and severity %s', async (page, type, severity) => {
    await start();
    await store.startCity({ executionId, city: 'Helsinki', startedAtUtc: '2026-11-22T03:00:00.000Z' });
    if (page !== null) await store.commit(writesOf({ searchPages: [pageWrite(1, page)] }));

    const receipt = await closeCity(books(), {
      executionId,
      city: 'Helsinki',
      listingLimit: null,
      isInterrupted: false,
    });

    expect(entries).toMatchObject([
      { type, severity, city: 'Helsinki', message: `Helsinki is ${receipt.verdict}: ${receipt.reason}` },
    ]);
  });
});
