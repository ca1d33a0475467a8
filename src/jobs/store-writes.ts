/**
 * What jobs hand to the store: records with where they came from, search pages, failures, and the ledger of a worker. All of it
 * is JSON (src/jobs/payloads.ts reads it back).
 */
import type { LimitRecord, RequestLogEntry, RobotsRecord } from '../crawl/request-log.ts';
import type { ErrorCategory } from '../errors.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import type { ListingRecord } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';

/** What the portal said to recognise this version of a page by. */
export interface PageValidators {
  /** ETag as sent, quotes included. */
  readonly etag: string | null;
  /** Last-Modified as sent. */
  readonly lastModified: string | null;
}

/** Where a stored row came from, and by what its page is recognised when it is asked for again. */
export interface Provenance extends PageValidators {
  readonly executionId: string;
  readonly requestUrl: string;
  readonly status: number;
  /** ISO 8601 UTC. */
  readonly fetchedAtUtc: string;
  /** SHA-256 of the response body, hex. */
  readonly responseSha256: string;
  /** Parser name and version, e.g. `listing-page/1`. */
  readonly parser: string;
  /** Hash of the card that led to the page. */
  readonly cardHash: string;
  readonly nodeId: string;
}

export interface ListingWrite {
  readonly record: ListingRecord;
  readonly issues: readonly Issue[];
  /** 0 to 1. */
  readonly dataQualityScore: number;
  readonly provenance: Provenance;
}

/** A listing whose page is not modified since it was stored (status 304). */
export interface UnchangedWrite {
  readonly executionId: string;
  readonly city: string;
  readonly listingId: string;
  readonly requestUrl: string;
  readonly fetchedAtUtc: string;
  readonly nodeId: string;
}

/** One search page read: what it listed. */
export interface SearchPageWrite {
  readonly executionId: string;
  readonly city: string;
  /** 1-based. */
  readonly page: number;
  /** Which reading of the list it belongs to: 1 is the first, later ones read pages again. */
  readonly pass: number;
  /** Null when the page does not print it. */
  readonly portalTotal: number | null;
  readonly isLastPage: boolean;
  /** Ids of this city on the page that belong to the run, in order. */
  readonly listingIds: readonly string[];
  /** Those of them whose card says that their page is as stored: it is not fetched. */
  readonly unfetchedListingIds: readonly string[];
  /** Ids of this city on the page that are over the listing limit. */
  readonly skippedListingIds: readonly string[];
  /** Ids of cards of other municipalities on the page. */
  readonly foreignListingIds: readonly string[];
  readonly fetchedAtUtc: string;
  /** Whether the JSON search was asked, or the page shown in a browser. */
  readonly fetchMode: 'http' | 'browser';
}

/** What was given up: a listing, a search page (`page`), or the rest of the city (neither). */
export interface FailureWrite {
  readonly executionId: string;
  readonly city: string;
  readonly listingId: string | null;
  readonly jobKind: 'search-page' | 'listing' | 'city';
  /** 1-based search page, null for a listing. */
  readonly page: number | null;
  readonly url: string;
  readonly category: ErrorCategory;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** HTTP status when there was a response. */
  readonly status: number | null;
  readonly failedAtUtc: string;
}

/** What a worker on another machine left in the ledger, in the order it came. */
export interface LedgerBatchWrite {
  /** Unique; a batch that comes twice is written once. */
  readonly batchId: string;
  readonly executionId: string;
  readonly requests: readonly RequestLogEntry[];
  readonly limits: readonly LimitRecord[];
  readonly robots: readonly RobotsRecord[];
  readonly auditEvents: readonly AuditEvent[];
}

export interface StoreWrites {
  readonly searchPages: readonly SearchPageWrite[];
  readonly listings: readonly ListingWrite[];
  readonly unchanged: readonly UnchangedWrite[];
  readonly failures: readonly FailureWrite[];
  /** True when the listings are stored pages read otherwise: their versions are replaced, not followed by others. */
  readonly isCorrection?: boolean;
  /** None when this process asked the portal itself: `recordRequest` and its like have it all. */
  readonly ledgerBatches?: readonly LedgerBatchWrite[];
}

/** A day of the schedule on which no run was started. */
export interface SkippedDayWrite {
  readonly executionId: string;
  readonly nominalDay: string;
  /** `missed`: no scheduler was there; `paused`: somebody had paused the schedule. */
  readonly status: 'missed' | 'paused';
}
