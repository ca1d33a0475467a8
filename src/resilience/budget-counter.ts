/**
 * The port that counts a day's requests, per city and in all, and refuses the one that would be too many. Its adapters
 * are memory (one process) and Redis (all nodes together); both pass the same contract suite.
 */

export interface BudgetRequest {
  /** Nominal day in Helsinki, `YYYY-MM-DD`. */
  readonly day: string;
  /** Null counts in all only. */
  readonly city: string | null;
  /** Requests a day for the city; null = no budget, but they are counted. */
  readonly cityLimit: number | null;
  /** Requests a day in all; null = no budget, but they are counted. */
  readonly portalLimit: number | null;
}

export type BudgetAnswer =
  | { readonly isTaken: true }
  /** Nothing was counted: this budget has none left. The portal's is named when both are spent. */
  | { readonly isTaken: false; readonly spent: 'city' | 'portal' };

export interface BudgetCounter {
  /**
   * Takes one request out of the city's budget and the portal's together, or out of neither. However many ask at the
   * same moment, no more are let through than the limits say.
   */
  readonly take: (request: BudgetRequest) => Promise<BudgetAnswer>;
}

/** Requests that a day has already seen. */
export interface DayCount {
  /** Nominal day in Helsinki, `YYYY-MM-DD`. */
  readonly day: string;
  readonly portal: number;
  readonly cities: ReadonlyMap<string, number>;
}

/** Makes a counter in this process's memory that goes on from `start`; it keeps one day at a time. */
export function createMemoryBudgetCounter(start: DayCount): BudgetCounter {
  let { day, portal } = start;
  let cities = new Map(start.cities);
  return {
    take: async (request) => {
      if (request.day !== day) [day, portal, cities] = [request.day, 0, new Map()];
      const { city, cityLimit, portalLimit } = request;
      if (portalLimit !== null && portal >= portalLimit) return { isTaken: false, spent: 'portal' };
      const used = city === null ? 0 : (cities.get(city) ?? 0);
      if (city !== null && cityLimit !== null && used >= cityLimit) return { isTaken: false, spent: 'city' };
      portal += 1;
      if (city !== null) cities.set(city, used + 1);
      return { isTaken: true };
    },
  };
}
