/**
 * What a run says of itself while it goes on: per city how far it is, how fast it asks, and when it will be done.
 * The counts come from the store, the rates from the requests that left; nothing is counted twice.
 */
import type { Clock } from '../src/clock.ts';
import type { CityCounts } from '../src/quality/city-receipt.ts';

export interface CityProgress {
  readonly city: string;
  /** Listings settled so far, and how many there are to be; null until the first search page was read. */
  readonly settled: number;
  readonly total: number | null;
  /** Requests per second over the last minute, and the configured limit (Infinity = none). */
  readonly requestsPerSecond: number;
  readonly allowedPerSecond: number;
  readonly new: number;
  readonly changed: number;
  readonly failed: number;
  /** Epoch milliseconds when the city will be done at this pace; null while that cannot be said. */
  readonly etaMs: number | null;
  readonly isDone: boolean;
}

const rateWindowMs = 60_000;

/** Sliding-window request rates per city. */
export class RequestRates {
  readonly #clock: Clock;
  readonly #sentAt = new Map<string, number[]>();
  readonly #firstAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(city: string): void {
    const now = this.#clock.now();
    if (!this.#firstAt.has(city)) this.#firstAt.set(city, now);
    const times = this.#sentAt.get(city) ?? [];
    times.push(now);
    this.#sentAt.set(city, times);
  }

  /** True once the city has asked for something. */
  has(city: string): boolean {
    return this.#firstAt.has(city);
  }

  /** Requests per second in the last minute, or since the first request when that is shorter ago. */
  perSecond(city: string): number {
    const now = this.#clock.now();
    const times = this.#sentAt.get(city) ?? [];
    const recent = times.filter((time) => time > now - rateWindowMs);
    this.#sentAt.set(city, recent);
    const spanMs = Math.min(rateWindowMs, now - (this.#firstAt.get(city) ?? now));
    return spanMs <= 0 ? 0 : (recent.length * 1000) / spanMs;
  }
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
    requestsPerSecond,
    allowedPerSecond,
    new: counts.new,
    changed: counts.changed,
    failed: counts.failed,
    etaMs: canTell ? nowMs + (remaining / requestsPerSecond) * 1000 : null,
    isDone,
  };
}
