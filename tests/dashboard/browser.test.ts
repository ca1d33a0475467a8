/** The pages of today, the runs and the quality in a real browser: by eye and by keyboard, on a desk and on a phone. */
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LiveRun } from '../../dashboard/live/live-sources.ts';
import { nothingLive } from '../../dashboard/live/live-sources.ts';
import type { CityProgress } from '../../src/jobs/city-progress.ts';
import { chromiumPath } from '../chromium-path.ts';
import { runCity } from '../storage/city-run.ts';
import { failureWrite, receiptOf, requestEntry, writesOf } from '../storage/samples.ts';
import type { Name, RunningTestDashboard } from './running-dashboard.ts';
import { passwords, startTestDashboard } from './running-dashboard.ts';

const executionId = 'daily-2026-11-22';
const evil = '<script>document.title = "taken"</script>';
const helsinki: CityProgress = {
  ...{ city: 'Helsinki', settled: 40, total: 100, portalTotal: 100, requests: 45, requestsPerSecond: 0.9 },
  ...{ allowedPerSecond: 1, new: 4, changed: 2, unchanged: 33, failed: 1, etaMs: null, isDone: false },
};
const sizes = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } } as const;

let dashboard: RunningTestDashboard;
let browser: Browser;
/** Of who has signed in, once for all tests. */
let session: Awaited<ReturnType<BrowserContext['storageState']>>;
let runs: () => Promise<readonly LiveRun[]> = async () => [];
const startedMs = Date.now();
const nowMs = () => Date.parse('2026-11-22T09:00:00Z') + (Date.now() - startedMs);
const liveRun = (city: Partial<CityProgress>): LiveRun => ({
  ...{ executionId: 'daily-2026-11-22-2', startedAtMs: nowMs(), movedAtMs: nowMs(), isAlive: true },
  planned: ['Helsinki'],
  cities: [{ ...helsinki, ...city }],
});

describe.skipIf(chromiumPath === null)('in a real browser (Chromium; CHROMIUM names another)', () => {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
    dashboard = await startTestDashboard({
      nowMs,
      parts: () => ({ live: { ...nothingLive, runs: () => runs() } }),
      fill: async (store) => {
        for (const day of [20, 21, 22]) {
          await store.startExecution({
            ...{ executionId: `daily-2026-11-${day}`, nominalDay: `2026-11-${day}`, cities: [] },
            startedAtUtc: `2026-11-${day}T03:00:00.000Z`,
          });
          await runCity(store, day, { pages: ['1', '2'] });
        }
        const partial = { verdict: 'partial', reason: '1 listing failed', failed: 1, unchanged: 0 } as const;
        const startedAtUtc = '2026-11-22T03:00:00.000Z';
        const finishedAtUtc = '2026-11-22T03:20:00.000Z';
        const receipt = receiptOf({ executionId, city: 'Espoo', ...partial, startedAtUtc, finishedAtUtc });
        await store.startCity({ executionId, city: 'Espoo', startedAtUtc });
        await store.saveCityReceipt(receipt, null);
        const url = 'https://asunnot.oikotie.fi/myytavat-asunnot/espoo/4';
        const failure = failureWrite('4', { executionId, city: 'Espoo', message: evil, url });
        await store.commit(writesOf({ failures: [failure] }));
        store.recordRequest(requestEntry({ executionId, city: 'Espoo', kind: 'listing', url, status: 500 }));
        await store.flush();
      },
    });
    const context = await browser.newContext();
    await signIn(await context.newPage(), 'vera');
    session = await context.storageState();
    await context.close();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await dashboard?.close();
  });

  describe.each(['desk', 'phone'] as const)('on a %s', (size) => {
    let context: BrowserContext;
    let page: Page;
    let troubles: string[];

    beforeEach(async () => {
      runs = async () => [];
      context = await browser.newContext({ viewport: sizes[size], locale: 'en', storageState: session });
      page = await context.newPage();
      troubles = [];
      page.on('console', (message) => void (message.type() === 'error' && troubles.push(message.text())));
      page.on('pageerror', (error) => troubles.push(String(error)));
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== dashboard.origin) troubles.push(`another host: ${request.url()}`);
      });
      await page.goto(dashboard.origin);
    });
    afterEach(async () => {
      await context.close();
      expect(troubles).toEqual([]);
    });

    it('leads from today to what failed in a city, and to what the portal answered', async () => {
      await page.getByRole('link', { name: '1 failed in Espoo: show which' }).click();
      await page.getByText(evil).waitFor();
      expect(await page.title()).not.toBe('taken');
      await page.getByRole('link', { name: 'Show what was answered for 4' }).click();
      await page.getByRole('cell', { name: '500' }).waitFor();
      expect(await findings(page)).toEqual([]);
    });

    it('leads from a mark of the last 60 days to that day', async () => {
      await page.getByRole('link', { name: 'complete', exact: true }).first().click();
      expect(page.url()).toMatch(/executions\/daily-2026-11-2\d\/cities\/Helsinki$/);
    });

    it.each(['/', '/executions', `/executions/${executionId}`, `/executions/${executionId}/audit`, '/quality'])(
      'shows %s without anything that keeps people out, and as wide as the screen',
      async (path) => {
        await page.goto(`${dashboard.origin}${path}`);
        expect(await findings(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(sizes[size].width);
      },
    );

    it('moves while a run goes on, and keeps the place of who reads by keyboard', async () => {
      runs = async () => [liveRun({ settled: 41 })];
      await page.goto(dashboard.origin);
      await page.getByText('40 / 100').waitFor();
      await page.getByRole('link', { name: 'Espoo', exact: true }).first().focus();
      runs = async () => [liveRun({ settled: 61 })];
      await page.getByText('60 / 100').waitFor();
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Espoo');
    });
  });

  it('says that the connection is lost, and is right at once when it is back', async () => {
    runs = async () => [liveRun({ settled: 41 })];
    const context = await browser.newContext({ locale: 'en', storageState: session });
    const page = await context.newPage();
    await page.route('**/live/today?*', (route) => route.abort());
    await page.goto(dashboard.origin);
    // What was seen last is shown for a moment after the run has gone on.
    while ((await page.getByText('40 / 100').count()) === 0) await page.reload();
    await page.getByText('The connection is lost').waitFor();
    runs = async () => [liveRun({ settled: 81 })];
    await page.unroute('**/live/today?*');
    await page.getByText('80 / 100').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await context.close();
  });

  it('can be read without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'fi', storageState: session });
    const page = await context.newPage();
    await page.goto(dashboard.origin);
    expect(await page.getByRole('table').first().textContent()).toContain('Espoo');
    await context.close();
  });
});

async function signIn(page: Page, name: Name): Promise<void> {
  await page.goto(`${dashboard.origin}/sign-in`);
  await page.locator('#name').fill(name);
  await page.locator('#password').fill(passwords[name]);
  await page.locator('form.sign-in button').click();
  await page.waitForURL(`${dashboard.origin}/`);
}

/** What axe calls serious or critical, with where. */
async function findings(page: Page): Promise<readonly string[]> {
  // By the browser itself: the page's own policy lets no script in.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run();
    const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return bad.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  });
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
