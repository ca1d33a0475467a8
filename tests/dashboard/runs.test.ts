/** The runs with what their verdicts rest on, the map of the last days, and the quality run by run. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCity } from '../storage/city-run.ts';
import { failureWrite, writesOf } from '../storage/samples.ts';
import type { RunningTestDashboard, Visitor } from './running-dashboard.ts';
import { startTestDashboard } from './running-dashboard.ts';

const last = 'daily-2026-11-22';
let dashboard: RunningTestDashboard;
let vera: Visitor;

beforeAll(async () => {
  dashboard = await startTestDashboard({
    nowMs: () => Date.parse('2026-11-22T09:00:00Z'),
    fill: async (store) => {
      for (const day of [18, 22]) {
        await store.startExecution({
          ...{ executionId: `daily-2026-11-${day}`, nominalDay: `2026-11-${day}`, cities: [] },
          startedAtUtc: `2026-11-${day}T03:00:00.000Z`,
        });
      }
      await store.recordSkippedDay({ executionId: 'daily-2026-11-20', nominalDay: '2026-11-20', status: 'missed' });
      await runCity(store, 18, { pages: ['1', '2'] });
      await runCity(store, 22, { pages: ['1', '2', '3'], verdict: 'partial' });
      const failures = Array.from({ length: 60 }, (_, index) =>
        failureWrite(String(100 + index), { executionId: last }),
      );
      await store.commit(writesOf({ failures }));
      store.recordAudit({
        ...{ eventId: 'a', occurredAtUtc: '2026-11-22T03:10:00.000Z', type: 'RETRY_ATTEMPT', severity: 'WARNING' },
        ...{
          executionId: last,
          city: 'Helsinki',
          nodeId: 'node-1',
          message: 'listing 100 is tried again',
          details: {},
        },
      });
      store.recordAudit({
        ...{ eventId: 'b', occurredAtUtc: '2026-11-22T03:11:00.000Z', type: 'DELISTING', severity: 'INFO' },
        ...{ executionId: last, city: 'Espoo', nodeId: 'node-1', message: 'two listings are gone', details: {} },
      });
      await store.measureCity({ executionId: last, city: 'Helsinki' }, { historyRuns: 14, minPages: 1 });
      await store.quarantineCity({
        ...{ executionId: last, city: 'Espoo', reason: 'rooms of sales fell from 98% to 3%', drifts: [] },
        openedAtUtc: '2026-11-22T03:20:00.000Z',
      });
      await store.flush();
    },
  });
  vera = await dashboard.visitor('vera');
});
afterAll(() => dashboard.close());

it('tells a day without any run from one that the schedule missed, and from the time before', async () => {
  const page = await vera.page('/');
  expect(page).toContain('title="Helsinki Wed 18/11: complete" href="/executions/daily-2026-11-18/cities/Helsinki"');
  expect(page).toContain('title="Helsinki Thu 19/11: no run"');
  expect(page).toContain('title="Helsinki Fri 20/11: missed: the schedule started no run"');
  expect(page).not.toContain('Helsinki Tue 17/11');
});

it('lists the runs, newest first, days without one included', async () => {
  const page = await vera.page('/executions');
  const names = [...page.matchAll(/href="\/executions\/(daily-[\d-]+)"/g)].map(([, name]) => name);
  expect(names).toEqual(['daily-2026-11-22', 'daily-2026-11-20', 'daily-2026-11-18']);
});

it('sets a run beside the one before of the same cities', async () => {
  const page = await vera.page(`/executions/${last}`);
  expect(page).toContain('The run before of the same cities is <a href="/executions/daily-2026-11-18">');
  expect(page).toContain('Helsinki: complete before, partial now');
  expect(page).toContain('3 (+1)');
  expect(page).toContain('listing 100 is tried again');
});

it('shows what was given up in pages, with the way to what was answered', async () => {
  const first = await vera.page(`/executions/${last}/cities/Helsinki`);
  expect(first).toContain('Page 1 of 2');
  expect(first).toMatch(
    /href="\/executions\/daily-2026-11-22\/request\?url=https%3A%2F%2Fasunnot[^"]+" aria-label="[^"]+ 100"/,
  );
  expect(await vera.page(`/executions/${last}/cities/Helsinki?page=2`)).toContain('Page 2 of 2');
});

it('filters the audit log by city, event and severity', async () => {
  const both = await vera.page(`/executions/${last}/audit?city=&type=&severity=`);
  const one = await vera.page(`/executions/${last}/audit?city=Helsinki&severity=WARNING`);
  expect([both, one].map((page) => page.includes('two listings are gone'))).toEqual([true, false]);
  expect(one).toContain('<option value="WARNING" selected>');
});

it.each([
  ['/executions/no-such-run', 404],
  ['/executions/no-such-run/audit', 404],
  ['/quality/Atlantis', 404],
  ['/executions?page=0', 400],
  [`/executions/${last}/audit?severity=LOUD`, 400],
  [`/executions/${last}/request?url=javascript:alert(1)`, 400],
])('answers %s with %i', async (path, status) => {
  expect((await vera.get(path)).status).toBe(status);
});

it('draws the share of pages with each field, and says it in words', async () => {
  const page = await vera.page('/quality/Helsinki');
  expect(page).toContain('<strong>price_eur</strong>');
  expect(page).toMatch(/100\u00A0% now/);
  expect(page).not.toMatch(/ style="/);
});

it('shows an operator how to close a quarantine, and a viewer only that it is open', async () => {
  const otto = await dashboard.visitor('otto');
  const pages = [await vera.page('/quality'), await otto.page('/quality')];
  expect(pages.map((page) => page.includes('rooms of sales fell from 98% to 3%'))).toEqual([true, true]);
  expect(pages.map((page) => page.includes(`/actions/release-quarantine?execution=${last}&amp;city=Espoo`))).toEqual([
    false,
    true,
  ]);
});
