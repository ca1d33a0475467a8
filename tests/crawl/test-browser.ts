/**
 * A browser fetcher for tests: real Chromium, loopback only, no limits unless asked for. Shared by the tests of one file,
 * because a browser takes a second to start.
 */
import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import type { BrowserFetcher, BrowserFetcherOptions } from '../../src/crawl/browser/browser-fetcher.ts';
import { createBrowserFetcher } from '../../src/crawl/browser/browser-fetcher.ts';
import type { FetchRequest, RenderedPage } from '../../src/crawl/fetcher.ts';
import { createGate } from '../../src/crawl/gate.ts';
import type { HttpFetcherOptions } from '../../src/crawl/http-fetcher.ts';
import { createHttpFetcher } from '../../src/crawl/http-fetcher.ts';
import type { RequestLogEntry } from '../../src/crawl/request-log.ts';
import { readRobots } from '../../src/portal/robots.ts';
import { chromiumPath } from '../chromium-path.ts';

export const testUserAgent = 'oikotie-collector/0.1 (+mailto:test@example.org)';

export interface TestBrowser {
  readonly fetcher: BrowserFetcher;
  /** Every request that left. */
  readonly log: RequestLogEntry[];
  /** What the fetcher logged, oldest first. */
  readonly events: { readonly msg: string; readonly pid?: number }[];
  /** Process ids of the browsers started so far. */
  readonly browserPids: () => readonly number[];
  /** Opens a search page of Helsinki, or what `extra` says. */
  readonly open: (url: string, extra?: Partial<FetchRequest>) => Promise<RenderedPage>;
  readonly close: () => Promise<void>;
}

interface TestBrowserOptions {
  readonly browser?: Partial<BrowserFetcherOptions>;
  readonly http?: Partial<HttpFetcherOptions>;
}

/** Makes a fetcher with 2 s per request and 3 s per page; the caller closes it. */
export function createTestBrowser({ browser = {}, http = {} }: TestBrowserOptions = {}): TestBrowser {
  const log: RequestLogEntry[] = [];
  const events: { readonly msg: string; readonly pid?: number }[] = [];
  const httpFetcher = createHttpFetcher({
    userAgent: testUserAgent,
    allowedHosts: [],
    requestTimeoutMs: 2_000,
    maxBodyBytes: 2_000_000,
    gate: createGate({ clock: systemClock, portalIntervalMs: 0, cityIntervalMs: () => 0 }),
    robots: { readRobots, userAgentToken: 'oikotie-collector', ttlMs: 600_000 },
    clock: systemClock,
    requestSink: (entry) => log.push(entry),
    executionId: 'test-run',
    nodeId: 'test-node',
    ...http,
  });
  const fetcher = createBrowserFetcher({
    fetcher: httpFetcher,
    executablePath: chromiumPath ?? '',
    userAgent: testUserAgent,
    allowedHosts: [],
    maxPages: 2,
    pagesPerBrowser: 100,
    maxMemoryBytes: 4_000_000_000,
    pageTimeoutMs: 3_000,
    clock: systemClock,
    log: pino({ level: 'info', base: null }, { write: (line: string) => events.push(JSON.parse(line)) }),
    ...browser,
  });
  return {
    fetcher,
    log,
    events,
    browserPids: () => events.filter(({ msg }) => msg === 'browser started').map(({ pid }) => pid ?? 0),
    open: (url, extra) =>
      fetcher.fetch({ url, kind: 'search', city: 'Helsinki', signal: new AbortController().signal, ...extra }),
    close: async () => {
      await fetcher.close();
      await httpFetcher.close();
    },
  };
}
