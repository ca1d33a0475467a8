/**
 * The effective configuration, as the rest of the program sees it: frozen, in the code's own units (milliseconds, bytes).
 * The file keeps its published names (snake_case, seconds); config/load-config.ts translates once.
 */
import type { ErrorCategory } from '../src/errors.ts';
import type { AlertConfig, BucketTarget, RedisTarget } from './config-connections.ts';

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
  /** Requests a day (Helsinki), of every kind; null = no budget. */
  readonly dailyRequestBudget: number | null;
  readonly fetchMode: FetchMode;
  /** Proxy of this city alone; may hold a password. */
  readonly proxyUrl: string | null;
}

/** Secrets that audit events are sealed with. */
export interface AuditKeys {
  /** For new events; null seals them without one. */
  readonly current: string | null;
  /** What they have sealed can be checked. */
  readonly earlier: readonly string[];
}

export type FetchMode = 'http' | 'browser' | 'auto';

export type RetryStrategyKind = 'EXPONENTIAL_BACKOFF' | 'LINEAR_BACKOFF' | 'FIXED_DELAY' | 'IMMEDIATE';

export interface RetryConfig {
  readonly strategy: RetryStrategyKind;
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
}

/** An exception to the retry policies; null scope means any. */
export interface RetryRule extends Partial<RetryConfig> {
  readonly category: ErrorCategory | null;
  readonly city: string | null;
}

export interface BreakerConfig {
  /** Consecutive failures that open a city's breaker. */
  readonly failureThreshold: number;
  /** Failures one block page counts as. */
  readonly blockedWeight: number;
  /** Share of failures within the window that opens it too, 0 to 1; null = not looked at. */
  readonly failureShare: number | null;
  readonly windowMs: number;
  /** Requests within the window below which its share says nothing. */
  readonly windowMinimum: number;
  readonly recoveryTimeoutMs: number;
  readonly maxRecoveryTimeoutMs: number;
  readonly successThreshold: number;
  /** Consecutive failures over all cities that open the portal's breaker. */
  readonly portalFailureThreshold: number;
  /** Longest time a city of a run waits for an open breaker in all. */
  readonly maxHoldMs: number;
}

export interface PolitenessConfig {
  /** Requests a day (Helsinki) in all; null = no budget. */
  readonly dailyRequestBudget: number | null;
  /** `HH:MM-HH:MM` in Helsinki; may cross midnight. */
  readonly quietHours: readonly string[];
  readonly slowsDown: boolean;
  /** Most times slower than configured, 1 or more. */
  readonly maxSlowDown: number;
  readonly requestLogDays: number;
}

export interface QualityConfig {
  /** Readings of a city's search pages after the first one, at most. */
  readonly rereadPasses: number;
  /** Complete runs of a city that a run is compared with, at most and at least. */
  readonly historyRuns: number;
  readonly minHistoryRuns: number;
  /** Pages fetched, or listings listed, below which a run is neither judged nor compared with. */
  readonly minPages: number;
  /** Share of pages, 0 to 1, below which the fall of a field quarantines nothing. */
  readonly minUsualShare: number;
  /** Parts of the usual share and of the usual number of listings that may be missing, 0 to 1. */
  readonly maxCoverageDrop: number;
  readonly maxVolumeDrop: number;
}

/** What others may read of the series, and when they get it. */
export interface PublishConfig {
  readonly snapshots: boolean;
  /** Smallest time between two snapshots of a run. */
  readonly intervalMs: number;
  readonly datasets: boolean;
  /** Datasets kept, newest first. */
  readonly keepDatasets: number;
}

/** The page people look at. */
export interface DashboardConfig {
  readonly host: string;
  readonly port: number;
  /** False lets everybody on this machine act as an operator. */
  readonly asksWho: boolean;
  /** `name:role:hash` each; empty = one operator with a random password, made at the first start. */
  readonly users: readonly string[];
  /** What sessions are signed with; null = a random one in the state directory. */
  readonly sessionSecret: string | null;
  /** Address that people type; null = whatever they type. */
  readonly publicUrl: string | null;
  /** `name:scope+scope:sha256$hash[:last-day]` each. */
  readonly tokens: readonly string[];
  /** Requests of one token or user in a minute. */
  readonly apiRequestsPerMinute: number;
  /** Origins whose pages may use the JSON interface with a token. */
  readonly corsOrigins: readonly string[];
  /** Reverse proxies in front whose X-Forwarded headers are believed. */
  readonly trustedProxies: number;
  /** Priority of its process, 0 = as any other to 19 = last. */
  readonly niceness: number;
  /** Address of map tiles with {z}, {x}, {y}; null = a map without. */
  readonly tileUrl: string | null;
  readonly tileAttribution: string | null;
}

export interface ValidationConfig {
  /** Listings of a city that steps 1 and 2 collect at most. */
  readonly sampleListings: readonly [number, number];
  /** What a step must show to pass, each 0 to 1: listings read, pages with each core field, records whose identities hold. */
  readonly minParsedShare: number;
  readonly minFieldCoverage: number;
  readonly minIdentityShare: number;
  /** How long a passed step allows the next one. */
  readonly maxAgeMs: number;
}

export interface HealthThreshold {
  readonly degradedPercent: number;
  readonly unhealthyPercent: number;
}

export interface Config {
  readonly tasks: readonly CityTask[];
  /** Each setting in force by its key (`tasks[Espoo].rate_limit_seconds`), secrets hidden: to be shown and compared. */
  readonly shownSettings: Readonly<Record<string, unknown>>;
  readonly databasePath: string;
  /** Folder of what must survive a restart beside the database. */
  readonly stateDirectory: string;
  /** Keys of the chain of audit events. */
  readonly audit: AuditKeys;
  /** Folder of the log and the audit log, one file a day each; null = none. */
  readonly logsDirectory: string | null;
  /** Days after which a log file is deleted; audit logs are kept. */
  readonly logsKeepDays: number;
  /** At most one of folder and bucket is set. */
  readonly rawArchive: {
    readonly directory: string | null;
    readonly bucket: BucketTarget | null;
    readonly maxBytes: number;
    /** Days after which a response is deleted that no current row needs; null keeps all. */
    readonly keepDays: number | null;
  };
  /** Port of /metrics; 0 = any free one, null = none. */
  readonly metricsPort: number | null;
  readonly metricsHost: string;
  /** Where a run in one process leaves its metrics; null = nowhere. */
  readonly metricsFile: string | null;
  readonly geodataDirectory: string | null;
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
    /** Cache durations after which a page is fetched again though its card is as before. */
    readonly refreshFactor: number;
    readonly requestTimeoutMs: number;
    readonly parseTimeoutMs: number;
    readonly maxBodyBytes: number;
    readonly obeysRobots: boolean;
    readonly robotsTtlMs: number;
    /** Proxies by scheme, each null when there is none; may hold a password. */
    readonly proxies: {
      readonly http: string | null;
      readonly https: string | null;
      /** Hosts asked without a proxy. */
      readonly except: readonly string[];
    };
  };
  readonly politeness: PolitenessConfig;
  readonly quality: QualityConfig;
  readonly retry: {
    readonly listing: RetryConfig;
    readonly city: RetryConfig;
    readonly rules: readonly RetryRule[];
  };
  readonly breaker: BreakerConfig;
  readonly resources: {
    /** Resident memory above which concurrency falls, in bytes. */
    readonly maxMemoryBytes: number;
    /** 0 to 100. */
    readonly maxCpuPercent: number;
  };
  readonly database: {
    /** As under `audit`: whoever opens the database adds to the chain in it. */
    readonly auditKeys: AuditKeys;
    /** DuckDB memory_limit, e.g. `1GB`. */
    readonly memoryLimit: string;
    readonly threads: number;
    /** Rows per transaction at most, and how long a row waits for company. */
    readonly batchRows: number;
    readonly batchDelayMs: number;
  };
  readonly cluster: {
    /** Null runs standalone, in one process. */
    readonly redis: RedisTarget | null;
    readonly heartbeatIntervalMs: number;
    readonly lockTtlMs: number;
    /** After this long without a sign of life a job is taken back from its process. */
    readonly jobLockMs: number;
    readonly stalledCheckMs: number;
    readonly workDistributionStrategy: 'round_robin' | 'sticky';
    /** How long active jobs may go on after SIGTERM before they are given back. */
    readonly drainMs: number;
    /** Percent above which a node is degraded or unhealthy, 0 to 100. */
    readonly health: Readonly<Record<'cpu' | 'memory' | 'disk', HealthThreshold>>;
  };
  readonly schedule: {
    /** False: the scheduler starts no runs by itself. */
    readonly isEnabled: boolean;
    /** Cron pattern of 5 fields, or 6 with seconds first. */
    readonly pattern: string;
    /** IANA time zone that the pattern is read in. */
    readonly timezone: string;
  };
  readonly series: {
    readonly delisting: {
      /** Complete runs in a row that a listing must be missing from. */
      readonly completeRuns: number;
      /** Largest share of a city's listings that one run marks gone, 0 to 1. */
      readonly maxDropShare: number;
    };
    readonly relisting: {
      /** Most days between a listing that is gone and one that may be the same home. */
      readonly maxGapDays: number;
      /** Score from which two listings are linked, 0 to 1. */
      readonly minScore: number;
    };
  };
  /** Where OpenLineage run events go; null where none. */
  readonly lineage: {
    readonly openLineageFile: string | null;
    /** May hold a key. */
    readonly openLineageUrl: string | null;
  };
  readonly publish: PublishConfig;
  readonly validation: ValidationConfig;
  readonly dashboard: DashboardConfig;
  readonly alerts: AlertConfig;
  readonly telemetry: {
    /** Queues tell OpenTelemetry of their jobs. */
    readonly opensTelemetry: boolean;
  };
  readonly browser: {
    /** Path of Chromium, or null when it is to be looked for on PATH. */
    readonly executablePath: string | null;
    readonly maxPages: number;
    readonly pagesPerBrowser: number;
    readonly maxMemoryBytes: number;
  };
}
