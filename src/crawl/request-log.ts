/**
 * What is kept of every request that left: the proof of politeness. The crawl only emits entries; who stores them is
 * the sink's business.
 */
import type { ErrorCategory } from '../errors.ts';
import type { RequestKind } from './fetcher.ts';

export interface RequestLogEntry {
  /** ISO 8601 UTC, taken right before the socket. */
  readonly sentAtUtc: string;
  readonly executionId: string;
  /** Null when the request was not for one city (robots.txt). */
  readonly city: string | null;
  readonly kind: RequestKind;
  readonly url: string;
  /** HTTP status, or null when there was no response. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly bodyBytes: number;
  /** Null when the request gave a usable response. */
  readonly errorCategory: ErrorCategory | null;
  readonly nodeId: string;
}

/** Takes one entry; must not throw and must not wait. */
export type RequestSink = (entry: RequestLogEntry) => void;
