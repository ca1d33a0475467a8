/**
 * The robots rules of each origin: fetches robots.txt when needed, keeps it for a while, and says whether a URL may be
 * asked. When the file cannot be had because the portal is in trouble, nothing may be asked (RFC 9309, section 2.3.1).
 */
import type { Clock } from '../clock.ts';
import { categoryOf, ScraperError } from '../errors.ts';
import { holdCodes, stopCodes } from '../resilience/error-categories.ts';
import { categoryOfStatus } from '../resilience/status-category.ts';
import type { FetchedResponse, FetchRequest } from './fetcher.ts';
import type { Gate } from './gate.ts';
import type { RobotsDecision } from './request-log.ts';
import { retryAfterOf } from './retry-after.ts';
import { singleFlight } from './single-flight.ts';

export interface RobotsFile {
  readonly isAllowed: (url: URL) => boolean;
  readonly crawlDelayMs: number | null;
}

/** Reads the text of robots.txt for one product token. */
export type ReadRobots = (text: string, userAgentToken: string) => RobotsFile;

export interface RobotsRules {
  /**
   * Returns when the URL may be asked. The city is the one whose limits a fetch of robots.txt counts against.
   * @throws ScraperError BLOCKED, code ROBOTS_DISALLOWED; or, with the category of the failure and
   * `details.retryAfterMs`, code ROBOTS_UNREACHABLE when robots.txt could not be had; what kept us from asking for it
   * (a hold or a stop, e.g. BUDGET_SPENT) as it is; the signal's reason when aborted.
   */
  readonly check: (url: URL, city: string | null, signal: AbortSignal) => Promise<void>;
}

export interface RobotsOptions {
  readonly readRobots: ReadRobots;
  /** Name to look for in robots.txt, e.g. `oikotie-collector`. */
  readonly userAgentToken: string;
  /** How long a robots.txt counts, in milliseconds. */
  readonly ttlMs: number;
  /** Longest pause before an unreachable robots.txt is asked again, in milliseconds; default 300,000. */
  readonly failureTtlMs?: number;
  /** Told of every decision; must not throw. */
  readonly onDecision?: (decision: RobotsDecision, city: string | null) => void;
}

interface RobotsPorts {
  readonly fetch: (request: FetchRequest) => Promise<FetchedResponse>;
  readonly gate: Gate;
  readonly clock: Clock;
}

type Verdict =
  | { readonly kind: 'file'; readonly file: RobotsFile; readonly untilMs: number }
  | { readonly kind: 'unreachable'; readonly error: unknown; readonly untilMs: number; readonly failures: number };

const firstFailurePauseMs = 10_000;
const allowAll: RobotsFile = { isAllowed: () => true, crawlDelayMs: null };

/** The product token of a User-Agent header: `oikotie-collector` of `oikotie-collector/0.1 (+https://example.org)`. */
export function productTokenOf(userAgent: string): string {
  return /^[^\s/(]+/.exec(userAgent.trim())?.[0] ?? '*';
}

/** Makes the rules; one origin is fetched once for all who wait for it. */
export function createRobotsRules(options: RobotsOptions & RobotsPorts): RobotsRules {
  const { clock, gate } = options;
  const failureTtlMs = options.failureTtlMs ?? 300_000;
  const verdicts = new Map<string, Verdict>();
  const flights = new Map<string, (city: string | null, signal: AbortSignal) => Promise<Verdict>>();

  async function load(origin: string, city: string | null, signal: AbortSignal): Promise<Verdict> {
    const before = verdicts.get(origin);
    const verdict = await ask(origin, city, signal, before?.kind === 'unreachable' ? before.failures : 0);
    verdicts.set(origin, verdict);
    gate.widen(null, widestDelayMs(verdicts));
    return verdict;
  }

  async function ask(origin: string, city: string | null, signal: AbortSignal, failures: number): Promise<Verdict> {
    try {
      const response = await options.fetch({ url: `${origin}/robots.txt`, kind: 'robots', city, signal });
      const file = readResponse(response, options, clock.now());
      return { kind: 'file', file, untilMs: clock.now() + options.ttlMs };
    } catch (error) {
      if (signal.aborted || isOurOwn(error)) throw error;
      const pauseMs = Math.min(failureTtlMs, firstFailurePauseMs * 2 ** Math.min(failures, 20));
      const askedMs = error instanceof ScraperError ? (error.details.retryAfterMs ?? 0) : 0;
      return { kind: 'unreachable', error, untilMs: clock.now() + Math.max(pauseMs, askedMs), failures: failures + 1 };
    }
  }

  function verdictOf(origin: string, city: string | null, signal: AbortSignal): Promise<Verdict> | Verdict {
    const known = verdicts.get(origin);
    if (known !== undefined && clock.now() < known.untilMs) return known;
    const running = flights.get(origin);
    if (running !== undefined) return running(city, signal);
    const flight = singleFlight((asker: string | null, shared) => load(origin, asker, shared));
    flights.set(origin, flight);
    return flight(city, signal);
  }

  return {
    check: async (url, city, signal) => {
      signal.throwIfAborted();
      const verdict = await verdictOf(url.origin, city, signal);
      const decision = decisionOf(verdict, url);
      options.onDecision?.(decision, city);
      if (verdict.kind === 'unreachable') throw unreachable(url, verdict.error, verdict.untilMs - clock.now());
      if (decision === 'disallowed') throw disallowed(url, options.userAgentToken);
    },
  };
}

function decisionOf(verdict: Verdict, url: URL): RobotsDecision {
  if (verdict.kind === 'unreachable') return 'unavailable';
  return verdict.file.isAllowed(url) ? 'allowed' : 'disallowed';
}

/** True when nothing was asked because we hold ourselves back: that says nothing of the portal. */
function isOurOwn(error: unknown): boolean {
  return error instanceof ScraperError && (holdCodes.has(error.code) || stopCodes.has(error.code));
}

/** @throws ScraperError when the status says that robots.txt could not be had. */
function readResponse(response: FetchedResponse, options: RobotsOptions, nowMs: number): RobotsFile {
  const { status } = response;
  if (status >= 200 && status < 300) return options.readRobots(response.body, options.userAgentToken);
  if (status >= 400 && status < 500 && status !== 429) return allowAll;
  const category = categoryOfStatus(status, 'retry-after' in response.headers) ?? 'UNKNOWN';
  const retryAfterMs = retryAfterOf(response.headers, nowMs);
  const details = retryAfterMs === null ? { status } : { status, retryAfterMs };
  throw new ScraperError('ROBOTS_STATUS', `status ${status}`, { category, details });
}

function widestDelayMs(verdicts: ReadonlyMap<string, Verdict>): number {
  let widestMs = 0;
  for (const verdict of verdicts.values()) {
    if (verdict.kind === 'file') widestMs = Math.max(widestMs, verdict.file.crawlDelayMs ?? 0);
  }
  return widestMs;
}

function disallowed(url: URL, token: string): ScraperError {
  const message = `Request for ${url.href} not sent; robots.txt of ${url.host} disallows it for ${token}; leave this address out`;
  return new ScraperError('ROBOTS_DISALLOWED', message, { category: 'BLOCKED', details: { url: url.href } });
}

function unreachable(url: URL, cause: unknown, waitMs: number): ScraperError {
  const retryAfterMs = Math.max(0, waitMs);
  const got = cause instanceof Error ? cause.message : String(cause);
  const message =
    `Request for ${url.href} not sent; expected to read ${url.origin}/robots.txt, got ${got}; ` +
    `nothing is asked until it can be read, next try in ${Math.ceil(retryAfterMs / 1000)} s`;
  const details = { url: url.href, retryAfterMs };
  return new ScraperError('ROBOTS_UNREACHABLE', message, { category: categoryOf(cause), details, cause });
}
