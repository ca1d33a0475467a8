/**
 * What an audit report says of one execution. It is put together where the tables are read, and rendered as text, JSON or
 * HTML elsewhere.
 */
import type { AuditEventType, AuditSeverity } from './audit-event.ts';

export interface AuditReport {
  readonly executionId: string;
  /** `YYYY-MM-DD` in Helsinki. */
  readonly nominalDay: string;
  /** running, completed, degraded, failed, interrupted; missed or paused for a day without a run. */
  readonly status: string;
  /** ISO 8601 UTC; null on a day without a run. */
  readonly startedAtUtc: string | null;
  /** Null while it runs. */
  readonly finishedAtUtc: string | null;
  /** Time in which a process worked on it, in seconds; null while it runs. */
  readonly executionTimeSeconds: number | null;
  /** What it went on without. */
  readonly missingParts: readonly { readonly part: string; readonly reason: string }[];
  readonly dataChanges: DataChanges;
  /** In the order of their begin; those that did not begin last. */
  readonly cities: readonly CityOutcome[];
  /** By kind of request, most first. */
  readonly requests: readonly RequestTimes[];
  /** By category, most first. */
  readonly errors: readonly ErrorCount[];
  /** How often each type of event was recorded. */
  readonly eventCounts: Readonly<Partial<Record<AuditEventType, number>>>;
  /** The events in the order they happened; retries and failures of single jobs are left out first. */
  readonly timeline: readonly TimelineEntry[];
  /** Events that are not in the timeline, because there were more than it holds. */
  readonly eventsLeftOut: number;
}

/** Listings, summed over the cities. */
export interface DataChanges {
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Of unchanged, those whose page was not fetched. */
  readonly unfetched: number;
  readonly removed: number;
  readonly goneCandidates: number;
  readonly failed: number;
}

export interface CityOutcome extends DataChanges {
  readonly city: string;
  /** complete, partial, failed or foreign; null while it is being collected. */
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly startedAtUtc: string | null;
  readonly finishedAtUtc: string | null;
  readonly discovered: number;
  readonly requests: number;
  readonly retries: number;
  readonly rateLimitHits: number;
  readonly breakerTrips: number;
}

export interface RequestTimes {
  /** robots, session, search, listing, location or part. */
  readonly kind: string;
  readonly requests: number;
  /** Requests without a usable response. */
  readonly failed: number;
  readonly bytes: number;
  /** Milliseconds; null when the single requests are no longer kept. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

export interface ErrorCount {
  readonly category: string;
  /** Requests that ended so. */
  readonly requests: number;
  /** Listings and pages given up for it. */
  readonly givenUp: number;
}

export interface TimelineEntry {
  readonly occurredAtUtc: string;
  readonly type: AuditEventType;
  readonly severity: AuditSeverity;
  readonly city: string | null;
  readonly nodeId: string;
  readonly correlationId: string | null;
  readonly message: string;
}
