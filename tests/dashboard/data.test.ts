/** The pages that show the data, in a real browser: listings, one listing, map, market, downloads. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetRows } from '../../src/storage/forget-rows.ts';
import { chromiumPath } from '../chromium-path.ts';
import { runCity, startDays } from '../storage/city-run.ts';
import type { RunningTestDashboard, Visitor } from './running-dashboard.ts';
import { passwords, startTestDashboard } from './running-dashboard.ts';

const hostile = '<script>window.hacked=1</script>"\'&amp; \u202Eשלום 🏠';
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const paths = ['/listings', '/listings/11', '/map?city=Helsinki', '/market', '/market?city=Helsinki'];
const viewports = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } } as const;
const firstLoadBytes = 200_000;

let dashboard: RunningTestDashboard;
let vera: Visitor;
let browser: Browser | null = null;

beforeAll(async () => {
  dashboard = await startTestDashboard({
    nowMs: () => Date.parse('2026-11-22T09:00:00Z'),
    fill: async (store, database) => {
      await startDays(store, [21, 22]);
      const place = { latitude: 60.17, longitude: 24.94, postalCode: '00100' };
      await runCity(store, 21, { pages: ['11', '12', '13'], fields: { ...place, priceEur: 200_000 } });
      const fields = { ...place, address: hostile, title: hostile, district: '=1+1', priceEur: 190_000 };
      await runCity(store, 22, { pages: ['11'], cards: ['12', '13'], fields });
      await database.transact((session) =>
        forgetRows(session, { listingId: '13', reason: null, nodeId: 'n', nowMs: Date.UTC(2026, 10, 22) }),
      );
    },
  });
  vera = await dashboard.visitor('vera');
  if (chromiumPath !== null) browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await dashboard.close();
});

it('answers a filter that cannot be read with 400 and says which', async () => {
  const answer = await vera.get('/listings?price_min=many');
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('price_min: expected a number')]);
});

it('shows the filters that were chosen and only what they let through', async () => {
  const page = await vera.page('/listings?price_max=195000&deal=sale');
  expect(page).toContain('1 listing<');
  expect(page).toContain('value="195000"');
});

it('says that a listing was forgotten, with 410', async () => {
  const answer = await vera.get('/listings/13');
  expect([answer.status, await answer.text()]).toEqual([410, expect.stringContaining('was forgotten on')]);
});

it('leads from a listing to the response and to the portal, telling the portal nothing', async () => {
  const page = await vera.page('/listings/11');
  expect(page).toContain('ab'.repeat(32));
  expect(page).toContain('href="https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/11" rel="noreferrer external"');
});

describe('a download', () => {
  it('has the listings of the page as CSV, no text of which a spreadsheet would run', async () => {
    const answer = await vera.get('/listings/download.csv?price_max=195000&city=Helsinki');
    const lines = (await answer.text()).trim().split('\n');
    expect(answer.headers.get('content-disposition')).toMatch(
      /listings-Helsinki-price_max-195000-offered_\d{4}-\d\d-\d\dT\d{4}Z\.csv/,
    );
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^listing_id,url,/);
    expect(lines[1]).toContain(",'=1+1,");
  });

  it('has them as Parquet', async () => {
    const answer = await vera.get('/listings/download.parquet');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
  });
});

it.each(paths)('is loaded for the first time in less than 200 KB, compressed: %s', async (path) => {
  const seen = new Map<string, number>();
  const load = async (address: string): Promise<void> => {
    if (seen.has(address)) return;
    const answer = await vera.get(address, { 'accept-encoding': 'gzip' });
    const text = await answer.text();
    const isCompressed = answer.headers.get('content-encoding') === 'gzip';
    seen.set(address, isCompressed ? gzipSync(text).length : Buffer.byteLength(text));
    const references = text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"|^import .*'\.(\/[^']+)'/gm);
    for (const [, absolute, relative] of references) await load(absolute ?? `/assets${relative}`);
  };
  await load(path);
  expect(seen.size).toBeGreaterThan(3);
  expect([...seen.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(firstLoadBytes);
});

/** A page that has signed in, and what it did wrong since. */
async function openPage(viewport: keyof typeof viewports): Promise<{ page: Page; problems: string[] }> {
  const context = await browser?.newContext({ viewport: viewports[viewport], locale: 'en-GB', bypassCSP: false });
  if (context === undefined) throw new Error('there is no browser');
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== dashboard.origin)
      problems.push(`asked ${request.url()}`);
  });
  await page.goto(`${dashboard.origin}/sign-in`);
  await page.fill('#name', 'vera');
  await page.fill('#password', passwords.vera);
  await page.click('main button[type=submit]');
  return { page, problems };
}

/** Serious findings of axe, run in the page without loosening its policy. */
async function findingsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(axePath, 'utf8'));
  return page.evaluate(
    `axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`,
  );
}

describe.skipIf(chromiumPath === null)('in a browser', () => {
  it.each(['desktop', 'phone'] as const)(
    'every page works without errors, other hosts, serious findings or sideways scrolling: %s',
    async (viewport) => {
      const { page, problems } = await openPage(viewport);
      for (const path of paths) {
        await page.goto(`${dashboard.origin}${path}`, { waitUntil: 'networkidle' });
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect([path, width]).toEqual([path, viewports[viewport].width]);
        expect([path, await findingsOf(page)]).toEqual([path, []]);
      }
      expect(problems).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  it('shows a hostile title as text, finds it, and follows it to its past', async () => {
    const { page, problems } = await openPage('phone');
    await page.goto(`${dashboard.origin}/listings`);
    await page.fill('#q', '<script>');
    await page.click('.filters button');
    expect(await page.textContent('.lead')).toBe('1 listing');
    expect(await page.textContent('.listings th a')).toBe(hostile);
    await page.click('.listings th a');
    expect(await page.textContent('h1')).toBe(hostile);
    expect(await page.textContent('.timeline')).toContain('190,000');
    expect(await page.evaluate('window.hacked ?? null')).toBeNull();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('draws the charts from the table, and the map from its cells', async () => {
    const { page } = await openPage('desktop');
    await page.goto(`${dashboard.origin}/market?city=Helsinki`);
    await page.waitForSelector('.chart canvas');
    expect(await page.locator('.chart canvas').count()).toBe(4);
    await page.goto(`${dashboard.origin}/map?city=Helsinki`);
    await page.waitForSelector('#map[data-cells]');
    expect(await page.textContent('.cell')).toBe('2');
    await page.context().close();
  });
});
