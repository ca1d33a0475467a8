/** A list that is far shorter than usual: what follows from it, and what an operator may say. Over a real database. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BookOptions } from '../../src/jobs/finalize-handlers.ts';
import { closeCity } from '../../src/jobs/finalize-handlers.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { AuditEntry } from '../../src/lineage/audit-recorder.ts';
import type { CityReceipt } from '../../src/quality/city-receipt.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, listingWrite, openForWriting, pageWrite, rowsOf, writesOf } from '../storage/samples.ts';

const city = 'Helsinki';
const quality = {
  ...{ rereadPasses: 2, historyRuns: 14, minHistoryRuns: 3, minPages: 30 },
  ...{ minUsualShare: 0.5, maxCoverageDrop: 0.5, maxVolumeDrop: 0.4 },
};
const series = {
  delisting: { completeRuns: 1, maxDropShare: 1 },
  relisting: { maxGapDays: 180, minScore: 0.85 },
};

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
  for (const day of [11, 12, 13]) await runOf(day, 100);
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

/** A run whose list is so long; the first listings are always the same. */
async function runOf(day: number, length: number, acceptsDrop = false): Promise<CityReceipt> {
  const executionId = `daily-2026-11-${day}`;
  const startedAtUtc = `2026-11-${day}T03:00:00.000Z`;
  const fetchedAtUtc = `2026-11-${day}T04:00:00.000Z`;
  const cities = [{ city, listingLimit: null }];
  await store.startExecution({ executionId, nominalDay: `2026-11-${day}`, cities, startedAtUtc });
  await store.startCity({ executionId, city, startedAtUtc });
  const listingIds = Array.from({ length }, (_, index) => String(index));
  const page = { executionId, listingIds, portalTotal: length, isLastPage: true, fetchedAtUtc };
  const listings = listingIds.map((id) => listingWrite(id, { executionId, fetchedAtUtc }));
  await store.commit(writesOf({ searchPages: [pageWrite(1, page)], listings }));
  const audit = { record: (entry: AuditEntry) => entries.push(entry) };
  const books: BookOptions = { store, clock, audit, series, quality, missingParts: () => [] };
  return closeCity(books, { executionId, city, listingLimit: null, acceptsDrop, isInterrupted: false });
}

const gone = async () => (await rowsOf(database, 'FROM listings WHERE gone_at IS NOT NULL')).length;

it('is put into quarantine, marks nothing gone, and is no run that missed a listing', async () => {
  const drifted = await runOf(14, 30);
  const after = await runOf(15, 100);

  expect(drifted).toMatchObject({ verdict: 'complete', isQuarantined: true, gone: 0, goneWaiting: 70 });
  expect(drifted.drift).toBe('the list fell from 100 to 30 listings (median of 3 runs)');
  expect(after).toMatchObject({
    isQuarantined: false,
    drift: '4 fields of 100 pages are as usual; 100 listings, usually 100',
  });
  expect(await gone()).toBe(0);
  expect(entries.filter(({ severity }) => severity === 'ERROR').map(({ type }) => type)).toEqual([
    'QUARANTINE',
    'CITY_EXECUTION_ERROR',
  ]);
});

it('is believed when an operator accepts it, and so are the runs after it', async () => {
  const accepted = await runOf(14, 30, true);
  const after = await runOf(15, 30);

  expect(accepted).toMatchObject({ isQuarantined: false, gone: 70 });
  expect(accepted.drift).toBe('accepted: the list fell from 100 to 30 listings (median of 3 runs)');
  expect(after).toMatchObject({ verdict: 'complete', isQuarantined: false });
  expect(after.drift).toContain('volume not judged: 1 complete run, 3 needed');
});

it('is not in quarantine when there is little to compare with', async () => {
  await database.use((session) => session.run("DELETE FROM city_executions WHERE execution_id = 'daily-2026-11-11'"));

  const young = await runOf(14, 30);

  expect(young).toMatchObject({ isQuarantined: false });
  expect(young.drift).toContain('volume not judged: 2 complete runs, 3 needed');
});
