/**
 * Joins the job handlers to their ports, and says how jobs travel: queues, concurrency, batches, retries. The same
 * handlers serve every engine.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { JobEngineOptions, QueueSettings } from '../queues/job-engine.ts';
import type { Clock } from '../src/clock.ts';
import type { LiveCityLimits } from '../src/crawl/city-limits.ts';
import { categoryOf } from '../src/errors.ts';
import type { CityGuard } from '../src/jobs/city-guard.ts';
import { guardHandler } from '../src/jobs/city-guard.ts';
import { createCloseQuarantineHandler } from '../src/jobs/close-quarantine.ts';
import type { Discovery } from '../src/jobs/discovery.ts';
import type { FetchPolicy } from '../src/jobs/fetch-decision.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import {
  createFinalizeCityHandler,
  createFinalizeRunHandler,
  createStartCityHandler,
} from '../src/jobs/finalize-handlers.ts';
import type { AnyJobHandler, JobKind } from '../src/jobs/job.ts';
import { sealHandler } from '../src/jobs/job.ts';
import { crawlQueueOf, queueNames } from '../src/jobs/job-names.ts';
import type { KnownPages } from '../src/jobs/known-pages.ts';
import { createListingHandler } from '../src/jobs/listing-handler.ts';
import type { ReadListingPage } from '../src/jobs/page-reader.ts';
import type { PortalSource } from '../src/jobs/portal-source.ts';
import { createReconcileListHandler } from '../src/jobs/reconcile-list-handler.ts';
import { createCityHandler, createRunHandler } from '../src/jobs/run-handlers.ts';
import { createSearchPageHandler } from '../src/jobs/search-page-handler.ts';
import { createSkipDayHandler } from '../src/jobs/skip-day-handler.ts';
import { createStoreBatchHandler } from '../src/jobs/store-batch-handler.ts';
import type { RetryPolicy } from '../src/resilience/retry-decision.ts';
import { decideRetry } from '../src/resilience/retry-decision.ts';
import { policyFor } from '../src/resilience/retry-rules.ts';
import { createKnownPages } from './known-pages.ts';

interface CrawlPorts {
  readonly config: Config;
  readonly clock: Clock;
  readonly knownPages: KnownPages;
  readonly portal: Pick<PortalSource, 'listing'>;
  readonly discovery: Discovery;
  readonly readPage: ReadListingPage;
  readonly guard: CityGuard;
}

interface HandlerPorts extends Omit<CrawlPorts, 'clock' | 'knownPages'> {
  readonly books: BookOptions;
}

/** Every handler of a process that both crawls and stores. */
export function createHandlers(ports: HandlerPorts): Pick<JobEngineOptions, 'handlers' | 'batchHandler'> {
  const { store, clock } = ports.books;
  const crawl = createCrawlHandlers({ ...ports, clock, knownPages: createKnownPages(store) });
  return {
    handlers: [...createBookHandlers(ports.books), sealHandler(createCityHandler()), ...crawl],
    batchHandler: createStoreBatchHandler({ store, clock }),
  };
}

/** The handlers that ask the portal. */
export function createCrawlHandlers(ports: CrawlPorts): readonly AnyJobHandler[] {
  const { config, clock, discovery, guard, ...rest } = ports;
  const { collectPersonalData: collectsPersonalData, nodeId } = config;
  const fetching = { knownPages: ports.knownPages, policyOf: fetchPoliciesOf(config) };
  const listing = createListingHandler({ ...rest, collectsPersonalData, nodeId, clock, boundsOf: boundsIn(config) });
  return [
    sealHandler(guardHandler(createSearchPageHandler({ discovery, clock, ...fetching }), guard)),
    sealHandler(guardHandler(listing, guard)),
  ];
}

/** Which pages of a city are fetched, as its task says. */
function fetchPoliciesOf({ tasks, crawler }: Config): (city: string) => FetchPolicy {
  const policies = new Map(
    tasks.map(({ city, bulkDownloadPreference, cacheDurationHours }) => {
      const refreshAfterMs = cacheDurationHours * crawler.refreshFactor * 3_600_000;
      return [city, { fetchesAll: !bulkDownloadPreference, refreshAfterMs }];
    }),
  );
  return (city) => policies.get(city) ?? { fetchesAll: true, refreshAfterMs: 0 };
}

/** The box that the listings of a city lie in, as its task says. */
export function boundsIn({ tasks }: Pick<Config, 'tasks'>): (city: string) => CityTask['coordinateBounds'] {
  const bounds = new Map(tasks.map(({ city, coordinateBounds }) => [city, coordinateBounds]));
  return (city) => bounds.get(city) ?? null;
}

/** The handlers that keep the books of executions and cities. */
export function createBookHandlers(books: BookOptions): readonly AnyJobHandler[] {
  const { store, quality } = books;
  return [
    sealHandler(createRunHandler(books)),
    sealHandler(createStartCityHandler(books)),
    sealHandler(createReconcileListHandler({ store, rereadPasses: quality?.rereadPasses ?? 0 })),
    sealHandler(createFinalizeCityHandler(books)),
    sealHandler(createFinalizeRunHandler(books)),
    sealHandler(createSkipDayHandler(books)),
    sealHandler(createCloseQuarantineHandler(books)),
  ];
}

/** Kinds without which the books cannot be right: when one is given up, the run ends with its error. */
const fatalKinds: ReadonlySet<JobKind> = new Set<JobKind>([
  'run',
  'start-city',
  'store-search-page',
  'store-failure',
  'store-unchanged',
  'store-ledger',
  'finalize-city',
  'finalize-run',
]);

/** Writes are tried again soon: their errors are local (a full disk, a locked file), not the portal's. */
const storeRetry: RetryPolicy = {
  strategy: 'EXPONENTIAL_BACKOFF',
  maxAttempts: 3,
  baseDelayMs: 500,
  maxDelayMs: 2_000,
  multiplier: 2,
  jitter: 0,
};

/** The retry policies of the jobs that ask the portal. A lost search page costs a city, so it is tried as a city is. */
function basePolicies({ retry }: Config): ReadonlyMap<JobKind, RetryPolicy> {
  return new Map<JobKind, RetryPolicy>([
    ['listing', retry.listing],
    ['search-page', retry.city],
  ]);
}

/** The city of each crawl queue. */
export function citiesByQueue(tasks: readonly Pick<CityTask, 'city'>[]): ReadonlyMap<string, string> {
  return new Map(tasks.map(({ city }) => [crawlQueueOf(city), city]));
}

/** The concurrency of a crawl queue follows the load of the process, and what an operator sets. */
function crawlSettings(workers: () => number, limit: (configured: number) => number): QueueSettings {
  return {
    get concurrency() {
      return limit(workers());
    },
  };
}

interface EngineSettingsInput {
  readonly config: Config;
  readonly tasks: readonly CityTask[];
  readonly random: () => number;
  /** How many of the configured jobs may ask the portal at once now; asked for every start. */
  readonly limit?: (configured: number) => number;
  /** Limits of the cities that may change; by default as configured. */
  readonly cityLimits?: Pick<LiveCityLimits, 'of'>;
}

/** Concurrency, batches and retries as configured. */
export function engineSettings({
  config,
  tasks,
  random,
  limit = (configured) => configured,
  cityLimits,
}: EngineSettingsInput): Pick<JobEngineOptions, 'settingsOf' | 'decideRetry' | 'fatalKinds'> {
  const workersOf = new Map(tasks.map((task) => [crawlQueueOf(task.city), task.maxDetailWorkers]));
  const cityOf = citiesByQueue(tasks);
  const settingsOf = (queue: string): QueueSettings => {
    if (queue === queueNames.cities) return { concurrency: config.concurrentCities };
    const workers = workersOf.get(queue);
    const city = cityOf.get(queue);
    if (workers !== undefined && city !== undefined)
      return crawlSettings(() => cityLimits?.of(city).maxDetailWorkers ?? workers, limit);
    if (queue !== queueNames.store) return { concurrency: 1 };
    return { concurrency: 1, batch: { maxJobs: config.database.batchRows, maxDelayMs: config.database.batchDelayMs } };
  };
  return {
    settingsOf,
    fatalKinds,
    decideRetry: ({ kind, queue, error, attempts, starts }) => {
      const scope = { category: categoryOf(error), city: cityOf.get(queue) ?? null };
      const base = basePolicies(config).get(kind);
      const policy = base === undefined ? storeRetry : policyFor(base, config.retry.rules, scope);
      return decideRetry({ error, attempt: attempts, startedAttempts: starts, policy, random });
    },
  };
}
