/**
 * The politeness gate right before the socket: gives each request its moment to leave, so that neither one city nor the
 * portal as a whole is asked more often than allowed. It counts requests of every kind, knows nothing of what they are
 * for, and must never let one city's wait hold up another.
 */
import type { Clock } from '../clock.ts';
import { onAbort } from './on-abort.ts';

export interface Gate {
  /**
   * Resolves when a request of this city may leave (first come, first served within a city; the city that waited longest
   * since its last request goes first between cities). Null counts against the portal only. `beforeLeaving` is awaited
   * once the moment is the request's own, shortly before it where the gate knows it ahead; when it throws, nothing leaves.
   * @throws the signal's reason when it aborts first, the place in the line is given up; what `beforeLeaving` throws.
   */
  readonly enter: (city: string | null, signal: AbortSignal, beforeLeaving?: () => Promise<void>) => Promise<void>;
  /**
   * Says that a request that was let go has reached its socket only now, a connection had to be made first, or was given
   * up before. The next one is counted from here, so that the portal never sees the two closer together than allowed.
   */
  readonly departed: (city: string | null) => void;
  /**
   * Holds the interval of a city, or of the whole portal for null, at `intervalMs` or slower, e.g. for the Crawl-delay
   * of robots.txt. A later call replaces an earlier one; the configured interval is never undercut.
   */
  readonly widen: (city: string | null, intervalMs: number) => void;
}

export interface GateOptions {
  /** To pace by; the finer its sleeps end, the more of a short interval's limit can be used. */
  readonly clock: Clock;
  /** Smallest time between any two requests, in milliseconds; 0 = no limit besides the cities' own. */
  readonly portalIntervalMs: number;
  /** Smallest time between two requests of one city, in milliseconds; asked again for every grant. */
  readonly cityIntervalMs: (city: string) => number;
  /**
   * How many times slower than that a city, or the whole portal for null, is to be asked now; asked again for every
   * grant. Less than 1 counts as 1, the default.
   */
  readonly slowDown?: (city: string | null) => number;
  /**
   * How long a request that was let go may keep its line and the portal's closed until `departed` is called, in
   * milliseconds: until then nobody knows from when the next one counts. 0, the default, takes it to leave at once.
   */
  readonly departurePatienceMs?: number;
  /**
   * How long ago a city, or the portal (null), was last asked before this gate was made, in milliseconds; asked once for
   * each. Infinity, the default, means never.
   */
  readonly sinceLastMs?: (city: string | null) => number;
}

/** Share of the interval added to it, so that timer and network jitter never put one request too many into a window. */
const safetyMargin = 0.012;
/** Part of that margin which a request that left late (a timer, a busy process) gives back to the next one. */
const forgivenLateness = 0.006;

type Grant = () => void;

/** One line of waiting requests with its own interval; the portal is a line nobody stands in. */
interface Lane {
  readonly configuredMs: () => number;
  readonly slowDown: () => number;
  widenedMs: number;
  /** The last request left then; a little before, when it left later than it could have. */
  countedFromMs: number;
  /** Closed until then for a request that was let go and has not departed. */
  closedUntilMs: number;
  readonly waiting: Grant[];
}

/** Makes a gate that lives in this process's memory. */
export function createGate(options: GateOptions): Gate {
  const { clock, departurePatienceMs = 0 } = options;
  const { portal, lanes, laneOf } = createLanes(options);
  const alarm = createAlarm(clock, () => pump());

  /** Lets everybody go who may go now, then sets the alarm for the next one. */
  function pump(): void {
    for (;;) {
      const nowMs = clock.now();
      const next = nextLane(lanes.values(), portal, nowMs);
      if (next === null || next.atMs > nowMs) {
        alarm.setTo(next?.atMs ?? null);
        return;
      }
      for (const lane of [next.lane, portal]) {
        lane.countedFromMs = Math.min(nowMs, dueAtMs(lane));
        if (intervalMsOf(lane) > 0) lane.closedUntilMs = nowMs + departurePatienceMs;
      }
      countAtLeastFrom(nowMs, next.lane, portal);
      next.lane.waiting.shift()?.();
    }
  }

  function leaveLine(lane: Lane, grant: Grant): void {
    const place = lane.waiting.indexOf(grant);
    if (place !== -1) lane.waiting.splice(place, 1);
    pump();
  }

  function turnOf(city: string | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const lane = laneOf(city);
      let stopListening = (): void => undefined;
      const grant = (): void => {
        stopListening();
        resolve();
      };
      lane.waiting.push(grant);
      pump();
      // Who need not wait has no place to give up, and listening for that takes longer than the rest.
      if (!lane.waiting.includes(grant)) return;
      stopListening = onAbort(signal, () => {
        leaveLine(lane, grant);
        reject(signal.reason);
      });
    });
  }

  function departed(city: string | null): void {
    openAgain(clock.now(), laneOf(city), portal);
    pump();
  }

  return {
    enter: async (city, signal, beforeLeaving) => {
      await turnOf(city, signal);
      if (beforeLeaving !== undefined) await prepareToLeave(beforeLeaving, () => departed(city));
    },
    departed,
    widen: (city, intervalMs) => {
      const lane = city === null ? portal : laneOf(city);
      lane.widenedMs = intervalMs;
      pump();
    },
  };
}

/** Does what comes before leaving; the moment is given back when that throws. */
export async function prepareToLeave(beforeLeaving: () => Promise<void>, giveBack: () => void): Promise<void> {
  try {
    await beforeLeaving();
  } catch (error) {
    giveBack();
    throw error;
  }
}

interface Lanes {
  /** Nobody stands in this one. */
  readonly portal: Lane;
  readonly lanes: ReadonlyMap<string | null, Lane>;
  /** The lane of a city, made when it is first asked for. */
  readonly laneOf: (city: string | null) => Lane;
}

function createLanes(options: GateOptions): Lanes {
  const { clock, slowDown = () => 1, sinceLastMs = () => Number.POSITIVE_INFINITY } = options;
  const createLane = (city: string | null, configuredMs: () => number): Lane => ({
    configuredMs,
    slowDown: () => slowDown(city),
    widenedMs: 0,
    countedFromMs: clock.now() - sinceLastMs(city),
    closedUntilMs: Number.NEGATIVE_INFINITY,
    waiting: [],
  });
  const lanes = new Map<string | null, Lane>();
  return {
    portal: createLane(null, () => options.portalIntervalMs),
    lanes,
    laneOf: (city) => {
      const known = lanes.get(city);
      if (known !== undefined) return known;
      // What is for no city has no limit but the portal's.
      const lane = createLane(city, city === null ? () => 0 : () => options.cityIntervalMs(city));
      lanes.set(city, lane);
      return lane;
    },
  };
}

/** They are closed for nobody any more, and count from this moment at least. */
function openAgain(nowMs: number, ...own: readonly Lane[]): void {
  for (const lane of own) lane.closedUntilMs = Number.NEGATIVE_INFINITY;
  countAtLeastFrom(nowMs, ...own);
}

/** The waiting lane that may go soonest; among those that may go at the same moment, the one that went longest ago. */
function nextLane(lanes: Iterable<Lane>, portal: Lane, nowMs: number): { lane: Lane; atMs: number } | null {
  const portalAtMs = readyAtMs(portal, nowMs);
  let best: { lane: Lane; atMs: number } | null = null;
  for (const lane of lanes) {
    if (lane.waiting.length === 0) continue;
    const atMs = Math.max(nowMs, portalAtMs, readyAtMs(lane, nowMs));
    const isBetter =
      best === null || atMs < best.atMs || (atMs === best.atMs && lane.countedFromMs < best.lane.countedFromMs);
    if (isBetter) best = { lane, atMs };
  }
  return best;
}

interface Alarm {
  /** Rings once at this time instead of at an earlier one set before; null = not at all. */
  readonly setTo: (atMs: number | null) => void;
}

function createAlarm(clock: Clock, ring: () => void): Alarm {
  let current: { readonly atMs: number; readonly controller: AbortController } | null = null;
  return {
    setTo: (atMs) => {
      if (current !== null && current.atMs === atMs) return;
      current?.controller.abort();
      current = null;
      if (atMs === null) return;
      const mine = { atMs, controller: new AbortController() };
      current = mine;
      // A sleep that ends badly (it was replaced, or the clock failed) must not leave anybody waiting: look again.
      const wake = (): void => {
        if (current !== mine) return;
        current = null;
        ring();
      };
      clock.sleep(Math.max(0, atMs - clock.now()), mine.controller.signal).then(wake, wake);
    },
  };
}

/** The moment from which the lane may go again. */
function readyAtMs(lane: Lane, nowMs: number): number {
  // The wall clock was set back: count from now, so that nobody waits for hours.
  if (lane.countedFromMs > nowMs) {
    lane.countedFromMs = nowMs;
    lane.closedUntilMs = nowMs;
  }
  return Math.max(dueAtMs(lane), lane.closedUntilMs);
}

function dueAtMs(lane: Lane): number {
  return lane.countedFromMs + intervalMsOf(lane) * (1 + safetyMargin);
}

/** A request left at `nowMs`: the next ones count from there, less the lateness that is forgiven. */
function countAtLeastFrom(nowMs: number, ...lanes: readonly Lane[]): void {
  for (const lane of lanes) {
    lane.countedFromMs = Math.max(lane.countedFromMs, nowMs - intervalMsOf(lane) * forgivenLateness);
  }
}

function intervalMsOf(lane: Lane): number {
  return Math.max(lane.configuredMs(), lane.widenedMs) * Math.max(1, lane.slowDown());
}
