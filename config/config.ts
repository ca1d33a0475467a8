/**
 * The effective configuration, as the rest of the program sees it: frozen, in the code's own units (milliseconds, bytes).
 * The file keeps its published names (snake_case, seconds); config/load-config.ts translates once.
 */

export interface CityTask {
  readonly city: string;
  readonly enabled: boolean;
  /** Search URL of the city, with `locations` and `cardType`. */
  readonly url: string;
  /** Listing pages fetched at once for this city. */
  readonly maxDetailWorkers: number;
  /** Smallest time between two requests for this city: the slower of rate_limit_seconds and max_requests_per_second. */
  readonly requestIntervalMs: number;
  /** [min_lon, min_lat, max_lon, max_lat] in degrees WGS84. */
  readonly coordinateBounds: readonly [number, number, number, number] | null;
  readonly geospatialSources: readonly string[];
  /** Higher runs first. */
  readonly priority: number;
  readonly bulkDownloadPreference: boolean;
  readonly cacheDurationHours: number;
  readonly listingLimit: number | null;
}

export interface RetryConfig {
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
}

export interface Config {
  readonly tasks: readonly CityTask[];
  readonly databasePath: string;
  readonly outputDirectory: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly nodeId: string;
  /** Cities collected at the same time. */
  readonly concurrentCities: number;
  /** Phones, e-mail addresses and contact persons are kept only when true. */
  readonly collectPersonalData: boolean;
  readonly crawler: {
    /** Full User-Agent header, contact included. */
    readonly userAgent: string;
    /** Hosts (with port when not the default) that may be asked besides loopback. */
    readonly allowedHosts: readonly string[];
    /** Smallest time between any two requests to the portal; 0 = only the cities' own limits. */
    readonly portalIntervalMs: number;
    readonly requestTimeoutMs: number;
    readonly maxBodyBytes: number;
    readonly obeysRobots: boolean;
    readonly robotsTtlMs: number;
  };
  readonly retry: {
    readonly listing: RetryConfig;
    readonly city: RetryConfig;
  };
  readonly database: {
    /** DuckDB memory_limit, e.g. `1GB`. */
    readonly memoryLimit: string;
    readonly threads: number;
    /** Rows per transaction at most, and how long a row waits for company. */
    readonly batchRows: number;
    readonly batchDelayMs: number;
  };
  readonly cluster: {
    readonly redisUrl: string | null;
    readonly heartbeatIntervalMs: number;
    readonly lockTtlMs: number;
    readonly workDistributionStrategy: 'round_robin' | 'sticky';
  };
  readonly browser: {
    /** Path of Chromium, or null when no browser is configured. */
    readonly executablePath: string | null;
  };
}
