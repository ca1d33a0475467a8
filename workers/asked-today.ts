/**
 * What a day has already seen, so that budgets and intervals go on where somebody else has left them. It counts; it asks
 * for nothing.
 */
import type { RequestLogEntry } from '../src/crawl/request-log.ts';
import type { DayRequests } from '../src/jobs/series-store.ts';
import type { BudgetCounter } from '../src/resilience/budget-counter.ts';
import { createMemoryBudgetCounter } from '../src/resilience/budget-counter.ts';

/** What a portal is to go on from. */
export interface AskedSoFar {
  readonly budgetCounter: BudgetCounter;
  /** When the city, or the portal (null), was last asked, in epoch milliseconds; null when it was not. */
  readonly lastSentAtMs: (city: string | null) => number | null;
}

/**
 * Goes on from what the day has seen. What was for no single city (robots.txt) counts against each of them: nobody wrote
 * down who made it necessary, and a budget must not be exceeded.
 * @param day nominal day in Helsinki, `YYYY-MM-DD`
 */
export function goOnFrom(day: string, { requests, lastSentAtMs, cities }: DayRequests): AskedSoFar {
  const forNoCity = requests - cities.reduce((sum, each) => sum + each.requests, 0);
  const countOf = new Map(cities.map((each) => [each.city, each.requests + forNoCity]));
  const lastOf = new Map<string | null, number | null>(cities.map((each) => [each.city, each.lastSentAtMs]));
  return {
    budgetCounter: createMemoryBudgetCounter({ day, portal: requests, cities: countOf }),
    lastSentAtMs: (city) => (city === null ? lastSentAtMs : (lastOf.get(city) ?? null)),
  };
}

/** Both together. */
export function addDayRequests(one: DayRequests, other: DayRequests): DayRequests {
  const cities = new Map(one.cities.map((each) => [each.city, each]));
  for (const each of other.cities) {
    const { requests, lastSentAtMs } = cities.get(each.city) ?? { requests: 0, lastSentAtMs: each.lastSentAtMs };
    cities.set(each.city, {
      city: each.city,
      requests: requests + each.requests,
      lastSentAtMs: Math.max(lastSentAtMs, each.lastSentAtMs),
    });
  }
  return {
    requests: one.requests + other.requests,
    lastSentAtMs: laterOf(one.lastSentAtMs, other.lastSentAtMs),
    cities: [...cities.values()],
  };
}

/** What single requests come to. */
export function countRequests(entries: readonly Pick<RequestLogEntry, 'city' | 'sentAtUtc'>[]): DayRequests {
  return entries
    .map(({ city, sentAtUtc }): DayRequests => {
      const lastSentAtMs = Date.parse(sentAtUtc);
      return { requests: 1, lastSentAtMs, cities: city === null ? [] : [{ city, requests: 1, lastSentAtMs }] };
    })
    .reduce(addDayRequests, noRequests);
}

export const noRequests: DayRequests = { requests: 0, lastSentAtMs: null, cities: [] };

function laterOf(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
