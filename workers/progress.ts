/**
 * What a run says of itself while it goes on: per city how far it is, how fast it asks, and when it will be done.
 * The counts come from the store, the rates from the requests that left; nothing is counted twice.
 */
import type { Clock } from '../src/clock.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { CityCounts } from '../src/quality/city-receipt.ts';

const rateWindowMs = 60_000;

interface CityRequests {
  firstAtMs: number;
  lastAtMs: number;
  count: number;
  /** Times of the last minute. */
  recent: number[];
}

/** Request rates per city: over the last minute while it is asked, over its whole time when it is done. */
export class RequestRates {
  readonly #clock: Clock;
  readonly #cities = new Map<string, CityRequests>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Requests may be told late and in any order: those of other nodes come in batches. */
  record(city: string, sentAtMs: number): void {
    const known = this.#cities.get(city) ?? { firstAtMs: sentAtMs, lastAtMs: sentAtMs, count: 0, recent: [] };
    known.firstAtMs = Math.min(known.firstAtMs, sentAtMs);
    known.lastAtMs = Math.max(known.lastAtMs, sentAtMs);
    known.count += 1;
    known.recent.push(sentAtMs);
    this.#cities.set(city, known);
  }

  /** True once the city has asked for something. */
  has(city: string): boolean {
    return this.#cities.has(city);
  }

  /** Requests per second over the last minute, up to now: it falls when nothing leaves. 0 before the second request. */
  current(city: string): number {
    const requests = this.#cities.get(city);
    if (requests === undefined) return 0;
    const now = this.#clock.now();
    requests.recent = requests.recent.filter((time) => time > now - rateWindowMs);
    return perSecond(requests.recent.length, Math.min(now, ...requests.recent), now);
  }

  /** Requests per second from the city's first request to its last. */
  overall(city: string): number {
    const requests = this.#cities.get(city);
    return requests === undefined ? 0 : perSecond(requests.count, requests.firstAtMs, requests.lastAtMs);
  }
}

/** `count` requests have `count - 1` gaps between them. */
function perSecond(count: number, fromMs: number, toMs: number): number {
  return toMs <= fromMs ? 0 : (Math.max(0, count - 1) * 1000) / (toMs - fromMs);
}

interface ProgressInput {
  readonly city: string;
  readonly counts: CityCounts;
  readonly listingLimit: number | null;
  readonly requestsPerSecond: number;
  readonly allowedPerSecond: number;
  readonly isDone: boolean;
  readonly nowMs: number;
}

/** Puts one city's counts and rate together. */
export function toCityProgress(input: ProgressInput): CityProgress {
  const { city, counts, listingLimit, requestsPerSecond, allowedPerSecond, isDone, nowMs } = input;
  const settled = counts.new + counts.changed + counts.unchanged + counts.removed + counts.failed;
  const listed = counts.portalTotalEnd;
  const total = listed === null ? null : Math.max(settled, Math.min(listed, listingLimit ?? listed));
  const remaining = total === null ? null : total - settled;
  const canTell = remaining !== null && requestsPerSecond > 0 && !isDone;
  return {
    city,
    settled,
    total,
    portalTotal: listed,
    requests: counts.requests,
    requestsPerSecond,
    allowedPerSecond,
    new: counts.new,
    changed: counts.changed,
    unchanged: counts.unchanged,
    failed: counts.failed,
    etaMs: canTell ? nowMs + (remaining / requestsPerSecond) * 1000 : null,
    isDone,
  };
}
