/**
 * The port through which jobs keep what they found. Its one adapter is the DuckDB writer in src/storage; a worker on
 * another machine reaches it only by jobs on the `store` queue. Every write is idempotent: a job may run twice.
 */
import type { LedgerSink, RequestLogEntry } from '../crawl/request-log.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import type { DataLineageEntry } from '../lineage/data-lineage.ts';
import type {
  CityCounts,
  CityDelisting,
  CityReceipt,
  ExecutionResult,
  ExecutionStatus,
  MissingPart,
} from '../quality/city-receipt.ts';
import type { CityMeasure, DriftLimits } from '../quality/judge-drift.ts';
import type { ClosedQuarantine, QuarantineClosing, QuarantineWrite } from '../quality/quarantine.ts';
import type { HomePair, RelistingLink } from '../quality/same-home.ts';
import type { ListingWrite, PageValidators, SkippedDayWrite, StoreWrites } from './store-writes.ts';

/** A page that was read and whose record is stored. */
export interface KnownPage extends PageValidators {
  /** Parser that read it; another one might read something else from the same page. */
  readonly parser: string;
  /** Hash of the card that led to it: some fields come from there. */
  readonly cardHash: string;
  /** Epoch milliseconds. */
  readonly fetchedAtMs: number;
  /** True when it was found gone, or could not be fetched, since then. */
  readonly lastTryFailed: boolean;
}

export interface ExecutionSummary {
  readonly executionId: string;
  readonly status: ExecutionStatus | 'running';
  /** First start. */
  readonly startedAtUtc: string;
  /** Start of the process that works on it, or worked on it last. */
  readonly resumedAtUtc: string;
  /** Time that earlier processes recorded for it, in seconds; 0 when there was none. */
  readonly earlierTimeSeconds: number;
  /** What earlier processes, and this one when it was closed before, went on without. */
  readonly missingParts: readonly MissingPart[];
  readonly cities: readonly { readonly city: string; readonly listingLimit: number | null }[];
}

/** The settings in force, by key, secrets hidden, and the execution that was the first to have them. */
export interface KeptConfiguration {
  readonly executionId: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A listing as it is stored. */
export type StoredListing = Pick<ListingWrite, 'record' | 'issues' | 'provenance'>;

/** A place in the order of stored listings. */
export interface StoredPlace {
  readonly fetchedAtUtc: string;
  readonly listingId: string;
}

/** An execution that is open, whether or not a process still works on it. */
export interface RunningExecution {
  readonly executionId: string;
  readonly nominalDay: string;
  /** The last thing that was recorded of it, ISO 8601 UTC. */
  readonly lastSeenAtUtc: string;
}

/** What a day has seen so far; robots.txt and whatever else is for no single city counts in all only. */
export interface DayRequests {
  readonly requests: number;
  /** Epoch milliseconds; null when there was none. */
  readonly lastSentAtMs: number | null;
  readonly cities: readonly { readonly city: string; readonly requests: number; readonly lastSentAtMs: number }[];
}

/** By what rules listings are marked gone at the end of a city. */
export interface DelistingRules {
  /** Complete runs of the city in a row that a listing must be missing from; 1 or more. */
  readonly completeRuns: number;
  /** Why so many of the listings that were offered must not be marked gone at once; null when they may. */
  readonly checkDrop: (leaving: number, present: number) => string | null;
}

/** By what rules listings of one home are linked at the end of a city. */
export interface RelistingRules {
  /** Most days between a listing that is gone and one that may be the same home. */
  readonly maxGapDays: number;
  /** Those of the pairs that are one home. */
  readonly chooseLinks: (pairs: readonly HomePair[]) => readonly RelistingLink[];
}

/** What follows from the end of a city. */
export interface SeriesRules {
  readonly delisting: DelistingRules;
  readonly relisting: RelistingRules;
}

/** Beside its own: buffers limits and decisions of robots.txt until the next commit, as it does requests. */
export interface SeriesStore extends LedgerSink {
  /** Creates the execution, or opens it again at `startedAtUtc` when it was interrupted. Cities get their row with verdict null. */
  readonly startExecution: (input: {
    readonly executionId: string;
    readonly nominalDay: string;
    readonly cities: readonly { readonly city: string; readonly listingLimit: number | null }[];
    readonly startedAtUtc: string;
  }) => Promise<void>;

  /** Keeps the settings of an execution; gives those that were in force before, null when none were kept yet. */
  readonly keepConfiguration: (
    configuration: KeptConfiguration & { readonly inForceFromUtc: string },
  ) => Promise<KeptConfiguration | null>;

  /** Marks the city as begun; keeps the first begin time when called again, and forgets why it was stopped before. */
  readonly startCity: (input: {
    readonly executionId: string;
    readonly city: string;
    readonly startedAtUtc: string;
  }) => Promise<void>;

  /**
   * Writes everything in one transaction, request log entries and audit events recorded so far included.
   * A listing's outcome in the execution becomes new, changed or unchanged by comparing its fields with the stored row;
   * a failure of category GONE becomes `removed`, any other `failed`. A later success replaces a failure. A listing that
   * is not modified and not stored either is a failure WRONG_PAGE.
   * @throws StorageError when nothing was written.
   */
  readonly commit: (writes: StoreWrites) => Promise<void>;

  /** The pages that are stored of the city, by listing id. */
  readonly knownPages: (city: string) => Promise<ReadonlyMap<string, KnownPage>>;

  /** Those of certain listings, by city and listing id: `wanted` has the ids of each city, the answer every city of it. */
  readonly knownPagesAmong: (
    wanted: ReadonlyMap<string, ReadonlySet<string>>,
  ) => Promise<ReadonlyMap<string, ReadonlyMap<string, KnownPage>>>;

  /** Buffers one entry of the request log until the next commit. Never throws. */
  readonly recordRequest: (entry: RequestLogEntry) => void;

  /** Buffers one audit event until the next commit; an event that is stored already stays as it is. Never throws. */
  readonly recordAudit: (event: AuditEvent) => void;

  /** Buffers the origin of a row that another program has written. Never throws. Those of listings write themselves. */
  readonly recordLineage: (entry: DataLineageEntry) => void;

  /** Writes what is still buffered. @throws StorageError when it cannot be written; it stays buffered. */
  readonly flush: () => Promise<void>;

  /** Stored listings whose page was fetched since an instant, after a place, oldest page first; at most `limit`. */
  readonly storedListings: (wanted: {
    readonly sinceUtc: string;
    readonly after: StoredPlace | null;
    readonly limit: number;
  }) => Promise<readonly StoredListing[]>;

  /** Those of the response hashes that the current row of a listing was read from. */
  readonly responsesInUse: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;

  /** Flushes the buffered request log, then counts the city from the tables. */
  readonly countCity: (executionId: string, city: string) => Promise<CityCounts>;

  /** Flushes the buffered request log, then counts every request of the execution, robots.txt included. */
  readonly countRequests: (executionId: string) => Promise<number>;

  /**
   * Counts which fields the pages had that the run fetched of the city, keeps the counts, and gives them beside those of
   * the city's recent complete runs.
   */
  readonly measureCity: (
    run: { readonly executionId: string; readonly city: string },
    limits: Pick<DriftLimits, 'historyRuns' | 'minPages'>,
  ) => Promise<CityMeasure>;

  /**
   * Takes the changes of the run in the city back, in one transaction: what was stored before holds again, and what the
   * run said is kept aside. Gives the number of listings concerned. A second time it takes back what has come since.
   */
  readonly quarantineCity: (write: QuarantineWrite) => Promise<number>;

  /** Keeps that an operator accepts what has drifted: the run and what comes after it are what is compared with from now on. */
  readonly acceptDrift: (write: QuarantineWrite) => Promise<void>;

  /** Why the changes of the run in the city are in quarantine; null when they are not. */
  readonly openQuarantine: (executionId: string, city: string) => Promise<string | null>;

  /**
   * Ends a quarantine in one transaction. What is released holds from the time on when it was seen, but not where a page
   * was fetched later.
   * @throws StorageError QUARANTINE_UNKNOWN when there is none that is open.
   */
  readonly closeQuarantine: (closing: QuarantineClosing) => Promise<ClosedQuarantine>;

  /**
   * Saves the receipt and, in the same transaction, what follows from the city: listings that were gone and are listed
   * again have come back; when the verdict is complete and there are rules, listings that are due are marked gone and
   * those of one home are linked. Gives back the whole receipt; saving it again changes nothing.
   */
  readonly saveCityReceipt: (
    receipt: Omit<CityReceipt, keyof CityDelisting>,
    rules: SeriesRules | null,
  ) => Promise<CityReceipt>;

  /** The newest time that an execution or a listing has, in epoch milliseconds; null when nothing is stored. */
  readonly lastRecordedAtMs: () => Promise<number | null>;

  /** When the city began in this execution (ISO 8601 UTC); null when it did not. */
  readonly cityStartedAt: (executionId: string, city: string) => Promise<string | null>;

  /** Why the rest of the city was not asked in this execution (its failure of kind `city`); null when it was not stopped. */
  readonly cityStopReason: (executionId: string, city: string) => Promise<string | null>;

  /** Receipts of the execution, in order of their start. */
  readonly cityReceipts: (executionId: string) => Promise<readonly CityReceipt[]>;

  /** The requests of a nominal day (`YYYY-MM-DD`), those already added up per minute included. */
  readonly requestsOfDay: (nominalDay: string) => Promise<DayRequests>;

  /** Keeps the result; then single requests that are older than they are to be kept are added up per minute. */
  readonly saveExecutionResult: (result: ExecutionResult, finishedAtUtc: string) => Promise<void>;

  /** Ids whose outcome in the execution is settled well (new, changed, unchanged, removed): not to be fetched again. */
  readonly settledListingIds: (executionId: string, city: string) => Promise<ReadonlySet<string>>;

  /** Writes down that the day had no run, unless it has an execution of whatever kind; true when it was written. */
  readonly recordSkippedDay: (day: SkippedDayWrite) => Promise<boolean>;

  /** Flushes what is buffered, then gives the executions that are open, oldest first. */
  readonly runningExecutions: () => Promise<readonly RunningExecution[]>;

  /**
   * The executions of a nominal day that were started, oldest first: the caller continues the last one when it is `running` or
   * `interrupted` and was asked for the same cities, or starts another.
   */
  readonly executionsOfDay: (nominalDay: string) => Promise<readonly ExecutionSummary[]>;
}
