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

/** What robots.txt said of one request that was to be made; `unavailable`: it could not be had, so nothing was asked. */
export type RobotsDecision = 'allowed' | 'disallowed' | 'unavailable';

export interface RobotsRecord {
  /** ISO 8601 UTC. */
  readonly decidedAtUtc: string;
  readonly executionId: string;
  /** Null when the request was not for one city. */
  readonly city: string | null;
  readonly decision: RobotsDecision;
}

/** A limit as it came into force, so that a day can later be judged by what held then and not by today's settings. */
export interface LimitRecord {
  /** ISO 8601 UTC. */
  readonly fromUtc: string;
  readonly executionId: string;
  /** Null = the portal as a whole. */
  readonly city: string | null;
  /** Smallest time between two requests, in milliseconds, the Crawl-delay of robots.txt included; 0 = no limit. */
  readonly intervalMs: number;
  /** How many times slower than that was asked because the portal was slow or failing; 1 or more. */
  readonly slowDown: number;
  /** Requests a day (Helsinki); null = no budget. */
  readonly dailyRequestBudget: number | null;
}

/** Takes what is to be kept beside the requests; must not throw and must not wait. */
export interface LedgerSink {
  readonly recordLimit: (record: LimitRecord) => void;
  readonly recordRobots: (record: RobotsRecord) => void;
}
