/** The first page: whether the day is complete, and why not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCity, startDays } from '../storage/city-run.ts';
import type { RunningTestDashboard, Visitor } from './running-dashboard.ts';
import { startTestDashboard } from './running-dashboard.ts';

let dashboard: RunningTestDashboard;
let vera: Visitor;
let nowMs = Date.parse('2026-11-22T09:00:00Z');

beforeAll(async () => {
  dashboard = await startTestDashboard({
    nowMs: () => nowMs,
    fill: async (store) => {
      await startDays(store, [21, 22]);
      await runCity(store, 21, { pages: ['1', '2'] });
      await runCity(store, 22, { pages: ['1', '2'] });
      await runCity(store, 21, { city: 'Espoo', pages: ['3'] });
    },
  });
  vera = await dashboard.visitor('vera');
});
afterAll(() => dashboard.close());

it('names the cities that have nothing of today, and since when', async () => {
  const page = await vera.page('/');
  expect(page).toContain('1 of 2 cities are not complete today.');
  expect(page).toContain('nothing since Sat 21/11');
});

it('is the same page, packed or not', async () => {
  const [packed, plain] = await Promise.all(
    ['gzip', 'identity'].map((encoding) => vera.get('/', { 'accept-encoding': encoding })),
  );
  expect([packed?.headers.get('content-encoding'), plain?.headers.get('content-encoding')]).toEqual(['gzip', null]);
  const text = await plain?.text();
  expect(await packed?.text()).toBe(text);
  expect(text).toMatch(/^<!doctype html><html lang="en">.*<\/html>$/s);
  const etag = packed?.headers.get('etag') ?? '';
  const known = { 'accept-encoding': 'gzip', 'if-none-match': etag, 'cache-control': 'max-age=0' };
  expect((await vera.get('/', known)).status).toBe(304);
});

it('shows what has been published since, without a restart', async () => {
  await runCity(dashboard.store, 22, { city: 'Espoo', pages: ['3'] });
  await dashboard.publish();
  nowMs += 1_000;
  expect(await vera.page('/')).toContain('All 2 cities are complete.');
});

it('speaks Finnish to whoever asks for it, and remembers', async () => {
  expect((await vera.get('/?language=fi')).headers.get('location')).toBe('/');
  const page = await vera.page('/');
  expect(page).toContain('<html lang="fi">');
  expect(page).toContain('Kaikkien 2 kaupungin tiedot ovat täydelliset.');
  await vera.get('/?language=en');
});
