/**
 * The way to the portal, put together: gate, politeness, fetcher with robots rules, session, client, browser. Everything
 * a process asks of the portal goes through one of these, so that its limits hold for requests of every kind.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { paceClockOf, toUtcIso } from '../src/clock.ts';
import type { AdaptivePace } from '../src/crawl/adaptive-pace.ts';
import { createAdaptivePace } from '../src/crawl/adaptive-pace.ts';
import type { ResponseArchive } from '../src/crawl/archiving-fetcher.ts';
import { createArchivingFetcher } from '../src/crawl/archiving-fetcher.ts';
import type { LiveCityLimits } from '../src/crawl/city-limits.ts';
import type { Fetcher } from '../src/crawl/fetcher.ts';
import type { Gate, GateOptions } from '../src/crawl/gate.ts';
import { createGate } from '../src/crawl/gate.ts';
import type { GateWaitListener } from '../src/crawl/gate-wait.ts';
import { listenToGate } from '../src/crawl/gate-wait.ts';
import { createHttpFetcher } from '../src/crawl/http-fetcher.ts';
import type { LimitLog } from '../src/crawl/limit-log.ts';
import { createLimitLog } from '../src/crawl/limit-log.ts';
import { createPoliteGate } from '../src/crawl/polite-gate.ts';
import type { PortalClient } from '../src/crawl/portal-client.ts';
import { createPortalClient } from '../src/crawl/portal-client.ts';
import type { RenderedPortal } from '../src/crawl/rendered-portal.ts';
import { createRenderedPortal } from '../src/crawl/rendered-portal.ts';
import type { LedgerSink, RequestSink } from '../src/crawl/request-log.ts';
import type { RobotsOptions } from '../src/crawl/robots-rules.ts';
import { productTokenOf } from '../src/crawl/robots-rules.ts';
import { createSessionKeeper } from '../src/crawl/session.ts';
import type { Log } from '../src/log.ts';
import { readRobots } from '../src/portal/robots.ts';
import { parseSearchPage } from '../src/portal/search-page.ts';
import type { BudgetCounter } from '../src/resilience/budget-counter.ts';
import { createQuietHours } from '../src/resilience/quiet-hours.ts';
import { createLazyBrowser } from './lazy-browser.ts';

/** A connection that takes longer than this to make holds nobody else up, in milliseconds. */
const departurePatienceMs = 2_000;

/** The limits of this process's configuration, and how much slower to ask now. */
export type GateLimits = Required<Pick<GateOptions, 'clock' | 'portalIntervalMs' | 'cityIntervalMs' | 'slowDown'>>;

interface PortalOptions {
  readonly config: Pick<Config, 'crawler' | 'browser' | 'nodeId' | 'politeness'>;
  /** The cities whose limits hold; a request of another city counts against the portal only. */
  readonly tasks: readonly Pick<
    CityTask,
    'city' | 'requestIntervalMs' | 'dailyRequestBudget' | 'proxyUrl' | 'fetchMode'
  >[];
  readonly clock: Clock;
  readonly executionId: string;
  readonly requestSink: RequestSink;
  /** Told when the pace changes, when quiet hours hold everything up, and what becomes of browsers. */
  readonly log: Log;
  /** Keeps the limits and what robots.txt said. */
  readonly ledger?: LedgerSink;
  /** Makes the gate that several processes share; by default one of this process's own. */
  readonly createSharedGate?: (limits: GateLimits) => Gate;
  /** Limits of the cities that may change; by default they stay as configured. */
  readonly cityLimits?: LiveCityLimits;
  /** Counts the requests of a day; without it the daily budgets do not hold. */
  readonly budgetCounter?: BudgetCounter;
  /** When the city, or the portal (null), was last asked, in epoch milliseconds: an earlier process counts too. */
  readonly lastSentAtMs?: (city: string | null) => number | null;
  /** Takes the pages that data is read from; by default nobody does. */
  readonly archive?: ResponseArchive | null;
  readonly onGateWait?: GateWaitListener;
  /** Asked for each request of a city when its turn has come; what it throws stops the request. */
  readonly checkBeforeSending?: (city: string) => void;
}

export interface Portal {
  /** Asks for listings as their city's task says: by HTTP, or by way of a browser. */
  readonly client: PortalClient & Pick<RenderedPortal, 'searchPage'>;
  readonly fetcher: Fetcher;
  /** Closes the browser and the connections. */
  readonly close: () => Promise<void>;
}

export function createPortal(options: PortalOptions): Portal {
  const {
    config,
    tasks,
    clock,
    executionId,
    requestSink,
    log,
    checkBeforeSending,
    archive = null,
    onGateWait = () => {},
  } = options;
  const { crawler, nodeId } = config;
  const limitLog = createLimitLogOf(options);
  const pace = createPaceOf(options, limitLog);
  const stopFollowing = followLimits(options, limitLog);
  const proxyUrls = new Map(tasks.map((task) => [task.city, task.proxyUrl]));
  const http = createHttpFetcher({
    ...crawler,
    proxies: { ...crawler.proxies, ofCity: (city) => proxyUrls.get(city) ?? null },
    gate: listenToGate(createGateOf(options, pace, limitLog), clock, onGateWait),
    robots: crawler.obeysRobots ? robotsOptionsOf(options) : null,
    clock,
    requestSink: (entry) => {
      requestSink(entry);
      pace?.observe(entry);
    },
    ...(checkBeforeSending === undefined ? {} : { checkBeforeSending }),
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
      stopFollowing();
      await browser.close();
      await fetcher.close();
    },
  };
}

/** Tells the log of limits what an operator sets; gives back how to stop. */
function followLimits({ cityLimits }: PortalOptions, limitLog: LimitLog | null): () => void {
  if (cityLimits === undefined || limitLog === null) return () => undefined;
  return cityLimits.onChange((city, { requestIntervalMs }, sinceMs) =>
    limitLog.reset(city, requestIntervalMs, sinceMs),
  );
}

function createLimitLogOf(options: PortalOptions): LimitLog | null {
  const { config, tasks, clock, executionId, ledger, cityLimits } = options;
  if (ledger === undefined) return null;
  const { crawler, politeness } = config;
  const portal = { intervalMs: crawler.portalIntervalMs, dailyRequestBudget: politeness.dailyRequestBudget };
  const configured = new Map<string | null, typeof portal>([[null, portal]]);
  for (const { city, requestIntervalMs, dailyRequestBudget } of tasks) {
    const intervalMs = cityLimits?.of(city).requestIntervalMs ?? requestIntervalMs;
    configured.set(city, { intervalMs, dailyRequestBudget });
  }
  return createLimitLog({ clock, executionId, record: ledger.recordLimit, configured });
}

/** Null when nothing is ever to be asked more slowly than configured. */
function createPaceOf({ config, log }: PortalOptions, limitLog: LimitLog | null): AdaptivePace | null {
  const { slowsDown, maxSlowDown } = config.politeness;
  if (!slowsDown) return null;
  return createAdaptivePace({
    maxFactor: maxSlowDown,
    onStep: ({ city, factor, reason }) => {
      limitLog?.slowedDown(city, factor);
      const fields = { city, factor: Math.round(factor * 100) / 100, reason };
      if (factor === 1) log.info(fields, 'asking as fast as configured again');
      else log.info(fields, 'asking more slowly than configured');
    },
  });
}

function createGateOf(options: PortalOptions, pace: AdaptivePace | null, limitLog: LimitLog | null): Gate {
  const { config, tasks, clock, log, budgetCounter } = options;
  const taskOf = new Map(tasks.map((task) => [task.city, task]));
  const limits: GateLimits = {
    clock: paceClockOf(clock),
    portalIntervalMs: config.crawler.portalIntervalMs,
    cityIntervalMs: (city) => taskOf.get(city)?.requestIntervalMs ?? 0,
    slowDown: (city) => pace?.factorOf(city) ?? 1,
  };
  const createOwnGate = (): Gate =>
    createGate({
      ...limits,
      departurePatienceMs,
      sinceLastMs: (city) => clock.now() - (options.lastSentAtMs?.(city) ?? Number.NEGATIVE_INFINITY),
    });
  const gate = options.createSharedGate?.(limits) ?? createOwnGate();
  const politeGate = createPoliteGate({
    gate,
    clock,
    quietHours: createQuietHours(config.politeness.quietHours),
    budget:
      budgetCounter === undefined
        ? null
        : {
            counter: budgetCounter,
            portalLimit: config.politeness.dailyRequestBudget,
            cityLimit: (city) => taskOf.get(city)?.dailyRequestBudget ?? null,
          },
    onQuiet: (untilMs) => log.warn({ untilUtc: toUtcIso(untilMs) }, quietSentence(untilMs)),
  });
  return {
    ...politeGate,
    widen: (city, intervalMs) => {
      limitLog?.widened(city, intervalMs);
      politeGate.widen(city, intervalMs);
    },
  };
}

function quietSentence(untilMs: number): string {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', timeStyle: 'short' }).format(untilMs);
  return `quiet hours: nothing is asked before ${time} Helsinki time, what waits goes on then`;
}

function robotsOptionsOf({ config, clock, executionId, ledger }: PortalOptions): RobotsOptions {
  const { crawler } = config;
  return {
    readRobots,
    userAgentToken: productTokenOf(crawler.userAgent),
    ttlMs: crawler.robotsTtlMs,
    onDecision: (decision, city) =>
      ledger?.recordRobots({ decidedAtUtc: toUtcIso(clock.now()), executionId, city, decision }),
  };
}

function readSessionTokens(html: string): { token: string; loaded: string; cuid: string } | null {
  const page = parseSearchPage(html);
  return page.kind === 'search_page' ? page.session : null;
}
