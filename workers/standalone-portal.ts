/**
 * The portal as one process alone asks it: the store is its ledger, and budgets and intervals go on where an earlier
 * process of the day left them.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf } from '../src/clock.ts';
import type { ResponseArchive } from '../src/crawl/archiving-fetcher.ts';
import type { GateWaitListener } from '../src/crawl/gate-wait.ts';
import type { RequestSink } from '../src/crawl/request-log.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { Log } from '../src/log.ts';
import { createMemoryBudgetCounter } from '../src/resilience/budget-counter.ts';
import type { Portal } from './portal.ts';
import { createPortal } from './portal.ts';

interface RunContext {
  readonly config: Config;
  readonly tasks: readonly CityTask[];
  readonly clock: Clock;
  readonly log: Log;
}

interface PortalExtras {
  readonly executionId: string;
  /** Told of each request beside the store. */
  readonly onRequest: RequestSink;
  readonly checkBeforeSending: (city: string) => void;
  readonly archive: ResponseArchive | null;
  readonly onGateWait?: GateWaitListener;
}

/** The portal with the store as its ledger. */
export async function openStandalonePortal(
  { config, tasks, clock, log }: RunContext,
  store: SeriesStore,
  { onRequest, ...extras }: PortalExtras,
): Promise<Portal> {
  const requestSink: RequestSink = (entry) => {
    store.recordRequest(entry);
    onRequest(entry);
  };
  const today = await goOnFromToday(store, clock);
  return createPortal({ config, tasks, clock, log, requestSink, ledger: store, ...today, ...extras });
}

/**
 * Budgets and intervals go on where an earlier process of this day left them. What was for no single city (robots.txt)
 * counts against each of them: nobody wrote down who made it necessary, and a budget must not be exceeded.
 */
async function goOnFromToday(store: SeriesStore, clock: Clock) {
  const day = nominalDayOf(clock.now());
  const { requests, lastSentAtMs, cities } = await store.requestsOfDay(day);
  const forNoCity = requests - cities.reduce((sum, each) => sum + each.requests, 0);
  const countOf = new Map(cities.map((each) => [each.city, each.requests + forNoCity]));
  const lastOf = new Map<string | null, number | null>(cities.map((each) => [each.city, each.lastSentAtMs]));
  return {
    budgetCounter: createMemoryBudgetCounter({ day, portal: requests, cities: countOf }),
    lastSentAtMs: (city: string | null) => (city === null ? lastSentAtMs : (lastOf.get(city) ?? null)),
  };
}
