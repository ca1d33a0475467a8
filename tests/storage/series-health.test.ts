/** How the series stands, over a real database. */
import { describe, expect, it } from 'vitest';
import { daysSinceComplete } from '../../src/quality/series-health.ts';
import { readSeriesHealth } from '../../src/storage/series-health.ts';
import { runCity } from './city-run.ts';
import { database, store, useStore } from './store-of-test.ts';

useStore();

async function start(day: number, cities: readonly string[]): Promise<void> {
  await store.startExecution({
    executionId: `daily-2026-11-${day}`,
    nominalDay: `2026-11-${day}`,
    cities: cities.map((city) => ({ city, listingLimit: null })),
    startedAtUtc: `2026-11-${day}T03:00:00.000Z`,
  });
}

describe('the health of the series', () => {
  it('is empty before the first run', async () => {
    expect(await readSeriesHealth(database)).toEqual({ cities: [], lastRun: null });
  });

  it('says per city what its last run was and when it was complete last, and how the last run ended', async () => {
    await start(21, ['Espoo', 'Helsinki']);
    await runCity(store, 21, { pages: ['1', '2'] });
    await runCity(store, 21, { city: 'Espoo', pages: ['11'], verdict: 'partial' });
    await start(22, ['Espoo', 'Helsinki', 'Oulu']);
    await runCity(store, 22, { pages: ['1'], cards: ['2', '3', '4'], verdict: 'partial' });
    await runCity(store, 22, { city: 'Espoo', pages: ['11'], verdict: 'failed' });
    const totals = { successfulCities: 0, totalCities: 3, new: 0, changed: 0, unchanged: 0, unfetched: 0 };
    const ends = { goneCandidates: 0, gone: 0, returned: 0, goneWaiting: 0, failed: 0, requests: 0 };
    await store.saveExecutionResult(
      {
        ...{ executionId: 'daily-2026-11-22', nominalDay: '2026-11-22', status: 'failed', ...totals, ...ends },
        ...{ executionTimeSeconds: 1, missingParts: [], cities: [] },
      },
      '2026-11-22T04:00:00.000Z',
    );

    await database.use(({ run }) =>
      run(
        "UPDATE city_executions SET portal_total_end = 8 WHERE city = 'Helsinki' AND execution_id = 'daily-2026-11-22'",
      ),
    );

    const { cities, lastRun } = await readSeriesHealth(database);

    expect(cities.map(({ city }) => city)).toEqual(['Espoo', 'Helsinki']);
    expect(cities).toMatchObject([
      { verdict: 'failed', lastCompleteDay: null, firstDay: '2026-11-21', openQuarantines: 0 },
      { verdict: 'partial', lastCompleteDay: '2026-11-21', firstDay: '2026-11-21' },
    ]);
    expect(cities.map((city) => daysSinceComplete(city, '2026-11-23'))).toEqual([3, 2]);
    expect(cities.map(({ completeness }) => completeness)).toEqual([1 / 3, 0.5]);
    expect(lastRun).toEqual({
      executionId: 'daily-2026-11-22',
      nominalDay: '2026-11-22',
      status: 'failed',
      finishedAtMs: Date.parse('2026-11-22T04:00:00.000Z'),
    });
  });
});
