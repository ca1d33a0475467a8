/**
 * What a browser fetches and waits for at the first load of each page of the menu, with nothing in its cache. After `npm run build`,
 * with a dashboard that runs and asks nobody who they are: `node dist/bench/first-load.js http://127.0.0.1:3000 [Chromium]`.
 * Ends with exit code 1 when a page takes 200 KB or more; times are for reading only.
 */
import { loadavg } from 'node:os';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { sections } from '../dashboard/sections.ts';

const mostBytes = 200_000;
const [origin, executablePath = '/usr/bin/chromium'] = process.argv.slice(2);
if (origin === undefined) throw new Error('usage: first-load <origin of a dashboard, e.g. http://127.0.0.1:3000>');

/** The pages of the menu, and those of a city, which have more to show. */
const paths = [...sections.map(({ path }) => path), '/map?city=Helsinki', '/market?city=Helsinki', '/api/v1/docs'];

async function load(browser: Browser, path: string): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  let [bytes, requests] = [0, 0];
  network.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests += 1;
  });
  await network.send('Network.enable');
  await page.goto(`${origin}${path}`, { waitUntil: 'load' });
  // The scripts of a page are modules: when this event is over they have run, and the page does what it can.
  const readyMs = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation');
    return (navigation as PerformanceNavigationTiming).domContentLoadedEventEnd;
  });
  if (bytes >= mostBytes) process.exitCode = 1;
  console.log(
    `${path}: ${requests} requests, ${(bytes / 1_000).toFixed(1)} KB as sent, interactive after ${readyMs.toFixed(0)} ms`,
  );
  await context.close();
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const path of paths) await load(browser, path);
  console.log(`load average: ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await browser.close();
}
