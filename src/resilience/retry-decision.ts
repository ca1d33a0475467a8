/**
 * Whether a failed job is tried again, when, and at what cost. Decides by the category table alone; it waits for nothing
 * and remembers nothing.
 */
import { categoryOf, messageOf, ScraperError } from '../errors.ts';
import { categoryPolicies, finalCodes, holdCodes, nodeHoldCodes, stopCodes } from './error-categories.ts';
import type { RetryStrategy } from './retry-strategy.ts';
import { retryDelayMs } from './retry-strategy.ts';

/** Tries and pauses of one kind of job; the same shape as RetryConfig of the configuration. */
export interface RetryPolicy {
  readonly strategy: RetryStrategy['kind'];
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
}

export interface FailedTry {
  readonly error: unknown;
  /** Tries that counted, this one included. */
  readonly attempt: number;
  /** All tries, the ones that cost nothing included. */
  readonly startedAttempts: number;
  readonly policy: RetryPolicy;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export type RetryDecision =
  | { readonly action: 'retry'; readonly delayMs: number; readonly costsAttempt: boolean }
  /** Nothing was asked: the whole queue waits, and the job starts again as if it had not been started. */
  | {
      readonly action: 'hold';
      readonly delayMs: number /** `node`: only this process is held. */;
      readonly scope?: 'node';
    }
  | { readonly action: 'give_up'; readonly reason: string };

/** Wait of a hold that does not say how long. */
const defaultHoldMs = 1_000;

/** A job may start this often however little its tries cost, so that a portal that always says 429 ends it. */
const maxStarts = 10;

/** The decision for one failed try. A wait the portal asked for is kept in full, whatever the policy's longest delay. */
export function decideRetry(failed: FailedTry): RetryDecision {
  const { error, attempt, startedAttempts, policy, random } = failed;
  const category = categoryOf(error);
  const { retry, costsAttempt } = categoryPolicies[category];
  const code = error instanceof ScraperError ? error.code : '';
  const askedMs = error instanceof ScraperError ? (error.details.retryAfterMs ?? 0) : 0;
  if (holdCodes.has(code)) {
    const delayMs = askedMs > 0 ? askedMs : defaultHoldMs;
    return nodeHoldCodes.has(code) ? { action: 'hold', delayMs, scope: 'node' } : { action: 'hold', delayMs };
  }
  if (stopCodes.has(code)) return giveUp('the city is stopped', error);
  if (retry === 'never' || finalCodes.has(code)) return giveUp(`${category} is not tried again`, error);
  if (startedAttempts >= maxStarts) return giveUp(`started ${startedAttempts} times`, error);
  if (costsAttempt && attempt >= policy.maxAttempts)
    return giveUp(`${attempt} of ${policy.maxAttempts} attempts`, error);
  const { strategy: kind, ...parameters } = policy;
  const strategy = { kind, ...parameters };
  const backoffMs = retryDelayMs({ strategy, attempt: costsAttempt ? attempt : startedAttempts, random });
  const isTold = retry === 'later' && askedMs > 0;
  return { action: 'retry', delayMs: isTold ? askedMs : Math.max(askedMs, backoffMs), costsAttempt };
}

function giveUp(why: string, error: unknown): RetryDecision {
  return { action: 'give_up', reason: `${why}: ${messageOf(error)}` };
}
