/**
 * Search pages shown in a browser against the JSON search, on the simulator, one after another and without limits:
 * pages per second, requests and memory.
 * Usage: npm run build && node dist/bench/browser-pages.js [pages]
 */
import { pino } from 'pino';
import { startSimulator } from '../simulator/server.ts';
import { systemClock } from '../src/clock.ts';
import { createBrowserFetcher } from '../src/crawl/browser/browser-fetcher.ts';
import { processTreeBytes } from '../src/crawl/browser/process-memory.ts';
import { createGate } from '../src/crawl/gate.ts';
import { createHttpFetcher } from '../src/crawl/http-fetcher.ts';

const pages = Number(process.argv[2] ?? 30);
const userAgent = 'oikotie-collector/bench (+mailto:test@example.org)';
const simulator = await startSimulator();
let requests = 0;
let browserPid = 0;
const http = createHttpFetcher({
  userAgent,
  allowedHosts: [],
  requestTimeoutMs: 30_000,
  maxBodyBytes: 2_000_000,
  gate: createGate({ clock: systemClock, portalIntervalMs: 0, cityIntervalMs: () => 0 }),
  robots: null,
  clock: systemClock,
  requestSink: () => {
    requests += 1;
  },
  executionId: 'bench',
  nodeId: 'bench',
});
const browser = createBrowserFetcher({
  fetcher: http,
  executablePath: '/usr/bin/chromium',
  userAgent,
  allowedHosts: [],
  maxPages: 2,
  pagesPerBrowser: 1_000,
  maxMemoryBytes: 4_000_000_000,
  pageTimeoutMs: 30_000,
  clock: systemClock,
  log: pino(
    { base: null },
    {
      write: (line: string) => {
        browserPid = JSON.parse(line).pid ?? browserPid;
      },
    },
  ),
});

async function measure(name: string, fetcher: typeof http, url: string): Promise<void> {
  const request = { url, kind: 'search', city: 'Helsinki', signal: new AbortController().signal } as const;
  await fetcher.fetch(request);
  requests = 0;
  const startedAtMs = Date.now();
  for (let page = 0; page < pages; page += 1) await fetcher.fetch(request);
  const seconds = (Date.now() - startedAtMs) / 1000;
  console.log(`${name}: ${(pages / seconds).toFixed(1)} pages/s, ${(requests / pages).toFixed(1)} requests per page`);
}

const url = simulator.searchUrl('Helsinki', 'sale');
await measure('HTTP, the page without cards', http, url);
await measure('browser, the page with cards', browser, url);
const bytes = browserPid === 0 ? null : await processTreeBytes(browserPid);
console.log(
  `memory: browser ${((bytes ?? 0) / 1e6).toFixed(0)} MB (Pss), Node ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
);
await browser.close();
await http.close();
await simulator.close();
