/**
 * Plays the days against a simulator whose clock and days move with them, and keeps what the portal truly had on each.
 */
import type { PathKind } from '../../../simulator/request-log.ts';
import { startSimulator } from '../../../simulator/server.ts';
import { createWorld } from '../../../simulator/world.ts';
import type { Clock } from '../../../src/clock.ts';
import { boundsOfNominalDay, systemClock, toUtcIso } from '../../../src/clock.ts';
import { refreshAgeMs } from '../../../src/jobs/fetch-decision.ts';
import type { ListingRecord } from '../../../src/listings/fields.ts';
import type { ExecutionResult } from '../../../src/quality/city-receipt.ts';
import { portalConfig } from '../portal-config.ts';
import type { Rig } from '../run-against-simulator.ts';
import { createRigFor } from '../run-against-simulator.ts';
import { queryRows } from '../stored-records.ts';
import type { CityName, DayPlan, Memory } from './days.ts';
import { cityNames, days, dealOf, sizes, startDay } from './days.ts';

export type Truth = ReadonlyMap<string, ListingRecord>;

export interface PlayedDay {
  readonly plan: DayPlan;
  /** `YYYY-MM-DD` in Helsinki. */
  readonly day: string;
  /** Of its last run. */
  readonly result: ExecutionResult;
  /** Whatever the clock of the machine said. */
  readonly startedAtUtc: string;
  readonly endedAtUtc: string;
  /** What the portal had, city by city. */
  readonly truth: ReadonlyMap<CityName, Truth>;
  /** Requests that reached the portal in all runs of the day. */
  readonly requests: Readonly<Record<'search' | 'listing' | 'all', number>>;
  /** Listings whose page was due to be read again before the day's first run, as far as they were still offered. */
  readonly refreshDue: number;
}

const dayMs = 86_400_000;
/** Runs begin at half past nine in Helsinki, when the portal's day has begun. */
const runAtMs = 9.5 * 3_600_000;
const globalSettings = {
  // As few listings as these still show what a day's pages have in common.
  quality: { min_pages: 5 },
  crawler: { contact: 'test@example.org', max_requests_per_second: null, request_timeout_seconds: 5 },
};
const refreshPolicy = { fetchesAll: false, refreshAfterMs: 7 * dayMs };

/** A clock that shows `startMs` now and goes on from there. */
function clockFrom(startMs: number): Clock {
  const realStartMs = Date.now();
  return { ...systemClock, now: () => startMs + (Date.now() - realStartMs) };
}

export interface Fortnight {
  readonly rig: Rig;
  readonly played: readonly PlayedDay[];
  readonly memory: Memory;
}

/** Plays all days; the caller closes the rig. */
export async function playFortnight(): Promise<Fortnight> {
  let clock = systemClock;
  const world = createWorld({
    seed: 14,
    startDay,
    cities: [
      { name: 'Helsinki', locationId: 64, saleCount: sizes.helsinki, rentCount: 0 },
      { name: 'Espoo', locationId: 39, saleCount: sizes.espoo, rentCount: 0 },
      { name: 'Tampere', locationId: 71, saleCount: 0, rentCount: sizes.tampereRentals },
    ],
  });
  const simulator = await startSimulator({ world, now: () => clock.now() });
  const rig = await createRigFor(simulator, (folder) =>
    portalConfig(simulator, folder, { ...sizes, globalSettings, requestTimeoutSeconds: 5 }),
  );
  const memory: Memory = new Map();
  const played: PlayedDay[] = [];
  for (const [index, plan] of days.entries()) {
    if (index > 0) world.advanceDay();
    const day = world.day();
    clock = clockFrom(boundsOfNominalDay(day).fromMs + runAtMs + (plan.clockErrorMs ?? 0));
    plan.prepare?.(simulator, memory);
    played.push(await playDay(rig, plan, day, clock));
    simulator.faults.clear();
  }
  return { rig, played, memory };
}

async function playDay(rig: Rig, plan: DayPlan, day: string, clock: Clock): Promise<PlayedDay> {
  const { simulator } = rig;
  const truth = new Map(cityNames.map((city) => [city, truthOf(rig, city)]));
  const refreshDue = await countDue(rig, truth, clock.now());
  const trueTime = () => toUtcIso(clock.now() - (plan.clockErrorMs ?? 0));
  const startedAtUtc = trueTime();
  simulator.requestLog.clear();
  const stop = new AbortController();
  const onProgress = () => {
    if (plan.stopsAfterPages === undefined || requestsOf(rig, 'listing') < plan.stopsAfterPages) return;
    stop.abort(new Error('stopped by the test'));
  };
  let result = await rig.run({ clock, signal: stop.signal, onProgress, progressIntervalMs: 5 });
  if (plan.runsTwice === true) result = await rig.run({ clock });
  const requests = {
    search: requestsOf(rig, 'search'),
    listing: requestsOf(rig, 'listing'),
    all: simulator.requestLog.entries().length,
  };
  return { plan, day, result, startedAtUtc, endedAtUtc: trueTime(), truth, requests, refreshDue };
}

function truthOf({ simulator }: Rig, city: CityName): Truth {
  const records = simulator.world.truth(city, dealOf[city], simulator.origin);
  return new Map(records.map((record) => [record.listingId, record]));
}

function requestsOf({ simulator }: Rig, kind: PathKind): number {
  return simulator.requestLog.entries().filter((entry) => entry.kind === kind).length;
}

async function countDue({ config }: Rig, truth: PlayedDay['truth'], nowMs: number): Promise<number> {
  const offered = new Set([...truth.values()].flatMap((records) => [...records.keys()]));
  const rows = await queryRows(
    config.databasePath,
    'select listing_id as id, epoch_ms(fetched_at) as fetched_at from listings',
  ).catch(() => []);
  return rows.filter((row) => {
    const id = String(row['id']);
    return offered.has(id) && nowMs - Number(row['fetched_at']) >= refreshAgeMs(id, refreshPolicy);
  }).length;
}
