/** What became of a city on a day: one verdict for the page and for programs, and rows looked for among few say the same as all. */
import { expect, it } from 'vitest';
import { readCityDays } from '../../src/storage/city-days-reader.ts';
import { readDayMap } from '../../src/storage/day-reader.ts';
import { marketTimeRecords, priceEventRecords } from '../../src/storage/record-sources.ts';
import { readRecords } from '../../src/storage/records.ts';
import type { RunOfDay } from './city-run.ts';
import { runCity } from './city-run.ts';
import { rowsOf } from './samples.ts';
import { database, store, useStore } from './store-of-test.ts';

useStore();

type Outcome = RunOfDay['verdict'] | 'quarantined' | 'open';

/** Runs of Helsinki on a day, hour by hour. */
async function runDay(day: number, outcomes: readonly Outcome[], prefix = 'run'): Promise<void> {
  for (const [hour, outcome] of outcomes.entries()) {
    const executionId = `${prefix}-${day}-${hour}`;
    const startedAtUtc = `2026-11-${day}T0${hour}:00:00.000Z`;
    await store.startExecution({ executionId, nominalDay: `2026-11-${day}`, startedAtUtc, cities: [] });
    if (outcome === 'open') {
      await store.startCity({ executionId, city: 'Helsinki', startedAtUtc });
      continue;
    }
    const verdict = outcome === 'quarantined' ? 'complete' : (outcome ?? 'complete');
    await runCity(store, day, { executionId, hour, verdict, pages: ['1'] });
    if (outcome !== 'quarantined') continue;
    await database.use(({ run }) =>
      run(`UPDATE city_executions SET is_quarantined = true WHERE execution_id = '${executionId}'`),
    );
  }
}

it('is the verdict of the best run, the same on the page and for programs, whatever reads the archive anew', async () => {
  await runDay(10, ['failed', 'complete', 'partial']);
  await runDay(11, ['quarantined', 'partial']);
  await runDay(12, ['open', 'quarantined', 'foreign']);
  await runDay(13, ['failed', 'open']);
  await runDay(14, ['failed', 'foreign']);
  await runDay(15, ['failed']);
  await runDay(15, ['complete'], 'reparse');
  await runDay(16, ['complete'], 'reparse');
  const startedAtUtc = '2026-11-17T00:00:00.000Z';
  const cities = [{ city: 'Helsinki', listingLimit: null }];
  await store.startExecution({ executionId: 'not-begun', nominalDay: '2026-11-17', startedAtUtc, cities });

  const map = await readDayMap(database, { lastDay: '2026-11-17', days: 10 });
  const shown = map.cityDays.map(({ day, verdict, executionId }) => [day, verdict, executionId]);
  expect(shown).toEqual([
    ['2026-11-10', 'complete', 'run-10-1'],
    ['2026-11-11', 'partial', 'run-11-1'],
    ['2026-11-12', 'quarantined', 'run-12-1'],
    ['2026-11-13', 'open', 'run-13-1'],
    ['2026-11-14', 'foreign', 'run-14-1'],
    ['2026-11-15', 'failed', 'run-15-0'],
  ]);
  const told = await readCityDays(database, { fromDay: '2026-11-08', toDay: '2026-11-17', city: null });
  expect(told.map(({ nominalDay, state, executionId }) => [nominalDay, state, executionId])).toEqual([
    ...shown,
    ['2026-11-16', 'missed', null],
    ['2026-11-17', 'missed', null],
  ]);
});

it('finds the prices and the times of a city or a listing among its own versions alone', async () => {
  for (const [index, priceEur] of [200, 190, 195].entries()) {
    const day = 10 + index;
    const executionId = `daily-${day}`;
    const startedAtUtc = `2026-11-${day}T03:00:00.000Z`;
    await store.startExecution({ executionId, nominalDay: `2026-11-${day}`, startedAtUtc, cities: [] });
    await runCity(store, day, { executionId, pages: ['1', '2'], fields: { priceEur } });
    await runCity(store, day, { executionId, city: 'Espoo', pages: ['3'], fields: { priceEur: priceEur * 2 } });
  }
  // An earlier listing of the home that another city had.
  await database.use(({ run }) =>
    run(`INSERT INTO listing_links VALUES ('1', '3', 0.9, '[]', TIMESTAMP '2026-11-12 05:00:00', 'daily-12')`),
  );
  const asOf = '2026-11-20T10:00:00.000Z';
  const asked = { limit: 100, isCounted: true };

  const events = await readRecords(database, priceEventRecords, { ...asked, filters: {} });
  const times = await readRecords(database, marketTimeRecords, { ...asked, filters: { asOf } });
  expect([events.total, times.total]).toEqual([9, 3]);
  for (const filters of [{ city: 'HELSINKI' }, { city: 'Espoo' }, { city: 'Turku' }, { listingId: '1' }]) {
    const isMeant = (line: string) => {
      const row = JSON.parse(line);
      return 'listingId' in filters
        ? row.listingId === filters.listingId
        : row.city.toLowerCase() === filters.city.toLowerCase();
    };
    const ownEvents = await readRecords(database, priceEventRecords, { ...asked, filters });
    expect(ownEvents.lines).toEqual(events.lines.filter(isMeant));
    expect(ownEvents.total).toBe(ownEvents.lines.length);
    const ownTimes = await readRecords(database, marketTimeRecords, { ...asked, filters: { ...filters, asOf } });
    expect(ownTimes.lines).toEqual(times.lines.filter(isMeant));
  }
  expect(await rowsOf(database, 'SELECT count(*)::INTEGER AS n FROM price_events')).toEqual([{ n: 9 }]);
});
