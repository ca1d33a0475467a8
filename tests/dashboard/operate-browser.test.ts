/**
 * The pages of the cluster in a real browser, while two real workers collect and one of them is killed: the page shows that it
 * is gone and that the run goes on. Also on a phone, without findings of axe, without errors, without other hosts.
 */
import { PassThrough } from 'node:stream';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { openDashboard } from '../../cli/dashboard.ts';
import { loadConfig } from '../../config/load-config.ts';
import { hashPassword } from '../../dashboard/auth/passwords.ts';
import { chromiumPath } from '../chromium-path.ts';
import { createCluster, patience, untilAsked } from '../cli/cluster-place.ts';
import { hasRedisServer } from '../queues/redis-server.ts';
import { passwords } from './running-dashboard.ts';

const executablePath = chromiumPath ?? '';

it.skipIf(chromiumPath === null || !hasRedisServer)(
  'shows an operator a worker that is killed, and the run that goes on without it',
  { timeout: 400_000 },
  async (test) => {
    const cluster = await createCluster(test, {
      ...{ perCity: 60, requestsPerSecond: 3 },
      coordination: { heartbeat_interval: 2 },
      globalSettings: { dashboard: { port: 0, users: [`otto:operator:${await hashPassword(passwords.otto)}`] } },
    });
    for (const name of ['worker-1', 'worker-2']) cluster.node('worker', name);
    cluster.node('store', 'store-1');
    const { config } = loadConfig({ path: cluster.configPath, environment: {} });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const dashboard = await openDashboard(config, { stdout, stderr, signal: new AbortController().signal });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    test.onTestFinished(async () => {
      await browser.close();
      await dashboard.close();
    });
    const { page, context, troubles } = await signedIn(browser, dashboard.origin);

    await page.goto(`${dashboard.origin}/cluster`);
    await page.getByRole('row', { name: /worker-2.*healthy/ }).waitFor();
    await page.getByRole('row', { name: /worker-1.*healthy/ }).waitFor();
    await page.getByRole('link', { name: 'Run now', exact: true }).click();
    await page.getByRole('button', { name: 'Yes, do it' }).click();
    await page.getByText(/daily-[\d-]+ is on its queue/).waitFor();
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByText(/Under way: daily-/).waitFor();
    await untilAsked(cluster, 6);

    await cluster.kill('worker-2');

    // Nobody loads the page again: it keeps itself up to date.
    await page.getByRole('row', { name: /worker-2.*offline/ }).waitFor({ timeout: patience.timeout });
    const asked = cluster.listingRequests();
    await untilAsked(cluster, asked + 4);
    await page.getByText(/Under way: daily-/).waitFor();
    await page.getByText('2 of 3 nodes are healthy.').waitFor();
    expect(await findingsOf(page)).toEqual([]);

    await lookOnAPhone(page, dashboard.origin);
    await lookAtTheQueues(page, dashboard.origin);
    expect(troubles).toEqual([]);
    await context.close();
  },
);

/** A browser in which the operator has signed in, and what goes wrong in it. */
async function signedIn(browser: Browser, origin: string) {
  const context: BrowserContext = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(patience.timeout);
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) troubles.push(request.url());
  });
  // The first page has nothing to show before the first city is published.
  await page.goto(`${origin}/sign-in?to=%2Fcluster`);
  await page.getByLabel('User name').fill('otto');
  await page.getByLabel('Password').fill(passwords.otto);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(/nodes are healthy|No node is running/).waitFor();
  return { context, page, troubles };
}

async function lookOnAPhone(page: Page, origin: string): Promise<void> {
  await page.setViewportSize({ width: 360, height: 780 });
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const path of ['/cluster', '/actions/set-limits?city=Helsinki&to=%2Fcluster', '/actions/run?to=%2Fcluster']) {
    await page.goto(`${origin}${path}`);
    expect([path, await findingsOf(page)]).toEqual([path, []]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect([path, width]).toEqual([path, 360]);
  }
}

async function lookAtTheQueues(page: Page, origin: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${origin}/queues/queue/crawl-helsinki`);
  await page.getByText('crawl-helsinki').first().waitFor();
  await page.goto(`${origin}/queues`);
  await page.getByText('crawl-espoo').first().waitFor();
}

/** What axe finds that is serious or critical, with the elements. */
async function findingsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  // The script has put itself into the page.
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { target: string[] }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
