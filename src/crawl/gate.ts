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
   * since its last request goes first between cities). Null counts against the portal only.
   * @throws the signal's reason when it aborts first; the place in the line is given up.
   */
  readonly enter: (city: string | null, signal: AbortSignal) => Promise<void>;
  /**
   * Holds the interval of a city, or of the whole portal for null, at `intervalMs` or slower, e.g. for the Crawl-delay
   * of robots.txt. A later call replaces an earlier one; the configured interval is never undercut.
   */
  readonly widen: (city: string | null, intervalMs: number) => void;
}

export interface GateOptions {
  readonly clock: Clock;
  /** Smallest time between any two requests, in milliseconds; 0 = no limit besides the cities' own. */
  readonly portalIntervalMs: number;
  /** Smallest time between two requests of one city, in milliseconds; asked again for every grant. */
  readonly cityIntervalMs: (city: string) => number;
}

/** Share of the interval added to it, so that timer and network jitter never put one request too many into a window. */
const safetyMargin = 0.01;

type Grant = () => void;

/** One line of waiting requests with its own interval; the portal is a line nobody stands in. */
interface Lane {
  readonly configuredMs: () => number;
  widenedMs: number;
  grantedAtMs: number;
  readonly waiting: Grant[];
}

/** Makes a gate that lives in this process's memory. */
export function createGate(options: GateOptions): Gate {
  const { clock } = options;
  const portal = createLane(() => options.portalIntervalMs);
  const lanes = new Map<string | null, Lane>();
  let alarm: { readonly atMs: number; readonly controller: AbortController } | null = null;

  function laneOf(city: string | null): Lane {
    const known = lanes.get(city);
    if (known !== undefined) return known;
    const lane = createLane(city === null ? () => 0 : () => options.cityIntervalMs(city));
    lanes.set(city, lane);
    return lane;
  }

  /** The waiting lane that may go soonest; among those that may go at the same moment, the one that went longest ago. */
  function nextLane(nowMs: number): { lane: Lane; atMs: number } | null {
    const portalAtMs = readyAtMs(portal, nowMs);
    let best: { lane: Lane; atMs: number } | null = null;
    for (const lane of lanes.values()) {
      if (lane.waiting.length === 0) continue;
      const atMs = Math.max(nowMs, portalAtMs, readyAtMs(lane, nowMs));
      const isBetter =
        best === null || atMs < best.atMs || (atMs === best.atMs && lane.grantedAtMs < best.lane.grantedAtMs);
      if (isBetter) best = { lane, atMs };
    }
    return best;
  }

  /** Lets everybody go who may go now, then sets the alarm for the next one. */
  function pump(): void {
    for (;;) {
      const nowMs = clock.now();
      const next = nextLane(nowMs);
      if (next === null || next.atMs > nowMs) {
        setAlarm(next?.atMs ?? null, nowMs);
        return;
      }
      next.lane.grantedAtMs = nowMs;
      portal.grantedAtMs = nowMs;
      next.lane.waiting.shift()?.();
    }
  }

  function setAlarm(atMs: number | null, nowMs: number): void {
    if (alarm !== null && alarm.atMs === atMs) return;
    alarm?.controller.abort();
    alarm = null;
    if (atMs === null) return;
    const mine = { atMs, controller: new AbortController() };
    alarm = mine;
    // A sleep that ends badly (it was replaced, or the clock failed) must not leave anybody waiting: look again.
    const wake = (): void => {
      if (alarm !== mine) return;
      alarm = null;
      pump();
    };
    clock.sleep(Math.ceil(atMs - nowMs), mine.controller.signal).then(wake, wake);
  }

  function leaveLine(lane: Lane, grant: Grant): void {
    const place = lane.waiting.indexOf(grant);
    if (place === -1) return;
    lane.waiting.splice(place, 1);
    pump();
  }

  return {
    enter: (city, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const lane = laneOf(city);
        const grant = (): void => {
          stopListening();
          resolve();
        };
        const stopListening = onAbort(signal, () => {
          leaveLine(lane, grant);
          reject(signal.reason);
        });
        lane.waiting.push(grant);
        pump();
      }),
    widen: (city, intervalMs) => {
      const lane = city === null ? portal : laneOf(city);
      lane.widenedMs = intervalMs;
      pump();
    },
  };
}

function createLane(configuredMs: () => number): Lane {
  return { configuredMs, widenedMs: 0, grantedAtMs: Number.NEGATIVE_INFINITY, waiting: [] };
}

/** The moment from which the lane may go again, counted from the moment it really went. */
function readyAtMs(lane: Lane, nowMs: number): number {
  // The wall clock was set back: count from now, so that nobody waits for hours.
  if (lane.grantedAtMs > nowMs) lane.grantedAtMs = nowMs;
  const intervalMs = Math.max(lane.configuredMs(), lane.widenedMs);
  return lane.grantedAtMs + intervalMs * (1 + safetyMargin);
}
