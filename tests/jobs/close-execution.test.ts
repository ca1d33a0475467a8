/** How a run's books are closed: its time, its missing parts, its audit events. Over a real database. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BookOptions } from '../../src/jobs/finalize-handlers.ts';
import { closeCity, closeExecution } from '../../src/jobs/finalize-handlers.ts';
import { sealHandler } from '../../src/jobs/job.ts';
import { createCityHandler, createRunHandler } from '../../src/jobs/run-handlers.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { AuditEntry } from '../../src/lineage/audit-recorder.ts';
import type { MissingPart } from '../../src/quality/city-receipt.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from '../storage/samples.ts';
import {
  createFolder,
  executionId,
  failureWrite,
  listingWrite,
  openForWriting,
  pageWrite,
  receiptOf,
  rowsOf,
  writesOf,
} from '../storage/samples.ts';

const series = {
  delisting: { completeRuns: 2, maxDropShare: 0.2 },
  relisting: { maxGapDays: 180, minScore: 0.85 },
};
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
  return { store, clock, audit: { record: (entry) => entries.push(entry) }, series, missingParts: () => missing };
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
    await store.saveCityReceipt(receiptOf(), null);
    const stopped = await close(books(archive), true);
    await start();

    const result = await close(books(logs, { ...archive, reason: 'another one' }));

    expect(stopped).toMatchObject({ status: 'interrupted', missingParts: [archive] });
    expect(result).toMatchObject({ status: 'degraded', successfulCities: 1, missingParts: [archive, logs] });
  });

  it('is completed when nothing is missing, and failed when no city gave data, whatever is missing', async () => {
    await start();
    const failed = await close(books());
    await store.saveCityReceipt(receiptOf(), null);

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
      acceptsDrop: false,
      isInterrupted: false,
    });

    expect(entries).toMatchObject([
      { type, severity, city: 'Helsinki', message: `Helsinki is ${receipt.verdict}: ${receipt.reason}` },
    ]);
  });
});

describe('the listings of a city that are gone', () => {
  const city = 'Helsinki';
  const closeHelsinki = (acceptsDrop: boolean, isInterrupted = false) =>
    closeCity(books(), { executionId, city, listingLimit: null, acceptsDrop, isInterrupted });
  const gone = () => rowsOf(database, "SELECT listing_id FROM listings WHERE gone_reason = 'sold'");

  /** One of two listings is sold: half of the city. */
  beforeEach(async () => {
    await start();
    await store.startCity({ executionId, city, startedAtUtc: '2026-11-21T02:00:00.000Z' });
    await store.commit(writesOf({ listings: ['1', '2'].map((id) => listingWrite(id, { executionId: 'before' })) }));
    await store.commit(
      writesOf({
        searchPages: [
          pageWrite(1, { listingIds: ['1', '2'], unfetchedListingIds: ['1'], portalTotal: 2, isLastPage: true }),
        ],
        failures: [failureWrite('2', { category: 'GONE', code: 'LISTING_SOLD' })],
      }),
    );
  });

  it('are held back when they are too large a part of it: the receipt and an audit event say so', async () => {
    const receipt = await closeHelsinki(false);

    expect(receipt).toMatchObject({ verdict: 'complete', reason: null, gone: 0, goneWaiting: 1 });
    expect(receipt.delistingNote).toContain('1 of 2 listings (50 %) would be marked gone');
    expect(entries.at(-1)).toMatchObject({
      type: 'DELISTING',
      severity: 'WARNING',
      city,
      message: `Helsinki: ${receipt.delistingNote}`,
      details: { gone: 0, returned: 0, goneWaiting: 1, acceptsDrop: false },
    });
    expect(await gone()).toEqual([]);
  });

  it('are marked when an operator has accepted it, with one audit event, and counted in the result', async () => {
    await closeHelsinki(true);

    const result = await close(books());

    expect(result).toMatchObject({ gone: 1, returned: 0, goneWaiting: 0, goneCandidates: 1 });
    expect(entries.filter(({ type }) => type === 'DELISTING')).toMatchObject([
      { severity: 'INFO', message: 'Helsinki: 1 gone, 0 returned', details: { gone: 1, acceptsDrop: true } },
    ]);
    expect(await gone()).toEqual([{ listing_id: '2' }]);
  });

  it('are not marked by a run that was stopped, whatever was accepted', async () => {
    const receipt = await closeHelsinki(true, true);

    expect(receipt).toMatchObject({ verdict: 'partial', gone: 0, goneWaiting: 1, delistingNote: null });
    expect(await gone()).toEqual([]);
  });
});

it('what an operator accepts travels from the run to the end of each city, and is recorded', async () => {
  const context = { signal: new AbortController().signal, attempt: 1 };
  const task = { city: 'Espoo', url: 'https://asunnot.oikotie.fi/', priority: 1, listingLimit: null };
  const runHandler = sealHandler(createRunHandler(books()));

  const run = await runHandler.run({ executionId, nominalDay, tasks: [task], acceptsDrop: true }, context);
  const cityJob = run.followUps[0]?.children?.[0];
  const cityEnd = await sealHandler(createCityHandler()).run(cityJob?.payload, context);
  const older = await runHandler.run({ executionId, nominalDay, tasks: [task] }, context);

  expect(cityEnd.followUps[0]).toMatchObject({ kind: 'finalize-city', payload: { city: 'Espoo', acceptsDrop: true } });
  expect(older.followUps[0]?.children?.[0]?.payload).toMatchObject({ acceptsDrop: false });
  expect(entries).toMatchObject([
    { type: 'OPERATOR_ACTION', severity: 'WARNING', details: { acceptsDrop: true, cities: ['Espoo'] } },
  ]);
});
