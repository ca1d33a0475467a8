/**
 * The way to the portal, put together: gate, fetcher with robots rules, session, client, browser. Everything a process asks of
 * the portal goes through one of these, so that its limits hold for requests of every kind.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import type { ResponseArchive } from '../src/crawl/archiving-fetcher.ts';
import { createArchivingFetcher } from '../src/crawl/archiving-fetcher.ts';
import type { Fetcher } from '../src/crawl/fetcher.ts';
import { createGate } from '../src/crawl/gate.ts';
import type { GateWaitListener } from '../src/crawl/gate-wait.ts';
import { listenToGate } from '../src/crawl/gate-wait.ts';
import { createHttpFetcher } from '../src/crawl/http-fetcher.ts';
import type { PortalClient } from '../src/crawl/portal-client.ts';
import { createPortalClient } from '../src/crawl/portal-client.ts';
import type { RenderedPortal } from '../src/crawl/rendered-portal.ts';
import { createRenderedPortal } from '../src/crawl/rendered-portal.ts';
import type { RequestSink } from '../src/crawl/request-log.ts';
import { productTokenOf } from '../src/crawl/robots-rules.ts';
import { createSessionKeeper } from '../src/crawl/session.ts';
import type { Log } from '../src/log.ts';
import { readRobots } from '../src/portal/robots.ts';
import { parseSearchPage } from '../src/portal/search-page.ts';
import { createLazyBrowser } from './lazy-browser.ts';

interface PortalOptions {
  readonly config: Pick<Config, 'crawler' | 'browser' | 'nodeId'>;
  /** The cities whose limits hold; a request of another city counts against the portal only. */
  readonly tasks: readonly Pick<CityTask, 'city' | 'requestIntervalMs' | 'proxyUrl' | 'fetchMode'>[];
  readonly clock: Clock;
  readonly executionId: string;
  readonly requestSink: RequestSink;
  /** Takes the pages that data is read from; by default nobody does. */
  readonly archive?: ResponseArchive | null;
  readonly onGateWait?: GateWaitListener;
  readonly log: Log;
}

export interface Portal {
  /** Asks for listings as their city's task says: by HTTP, or by way of a browser. */
  readonly client: PortalClient & Pick<RenderedPortal, 'searchPage'>;
  readonly fetcher: Fetcher;
  /** Closes the browser and the connections. */
  readonly close: () => Promise<void>;
}

export function createPortal(options: PortalOptions): Portal {
  const { config, tasks, clock, executionId, requestSink, log, archive = null, onGateWait = () => {} } = options;
  const { crawler, nodeId } = config;
  const intervals = new Map(tasks.map((task) => [task.city, task.requestIntervalMs]));
  const gate = createGate({
    clock,
    portalIntervalMs: crawler.portalIntervalMs,
    cityIntervalMs: (city) => intervals.get(city) ?? 0,
  });
  const proxyUrls = new Map(tasks.map((task) => [task.city, task.proxyUrl]));
  const http = createHttpFetcher({
    ...crawler,
    proxies: { ...crawler.proxies, ofCity: (city) => proxyUrls.get(city) ?? null },
    gate: listenToGate(gate, clock, onGateWait),
    robots: crawler.obeysRobots
      ? { readRobots, userAgentToken: productTokenOf(crawler.userAgent), ttlMs: crawler.robotsTtlMs }
      : null,
    clock,
    requestSink,
    executionId,
    nodeId,
  });
  const fetcher = archive === null ? http : createArchivingFetcher(http, archive);
  const session = createSessionKeeper({ fetcher, readSession: readSessionTokens, clock });
  const browser = createLazyBrowser({ config, fetcher, clock, log });
  const client = createPortalClient({ fetcher, session, clock });
  const rendered = createRenderedPortal({ fetcher: browser, clock });
  const shownCities = new Set(tasks.filter(({ fetchMode }) => fetchMode === 'browser').map(({ city }) => city));
  return {
    client: {
      ...client,
      searchPage: rendered.searchPage,
      listing: (request) => (shownCities.has(request.city) ? rendered : client).listing(request),
    },
    fetcher,
    close: async () => {
      await browser.close();
      await fetcher.close();
    },
  };
}

function readSessionTokens(html: string): { token: string; loaded: string; cuid: string } | null {
  const page = parseSearchPage(html);
  return page.kind === 'search_page' ? page.session : null;
}
