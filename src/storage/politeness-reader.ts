/**
 * A day's politeness as the ledger has it: what was asked, how close together, under which limits, with which answers.
 * Only what was recorded at the time counts; what can no longer be computed is null, never guessed.
 */
import { z } from 'zod';
import { boundsOfNominalDay, nominalDayOf, toUtcIso } from '../clock.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';

/** A limit as it held from a moment of the day on. */
export interface LimitInForce {
  /** ISO 8601 UTC. */
  readonly fromUtc: string;
  /** Smallest time between two requests; 0 = no limit. */
  readonly intervalMs: number;
  readonly slowDown: number;
  readonly dailyRequestBudget: number | null;
}

/** How close together requests left, judged by the interval in force for each. */
export interface SpacingCheck {
  /** Most requests in any window as long as one interval (its end not included); the limit is 1. */
  readonly worstWindow: number;
  readonly isWithinLimit: boolean;
  /** The two requests closest together, in milliseconds; null when there was only one. */
  readonly smallestGapMs: number | null;
  /** Most requests in any 60 seconds, sliding. */
  readonly busiestMinute: number;
}

export interface ScopePoliteness {
  /** Null = the portal as a whole. */
  readonly city: string | null;
  readonly requests: number;
  /** ISO 8601 UTC, to the millisecond, or to the minute where requests have been added up. */
  readonly firstAtUtc: string;
  readonly lastAtUtc: string;
  /** Of the minutes of the clock in which anything was asked. */
  readonly perMinute: { readonly max: number; readonly p95: number };
  /** Null when single requests of the day are no longer kept, or no limit was recorded. */
  readonly spacing: SpacingCheck | null;
  /** Longest time between two requests, in milliseconds; null when it is not known any more, or there was only one. */
  readonly longestPauseMs: number | null;
  readonly answers: {
    readonly status429: number;
    readonly status403: number;
    readonly status5xx: number;
    /** No answer at all: connection, timeout. */
    readonly none: number;
  };
  readonly bodyBytes: number;
  readonly meanDurationMs: number;
  /** In the order they came into force. */
  readonly limits: readonly LimitInForce[];
  readonly robots: { readonly allowed: number; readonly disallowed: number; readonly unavailable: number };
}

export interface PolitenessDay {
  /** `YYYY-MM-DD` in Helsinki. */
  readonly day: string;
  /** `requests`: each is kept; `minutes`: added up; `mixed`: some of each; `none`: nothing was asked, or nothing is known. */
  readonly detail: 'requests' | 'minutes' | 'mixed' | 'none';
  /** The portal first, then the cities by name; empty when nothing was asked. */
  readonly scopes: readonly ScopePoliteness[];
  /** First and last day with requests; null when there is none. */
  readonly knownDays: { readonly first: string; readonly last: string } | null;
}

export interface PolitenessQuery {
  /** `YYYY-MM-DD` in Helsinki; by default the last day with requests. */
  readonly day?: string;
  /** Only this city, in any case; the portal is always there. */
  readonly city?: string;
}

/** Reads a day. A day without requests has no scopes. */
export async function readPolitenessDay(
  database: Database,
  query: PolitenessQuery,
  nowMs: number,
): Promise<PolitenessDay> {
  return database.use(async (session) => {
    const knownDays = await selectKnownDays(session);
    const day = query.day ?? knownDays?.last ?? nominalDayOf(nowMs);
    const { fromMs, toMs } = boundsOfNominalDay(day);
    const range = { from: toUtcIso(fromMs), to: toUtcIso(toMs) };
    const totals = (await session.rows(selectTotals, range)).map((row) => totalsRow.parse(row));
    const spacings = await selectSpacings(session, range);
    const limits = (await session.rows(selectLimits, range)).map((row) => limitRow.parse(row));
    const robots = (await session.rows(selectRobots, { day })).map((row) => robotsRow.parse(row));
    const wanted = totals.filter(({ scope }) => scope === '' || isWanted(scope, query.city));
    return {
      day,
      detail: detailOf(totals),
      knownDays,
      scopes: wanted.map((total) => toScope(total, spacings, limits, robots)),
    };
  });
}

function isWanted(city: string, only: string | undefined): boolean {
  return only === undefined || city.toLowerCase() === only.toLowerCase();
}

/** The portal as a whole is scope '' in these queries, beside a scope for each city. */
const scoped = (rows: string): string => `
  SELECT '' AS scope, * FROM ${rows} UNION ALL SELECT city AS scope, * FROM ${rows} WHERE city IS NOT NULL`;

const selectTotals = `
WITH day AS (
  SELECT city, date_trunc('minute', sent_at) AS minute, min(sent_at) AS first_at, max(sent_at) AS last_at, status,
    count(*) AS requests, sum(duration_ms) AS duration_ms, sum(body_bytes) AS body_bytes, true AS is_single
  FROM request_log WHERE sent_at >= $from::TIMESTAMP AND sent_at < $to::TIMESTAMP GROUP BY city, minute, status
  UNION ALL
  SELECT city, minute, minute, minute, status, requests, duration_ms, body_bytes, false
  FROM request_log_minutes WHERE minute >= $from::TIMESTAMP AND minute < $to::TIMESTAMP
), scoped AS (${scoped('day')}),
minutes AS (SELECT scope, minute, sum(requests) AS requests FROM scoped GROUP BY scope, minute),
rates AS (
  SELECT scope, max(requests)::DOUBLE AS maxPerMinute, quantile_disc(requests, 0.95)::DOUBLE AS p95PerMinute
  FROM minutes GROUP BY scope
)
SELECT scope, sum(requests)::DOUBLE AS requests, epoch_ms(min(first_at))::DOUBLE AS firstAtUtc,
  epoch_ms(max(last_at))::DOUBLE AS lastAtUtc, any_value(maxPerMinute) AS maxPerMinute,
  any_value(p95PerMinute) AS p95PerMinute,
  coalesce(sum(requests) FILTER (status = 429), 0)::DOUBLE AS status429,
  coalesce(sum(requests) FILTER (status = 403), 0)::DOUBLE AS status403,
  coalesce(sum(requests) FILTER (status >= 500), 0)::DOUBLE AS status5xx,
  coalesce(sum(requests) FILTER (status IS NULL), 0)::DOUBLE AS none,
  sum(body_bytes)::DOUBLE AS bodyBytes, (sum(duration_ms) / sum(requests))::DOUBLE AS meanDurationMs,
  bool_or(is_single) AS hasSingle, bool_or(NOT is_single) AS hasMinutes
FROM scoped JOIN rates USING (scope) GROUP BY scope ORDER BY scope`;

const totalsRow = z.object({
  scope: z.string(),
  requests: z.number(),
  firstAtUtc: z.number().transform(toUtcIso),
  lastAtUtc: z.number().transform(toUtcIso),
  maxPerMinute: z.number(),
  p95PerMinute: z.number(),
  status429: z.number(),
  status403: z.number(),
  status5xx: z.number(),
  none: z.number(),
  bodyBytes: z.number(),
  meanDurationMs: z.number(),
  hasSingle: z.boolean(),
  hasMinutes: z.boolean(),
});
type Totals = z.infer<typeof totalsRow>;

/**
 * Each request with the interval in force when it left. Times are whole milliseconds, cut off: two requests that are
 * an interval of 333.3 ms apart may be 333 ms apart in the log, so a window is one millisecond shorter than the interval.
 */
const selectSpacing = `
WITH near AS (
  SELECT city, sent_at FROM request_log
  WHERE sent_at >= $from::TIMESTAMP - INTERVAL 1 HOUR AND sent_at < $to::TIMESTAMP
), scoped AS (${scoped('near')}),
limits AS (
  SELECT coalesce(city, '') AS scope, in_force_from, last(interval_ms) AS interval_ms
  FROM request_limits GROUP BY ALL
), judged AS (
  SELECT s.scope, s.sent_at, l.interval_ms, lag(s.sent_at) OVER before AS previous_at
  FROM scoped s ASOF LEFT JOIN limits l ON s.scope = l.scope AND s.sent_at >= l.in_force_from
  WINDOW before AS (PARTITION BY s.scope ORDER BY s.sent_at)
), counted AS (
  SELECT *, epoch_ms(sent_at) - epoch_ms(previous_at) AS gap_ms,
    count(*) OVER (PARTITION BY scope ORDER BY sent_at
      RANGE BETWEEN to_milliseconds(greatest(0, floor(coalesce(interval_ms, 0)) - 1)) PRECEDING AND CURRENT ROW) AS in_window,
    count(*) OVER (PARTITION BY scope ORDER BY sent_at
      RANGE BETWEEN INTERVAL 59999 MILLISECONDS PRECEDING AND CURRENT ROW) AS in_minute
  FROM judged
)
SELECT scope, bool_and(interval_ms IS NOT NULL) AS isKnown,
  coalesce(max(in_window) FILTER (interval_ms > 0), 1)::DOUBLE AS worstWindow,
  min(gap_ms)::DOUBLE AS smallestGapMs,
  max(gap_ms) FILTER (previous_at >= $from::TIMESTAMP)::DOUBLE AS longestPauseMs, max(in_minute)::DOUBLE AS busiestMinute
FROM counted WHERE sent_at >= $from::TIMESTAMP GROUP BY scope`;

const spacingRow = z.object({
  scope: z.string(),
  isKnown: z.boolean(),
  worstWindow: z.number(),
  smallestGapMs: z.number().nullable(),
  longestPauseMs: z.number().nullable(),
  busiestMinute: z.number(),
});
type Spacing = z.infer<typeof spacingRow>;

async function selectSpacings(
  session: Session,
  range: { readonly from: string; readonly to: string },
): Promise<ReadonlyMap<string, Spacing>> {
  const rows = (await session.rows(selectSpacing, range)).map((row) => spacingRow.parse(row));
  return new Map(rows.map((row) => [row.scope, row]));
}

/** Those that came into force on the day, and for each scope the last one before it. */
const selectLimits = `
SELECT coalesce(city, '') AS scope, epoch_ms(in_force_from)::DOUBLE AS fromUtc, interval_ms AS intervalMs,
  slow_down AS slowDown, daily_request_budget AS dailyRequestBudget
FROM request_limits
WHERE in_force_from < $to::TIMESTAMP
QUALIFY in_force_from >= $from::TIMESTAMP
  OR row_number() OVER (PARTITION BY city, in_force_from < $from::TIMESTAMP ORDER BY in_force_from DESC) = 1
ORDER BY in_force_from`;

const limitRow = z.object({
  scope: z.string(),
  fromUtc: z.number().transform(toUtcIso),
  intervalMs: z.number(),
  slowDown: z.number(),
  dailyRequestBudget: z.number().nullable(),
});

const selectRobots = `
SELECT coalesce(city, '') AS scope, coalesce(sum(requests) FILTER (decision = 'allowed'), 0)::DOUBLE AS allowed,
  coalesce(sum(requests) FILTER (decision = 'disallowed'), 0)::DOUBLE AS disallowed,
  coalesce(sum(requests) FILTER (decision = 'unavailable'), 0)::DOUBLE AS unavailable
FROM robots_decisions WHERE nominal_day = $day::DATE GROUP BY city`;

const robotsRow = z.object({
  scope: z.string(),
  allowed: z.number(),
  disallowed: z.number(),
  unavailable: z.number(),
});

function toScope(
  total: Totals,
  spacings: ReadonlyMap<string, Spacing>,
  limits: readonly z.infer<typeof limitRow>[],
  robots: readonly z.infer<typeof robotsRow>[],
): ScopePoliteness {
  const { scope, status429, status403, status5xx, none } = total;
  const spacing = total.hasMinutes ? undefined : spacings.get(scope);
  const own = robots.filter((row) => scope === '' || row.scope === scope);
  const sumOf = (read: (row: z.infer<typeof robotsRow>) => number) => own.reduce((sum, row) => sum + read(row), 0);
  return {
    city: scope === '' ? null : scope,
    requests: total.requests,
    firstAtUtc: total.firstAtUtc,
    lastAtUtc: total.lastAtUtc,
    perMinute: { max: total.maxPerMinute, p95: total.p95PerMinute },
    spacing: spacing === undefined || !spacing.isKnown ? null : toCheck(spacing),
    longestPauseMs: spacing?.longestPauseMs ?? null,
    answers: { status429, status403, status5xx, none },
    bodyBytes: total.bodyBytes,
    meanDurationMs: total.meanDurationMs,
    limits: limits.filter((row) => row.scope === scope).map(({ scope: _scope, ...limit }) => limit),
    robots: {
      allowed: sumOf((row) => row.allowed),
      disallowed: sumOf((row) => row.disallowed),
      unavailable: sumOf((row) => row.unavailable),
    },
  };
}

function toCheck({ worstWindow, smallestGapMs, busiestMinute }: Spacing): SpacingCheck {
  return { worstWindow, isWithinLimit: worstWindow <= 1, smallestGapMs, busiestMinute };
}

function detailOf(totals: readonly Totals[]): PolitenessDay['detail'] {
  const hasSingle = totals.some((total) => total.hasSingle);
  const hasMinutes = totals.some((total) => total.hasMinutes);
  if (hasSingle && hasMinutes) return 'mixed';
  if (hasSingle) return 'requests';
  return hasMinutes ? 'minutes' : 'none';
}

const selectBounds = `
SELECT epoch_ms(min(asked_at))::DOUBLE AS firstMs, epoch_ms(max(asked_at))::DOUBLE AS lastMs
FROM (SELECT sent_at AS asked_at FROM request_log UNION ALL SELECT minute FROM request_log_minutes)`;

const boundsRow = z.object({ firstMs: z.number().nullable(), lastMs: z.number().nullable() });

async function selectKnownDays(session: Session): Promise<PolitenessDay['knownDays']> {
  const [row] = await session.rows(selectBounds);
  const { firstMs, lastMs } = boundsRow.parse(row);
  if (firstMs === null || lastMs === null) return null;
  return { first: nominalDayOf(firstMs), last: nominalDayOf(lastMs) };
}
