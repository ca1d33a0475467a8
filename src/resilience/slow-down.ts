/**
 * When to ask more slowly than configured, and how much: a pure reducer over what each request was like. It grows as
 * soon as answers get slow against their own recent past or go wrong, and shrinks only after a time in which all is
 * well. The idea is that of TCP's congestion control the other way round: back off fast, come back slowly.
 */

export interface SlowDownOptions {
  /** Most times slower than configured, 1 or more. */
  readonly maxFactor: number;
}

/** What one request was like. */
export interface ObservedRequest {
  /** When it ended, in epoch milliseconds. */
  readonly atMs: number;
  readonly durationMs: number;
  /** A 5xx, a timeout or a request for fewer of them (429). */
  readonly isTrouble: boolean;
}

export interface SlowDown {
  /** Times slower than configured, from 1 to `maxFactor`. */
  readonly factor: number;
  /** Why it is above 1, or null. */
  readonly reason: string | null;
  /** Usual time of an answer, in milliseconds: a slow average; null before the first one. */
  readonly usualMs: number | null;
  /** Time of an answer lately, in milliseconds: a quick average. */
  readonly recentMs: number;
  /** Share of requests that were trouble lately, 0 to 1: a quick average. */
  readonly troubleShare: number;
  /** Requests that went into the averages, as far as it matters. */
  readonly observed: number;
  /** Requests since the factor last grew: a step must show its effect before the next one. */
  readonly sinceGrowth: number;
  /** Since when nothing was wrong, or since the factor last shrank, in epoch milliseconds. */
  readonly calmSinceMs: number;
}

/** Weights of one request in the averages. */
const usualWeight = 0.01;
const recentWeight = 0.2;
/** So that one failure is chance and two among ten requests are not. */
const troubleWeight = 0.1;
/** Requests before "usual" means anything. */
const warmUp = 20;
/** Slow is this many times the usual, and at least this much longer: a quick portal has room to vary. */
const slowTimes = 2;
const slowByMs = 250;
const troubleLimit = 0.15;
const growth = 2;
const requestsPerStep = 5;
const calmMs = 60_000;
const shrinkage = 0.8;

/** The state before anything was seen. */
export const noSlowDown: SlowDown = {
  factor: 1,
  reason: null,
  usualMs: null,
  recentMs: 0,
  troubleShare: 0,
  observed: 0,
  sinceGrowth: requestsPerStep,
  calmSinceMs: 0,
};

/** The state after one more request. The factor doubles at most every 5 requests and takes a fifth off after a minute of calm. */
export function observeRequest(before: SlowDown, request: ObservedRequest, options: SlowDownOptions): SlowDown {
  const seen = withAverages(before, request);
  const reason = reasonToSlowDown(seen, request);
  if (reason !== null) return grow({ ...seen, reason, calmSinceMs: request.atMs }, options);
  if (seen.factor === 1 || request.atMs - seen.calmSinceMs < calmMs) return seen;
  return shrink({ ...seen, calmSinceMs: request.atMs });
}

function withAverages(before: SlowDown, { durationMs, isTrouble }: ObservedRequest): SlowDown {
  const observed = Math.min(warmUp, before.observed + 1);
  const share = before.troubleShare + troubleWeight * ((isTrouble ? 1 : 0) - before.troubleShare);
  const seen = { ...before, observed, troubleShare: share, sinceGrowth: before.sinceGrowth + 1 };
  // An error says little of how long an answer takes: a refusal is quick, a timeout is as long as we allowed.
  if (isTrouble) return seen;
  if (before.usualMs === null) return { ...seen, usualMs: durationMs, recentMs: durationMs };
  // Until it means something, the usual follows as fast as its number of requests allows.
  const weight = Math.max(usualWeight, observed < warmUp ? 1 / observed : 0);
  return {
    ...seen,
    usualMs: before.usualMs + weight * (durationMs - before.usualMs),
    recentMs: before.recentMs + recentWeight * (durationMs - before.recentMs),
  };
}

function reasonToSlowDown(seen: SlowDown, { isTrouble }: ObservedRequest): string | null {
  if (isTrouble && seen.troubleShare > troubleLimit) {
    return 'several of the last requests failed';
  }
  const { usualMs, recentMs } = seen;
  if (usualMs === null || seen.observed < warmUp) return null;
  if (recentMs < slowTimes * usualMs || recentMs < usualMs + slowByMs) return null;
  return `answers take ${Math.round(recentMs)} ms instead of ${Math.round(usualMs)} ms`;
}

function grow(state: SlowDown, { maxFactor }: SlowDownOptions): SlowDown {
  if (state.sinceGrowth < requestsPerStep) return state;
  const factor = Math.min(Math.max(1, maxFactor), state.factor * growth);
  return { ...state, factor, sinceGrowth: 0 };
}

function shrink(state: SlowDown): SlowDown {
  const smaller = state.factor * shrinkage;
  return smaller < 1.05 ? { ...state, factor: 1, reason: null } : { ...state, factor: smaller };
}
