/**
 * How long to wait before the next try. Pure arithmetic: no clock, no memory; randomness is passed in.
 */

interface Spread {
  /** Upper limit of the result, in milliseconds. */
  readonly maxDelayMs: number;
  /** Share of the delay that is random, 0 to 1: 0.2 gives 80 to 100 % of it. */
  readonly jitter: number;
}

export type RetryStrategy =
  /** base · multiplier^(attempt − 1) */
  | (Spread & { readonly kind: 'EXPONENTIAL_BACKOFF'; readonly baseDelayMs: number; readonly multiplier: number })
  /** base · attempt */
  | (Spread & { readonly kind: 'LINEAR_BACKOFF'; readonly baseDelayMs: number })
  | (Spread & { readonly kind: 'FIXED_DELAY'; readonly baseDelayMs: number })
  | { readonly kind: 'IMMEDIATE' };

export interface RetryDelayInput {
  readonly strategy: RetryStrategy;
  /** Tries made so far, from 1; less counts as 1. */
  readonly attempt: number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** The wait in whole milliseconds, between 0 and `maxDelayMs`; without jitter it never falls as attempts grow. */
export function retryDelayMs({ strategy, attempt, random }: RetryDelayInput): number {
  if (strategy.kind === 'IMMEDIATE') return 0;
  const fullMs = Math.min(strategy.maxDelayMs, growthMs(strategy, Math.max(1, attempt)));
  return Math.round(fullMs * (1 - strategy.jitter * random()));
}

function growthMs(strategy: Exclude<RetryStrategy, { kind: 'IMMEDIATE' }>, attempt: number): number {
  // 0 · Infinity is NaN: a base of nothing stays nothing, however often it is multiplied.
  if (strategy.baseDelayMs === 0) return 0;
  switch (strategy.kind) {
    case 'EXPONENTIAL_BACKOFF':
      return strategy.baseDelayMs * Math.max(1, strategy.multiplier) ** (attempt - 1);
    case 'LINEAR_BACKOFF':
      return strategy.baseDelayMs * attempt;
    case 'FIXED_DELAY':
      return strategy.baseDelayMs;
  }
}
