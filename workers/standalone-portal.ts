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
import type { DayRequests, SeriesStore } from '../src/jobs/series-store.ts';
import type { Log } from '../src/log.ts';
import { addDayRequests, goOnFrom, noRequests } from './asked-today.ts';
import type { Portal } from './portal.ts';
import { createPortal } from './portal.ts';

interface RunContext {
  readonly config: Config;
  readonly tasks: readonly CityTask[];
  readonly clock: Clock;
  readonly log: Log;
  /** What the day has seen beside what the store knows of; by default nothing. */
  readonly askedElsewhere?: DayRequests;
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
  { config, tasks, clock, log, askedElsewhere = noRequests }: RunContext,
  store: SeriesStore,
  { onRequest, ...extras }: PortalExtras,
): Promise<Portal> {
  const requestSink: RequestSink = (entry) => {
    store.recordRequest(entry);
    onRequest(entry);
  };
  const day = nominalDayOf(clock.now());
  const today = goOnFrom(day, addDayRequests(await store.requestsOfDay(day), askedElsewhere));
  return createPortal({ config, tasks, clock, log, requestSink, ledger: store, ...today, ...extras });
}
