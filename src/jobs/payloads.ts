/**
 * The JSON arguments of every job kind, and the schemas that read them back. Payloads carry parsed records and
 * references, never page bodies and never secrets.
 */
import { z } from 'zod';
import type { RequestKind } from '../crawl/fetcher.ts';
import type { RobotsDecision } from '../crawl/request-log.ts';
import { errorCategories } from '../errors.ts';
import type { AuditEventType, AuditSeverity } from '../lineage/audit-event.ts';
import type { Card } from '../listings/card.ts';
import type { ListingRecord } from '../listings/fields.ts';
import { dealTypes } from '../listings/fields.ts';
import { issueCodes } from '../listings/issue.ts';
import { isListingRecord, problemOfRecord } from '../listings/record-shape.ts';
import type { FailureWrite, LedgerBatchWrite, ListingWrite, SearchPageWrite, UnchangedWrite } from './store-writes.ts';

const cityTask = z.object({
  city: z.string(),
  /** Search URL of the city as configured. */
  url: z.string(),
  priority: z.number(),
  /** Listings to collect at most; null = all. */
  listingLimit: z.number().int().positive().nullable(),
});

/** An operator has said that the cities may lose more listings at once than is believed otherwise. */
const acceptsDrop = z.boolean().default(false);

export const runPayload = z.object({
  executionId: z.string(),
  /** `YYYY-MM-DD` in Helsinki. */
  nominalDay: z.string(),
  tasks: z.array(cityTask),
  acceptsDrop,
});
export type RunPayload = z.infer<typeof runPayload>;

export const cityPayload = z.object({ executionId: z.string(), task: cityTask, acceptsDrop });
export type CityPayload = z.infer<typeof cityPayload>;

export const searchPagePayload = z.object({
  executionId: z.string(),
  city: z.string(),
  searchUrl: z.string(),
  /** 1-based. */
  page: z.number().int().positive(),
  /** Listings that may still be collected; null = no limit. */
  remaining: z.number().int().nonnegative().nullable(),
  /** Which later reading of the list the page belongs to (2 or more), and its last page for now; absent in the first one. */
  reread: z.object({ pass: z.number().int().min(2), untilPage: z.number().int().positive() }).exactOptional(),
});
export type SearchPagePayload = z.infer<typeof searchPagePayload>;

export const reconcileListPayload = z.object({ executionId: z.string(), city: z.string(), searchUrl: z.string() });
export type ReconcileListPayload = z.infer<typeof reconcileListPayload>;

const text = z.string().nullable();
const amount = z.number().nullable();

const card = z.object({
  listingId: z.string(),
  url: z.string(),
  dealType: z.enum(dealTypes),
  cityAsPrinted: text,
  district: text,
  address: text,
  postalCode: text,
  latitude: amount,
  longitude: amount,
  priceEur: amount,
  rentEurMonth: amount,
  areaM2: amount,
  rooms: amount,
  roomConfiguration: text,
  yearBuilt: amount,
  newDevelopment: z.boolean().nullable(),
  publishedAt: text,
  priceChangedAt: text,
  brokerCompany: text,
  status: text,
}) satisfies z.ZodType<Card>;

export const listingPayload = z.object({ executionId: z.string(), city: z.string(), card });
export type ListingPayload = z.infer<typeof listingPayload>;

export const storeSearchPagePayload = z.object({
  executionId: z.string(),
  city: z.string(),
  page: z.number().int().positive(),
  pass: z.number().int().positive(),
  portalTotal: z.number().int().nonnegative().nullable(),
  isLastPage: z.boolean(),
  listingIds: z.array(z.string()),
  unfetchedListingIds: z.array(z.string()),
  skippedListingIds: z.array(z.string()),
  foreignListingIds: z.array(z.string()),
  fetchedAtUtc: z.string(),
  fetchMode: z.enum(['http', 'browser']),
}) satisfies z.ZodType<SearchPageWrite>;

export const storeListingPayload: z.ZodType<ListingWrite> = z.object({
  record: z.custom<ListingRecord>(isListingRecord, { error: ({ input }) => problemOfRecord(input) ?? 'not a record' }),
  issues: z.array(
    z.object({
      code: z.enum(issueCodes),
      field: text,
      message: z.string(),
      rawValue: z.string().exactOptional(),
      cost: z.number().exactOptional(),
    }),
  ),
  dataQualityScore: z.number().min(0).max(1),
  provenance: z.object({
    executionId: z.string(),
    requestUrl: z.string(),
    status: z.number().int(),
    fetchedAtUtc: z.string(),
    responseSha256: z.string(),
    parser: z.string(),
    etag: text,
    lastModified: text,
    cardHash: z.string(),
    nodeId: z.string(),
  }),
});

export const storeUnchangedPayload = z.object({
  executionId: z.string(),
  city: z.string(),
  listingId: z.string(),
  requestUrl: z.string(),
  fetchedAtUtc: z.string(),
  nodeId: z.string(),
}) satisfies z.ZodType<UnchangedWrite>;

/** The little of a `store-listing` payload that its failure needs, readable even when the record is not. */
export const storeListingKeys = z.object({
  record: z.object({ listingId: z.string(), url: z.string(), city: z.string() }),
  provenance: z.object({ executionId: z.string(), status: z.number().int() }),
});

export const storeFailurePayload = z.object({
  executionId: z.string(),
  city: z.string(),
  listingId: text,
  jobKind: z.enum(['search-page', 'listing', 'city']),
  page: z.number().int().positive().nullable(),
  url: z.string(),
  category: z.enum(errorCategories),
  code: z.string(),
  message: z.string(),
  attempts: z.number().int().nonnegative(),
  status: z.number().int().nullable(),
  failedAtUtc: z.string(),
}) satisfies z.ZodType<FailureWrite>;

/** A type's values for a schema; the compiler sees to it that none is missing, and none is there too many. */
type AllOf<Values extends string> = { readonly [Value in Values]: Value };

const requestKinds: AllOf<RequestKind> = {
  robots: 'robots',
  session: 'session',
  search: 'search',
  listing: 'listing',
  location: 'location',
  part: 'part',
};
const robotsDecisions: AllOf<RobotsDecision> = {
  allowed: 'allowed',
  disallowed: 'disallowed',
  unavailable: 'unavailable',
};
const auditTypes: AllOf<AuditEventType> = {
  AUTOMATION_START: 'AUTOMATION_START',
  AUTOMATION_COMPLETE: 'AUTOMATION_COMPLETE',
  CITY_EXECUTION_START: 'CITY_EXECUTION_START',
  CITY_EXECUTION_SUCCESS: 'CITY_EXECUTION_SUCCESS',
  CITY_EXECUTION_ERROR: 'CITY_EXECUTION_ERROR',
  CIRCUIT_BREAKER_TRIP: 'CIRCUIT_BREAKER_TRIP',
  CIRCUIT_BREAKER_CHANGE: 'CIRCUIT_BREAKER_CHANGE',
  RATE_LIMIT_HIT: 'RATE_LIMIT_HIT',
  RETRY_ATTEMPT: 'RETRY_ATTEMPT',
  JOB_FAILED: 'JOB_FAILED',
  CONFIGURATION_CHANGE: 'CONFIGURATION_CHANGE',
  OPERATOR_ACTION: 'OPERATOR_ACTION',
  DELISTING: 'DELISTING',
  QUARANTINE: 'QUARANTINE',
  NODE_JOINED: 'NODE_JOINED',
  NODE_LEFT: 'NODE_LEFT',
};
const severities: AllOf<AuditSeverity> = { INFO: 'INFO', WARNING: 'WARNING', ERROR: 'ERROR', CRITICAL: 'CRITICAL' };

export const storeLedgerPayload = z.object({
  batchId: z.string(),
  executionId: z.string(),
  requests: z.array(
    z.object({
      sentAtUtc: z.string(),
      executionId: z.string(),
      city: text,
      kind: z.enum(requestKinds),
      url: z.string(),
      status: z.number().int().nullable(),
      durationMs: z.number(),
      bodyBytes: z.number().int(),
      errorCategory: z.enum(errorCategories).nullable(),
      nodeId: z.string(),
    }),
  ),
  limits: z.array(
    z.object({
      fromUtc: z.string(),
      executionId: z.string(),
      city: text,
      intervalMs: z.number(),
      slowDown: z.number(),
      dailyRequestBudget: amount,
    }),
  ),
  robots: z.array(
    z.object({
      decidedAtUtc: z.string(),
      executionId: z.string(),
      city: text,
      decision: z.enum(robotsDecisions),
    }),
  ),
  auditEvents: z.array(
    z.object({
      eventId: z.string(),
      occurredAtUtc: z.string(),
      type: z.enum(auditTypes),
      severity: z.enum(severities),
      executionId: text,
      city: text,
      nodeId: z.string(),
      correlationId: z.string().nullish(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  ),
}) satisfies z.ZodType<LedgerBatchWrite>;

export const finalizeCityPayload = z.object({
  executionId: z.string(),
  city: z.string(),
  listingLimit: z.number().int().positive().nullable(),
  acceptsDrop,
});
export type FinalizeCityPayload = z.infer<typeof finalizeCityPayload>;

export const startCityPayload = z.object({ executionId: z.string(), city: z.string() });

export const finalizeRunPayload = z.object({ executionId: z.string(), nominalDay: z.string() });

/** What an operator has decided of changes in quarantine. */
export const closeQuarantinePayload = z.object({
  executionId: z.string(),
  city: z.string(),
  action: z.enum(['release', 'discard']),
});

/** A day of the schedule that went by without a run. */
export const skipDayPayload = z.object({
  executionId: z.string(),
  /** `YYYY-MM-DD` in Helsinki. */
  nominalDay: z.string(),
  status: z.enum(['missed', 'paused']),
  /** When the run was to start. */
  plannedAtUtc: z.string(),
});
export type SkipDayPayload = z.infer<typeof skipDayPayload>;
