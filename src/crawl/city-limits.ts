/**
 * The limits of a city: as configured, unless an operator has set others while the cluster runs. Who keeps what an operator
 * has set is not decided here.
 */

export interface CityLimits {
  /** Smallest time between two requests for the city, in milliseconds; 0 = no limit. */
  readonly requestIntervalMs: number;
  /** Search pages and listings at once, over all nodes. */
  readonly maxDetailWorkers: number;
}

/** What an operator has set; what is absent is as configured. Without any limit it tells of a reset. */
export interface CityOverride extends Partial<CityLimits> {
  /** ISO 8601 UTC. */
  readonly setAtUtc: string;
  /** Node the command was given on. */
  readonly by: string;
}

/** Limits that may change while a city is asked. */
export interface LiveCityLimits {
  /** In force now. */
  readonly of: (city: string) => CityLimits;
  /** Told of each change and since when it holds, in epoch milliseconds; gives back how to stop listening. */
  readonly onChange: (listener: CityLimitsListener) => () => void;
}

export type CityLimitsListener = (city: string, limits: CityLimits, sinceMs: number) => void;

/** What holds for a city. */
export function limitsInForce(configured: CityLimits, override: CityOverride | undefined): CityLimits {
  return {
    requestIntervalMs: override?.requestIntervalMs ?? configured.requestIntervalMs,
    maxDetailWorkers: override?.maxDetailWorkers ?? configured.maxDetailWorkers,
  };
}
