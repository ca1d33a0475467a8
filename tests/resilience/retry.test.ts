/** Retry delays and decisions: bounded, growing, and by the category table alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCategory } from '../../src/errors.ts';
import { errorCategories, ScraperError } from '../../src/errors.ts';
import { categoryPolicies, renderErrorTable } from '../../src/resilience/error-categories.ts';
import type { RetryPolicy } from '../../src/resilience/retry-decision.ts';
import { decideRetry } from '../../src/resilience/retry-decision.ts';
import type { RetryRule } from '../../src/resilience/retry-rules.ts';
import { policyFor } from '../../src/resilience/retry-rules.ts';
import type { RetryStrategy } from '../../src/resilience/retry-strategy.ts';
import { retryDelayMs } from '../../src/resilience/retry-strategy.ts';

const listingPolicy: RetryPolicy = {
  strategy: 'EXPONENTIAL_BACKOFF',
  maxAttempts: 4,
  baseDelayMs: 30_000,
  maxDelayMs: 300_000,
  multiplier: 2,
  jitter: 0,
};
const noRandom = (): number => 0;

const spread = {
  baseDelayMs: fc.integer({ min: 0, max: 3_600_000 }),
  maxDelayMs: fc.integer({ min: 0, max: 86_400_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
};
const strategies: fc.Arbitrary<RetryStrategy> = fc.oneof(
  fc.record({
    kind: fc.constant('EXPONENTIAL_BACKOFF' as const),
    multiplier: fc.double({ min: 1, max: 100, noNaN: true }),
    ...spread,
  }),
  fc.record({ kind: fc.constant('LINEAR_BACKOFF' as const), ...spread }),
  fc.record({ kind: fc.constant('FIXED_DELAY' as const), ...spread }),
  fc.record({ kind: fc.constant('IMMEDIATE' as const) }),
);
const attempts = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 10_000 }), fc.constant(10_000));
const randomValue = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function errorOf(category: ErrorCategory, retryAfterMs?: number, code = 'TEST'): ScraperError {
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new ScraperError(code, 'test error', { category, details });
}

function decide(error: unknown, attempt: number, startedAttempts = attempt) {
  return decideRetry({ error, attempt, startedAttempts, policy: listingPolicy, random: noRandom });
}

describe('retry delay', () => {
  it.each([
    [
      { kind: 'EXPONENTIAL_BACKOFF', baseDelayMs: 30, multiplier: 2, maxDelayMs: 300, jitter: 0 },
      [30, 60, 120, 240, 300, 300],
    ],
    [{ kind: 'LINEAR_BACKOFF', baseDelayMs: 30, maxDelayMs: 100, jitter: 0 }, [30, 60, 90, 100, 100, 100]],
    [{ kind: 'FIXED_DELAY', baseDelayMs: 30, maxDelayMs: 100, jitter: 0 }, [30, 30, 30, 30, 30, 30]],
    [{ kind: 'IMMEDIATE' }, [0, 0, 0, 0, 0, 0]],
  ] as const)('grows as $0.kind says', (strategy, expected) => {
    const delays = [1, 2, 3, 4, 5, 6].map((attempt) => retryDelayMs({ strategy, attempt, random: noRandom }));

    expect(delays).toEqual(expected);
  });

  it('spreads by its share of jitter', () => {
    const strategy = { kind: 'FIXED_DELAY', baseDelayMs: 1000, maxDelayMs: 5000, jitter: 0.2 } as const;

    expect(retryDelayMs({ strategy, attempt: 1, random: () => 0.5 })).toBe(900);
  });

  it('is a whole number between 0 and the limit for every strategy, attempt and random value', () => {
    fc.assert(
      fc.property(strategies, attempts, randomValue, (strategy, attempt, value) => {
        const delayMs = retryDelayMs({ strategy, attempt, random: () => value });

        expect(Number.isSafeInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(strategy.kind === 'IMMEDIATE' ? 0 : strategy.maxDelayMs);
      }),
    );
  });

  it('never falls as attempts grow, and stays at the limit once it is reached', () => {
    fc.assert(
      fc.property(strategies, attempts, randomValue, (strategy, attempt, value) => {
        const now = retryDelayMs({ strategy, attempt, random: () => value });
        const next = retryDelayMs({ strategy, attempt: attempt + 1, random: () => value });

        expect(next).toBeGreaterThanOrEqual(now);
        if (
          strategy.kind !== 'IMMEDIATE' &&
          retryDelayMs({ strategy, attempt, random: noRandom }) === strategy.maxDelayMs
        ) {
          expect(next).toBe(now);
        }
      }),
    );
  });
});

describe('retry decision', () => {
  it('waits 30, 60 and 120 s for a listing and then gives up', () => {
    const decisions = [1, 2, 3, 4].map((attempt) => decide(errorOf('SERVER_ERROR'), attempt));

    expect(decisions).toEqual([
      { action: 'retry', delayMs: 30_000, costsAttempt: true },
      { action: 'retry', delayMs: 60_000, costsAttempt: true },
      { action: 'retry', delayMs: 120_000, costsAttempt: true },
      { action: 'give_up', reason: '4 of 4 attempts: test error' },
    ]);
  });

  it.each(['PARSING_ERROR', 'GONE'] as const)('never tries %s again', (category) => {
    expect(decide(errorOf(category), 1)).toEqual({
      action: 'give_up',
      reason: `${category} is not tried again: test error`,
    });
  });

  it('takes the word of robots.txt as final, and tries again what the portal refused otherwise', () => {
    expect(decide(errorOf('BLOCKED', undefined, 'ROBOTS_DISALLOWED'), 1).action).toBe('give_up');
    expect(decide(errorOf('BLOCKED', undefined, 'PORTAL_REFUSED'), 1).action).toBe('retry');
  });

  it('waits as long as the portal asks, free of charge, even beyond the longest delay of the policy', () => {
    expect(decide(errorOf('RATE_LIMIT', 7000), 1)).toEqual({ action: 'retry', delayMs: 7000, costsAttempt: false });
    expect(decide(errorOf('RATE_LIMIT', 3_600_000), 1)).toMatchObject({ delayMs: 3_600_000 });
  });

  it('waits longer each time when a rate limit names no time, and gives up at the tenth start', () => {
    const decisions = [1, 2, 3, 9, 10].map((starts) => decide(errorOf('RATE_LIMIT'), 1, starts));

    expect(decisions.slice(0, 4).map((decision) => decision.action === 'retry' && decision.delayMs)).toEqual([
      30_000, 60_000, 120_000, 300_000,
    ]);
    expect(decisions[4]).toEqual({ action: 'give_up', reason: 'started 10 times: test error' });
  });

  it('never comes back sooner than asked when robots.txt cannot be had', () => {
    expect(decide(errorOf('SERVER_ERROR', 300_000, 'ROBOTS_UNREACHABLE'), 1)).toMatchObject({ delayMs: 300_000 });
    expect(decide(errorOf('SERVER_ERROR', 10, 'ROBOTS_UNREACHABLE'), 1)).toMatchObject({ delayMs: 30_000 });
  });

  it.each(['BREAKER_OPEN', 'QUIET_HOURS'])('holds the queue for %s however often, and counts nothing', (code) => {
    expect(decide(errorOf('BLOCKED', 7_000, code), 4, 1_000)).toEqual({ action: 'hold', delayMs: 7_000 });
    expect(decide(errorOf('UNKNOWN', undefined, code), 1)).toEqual({ action: 'hold', delayMs: 1_000 });
  });

  it.each(['BREAKER_HELD_TOO_LONG', 'BUDGET_SPENT'])('gives up at once for %s', (code) => {
    expect(decide(errorOf('BLOCKED', 7_000, code), 1)).toMatchObject({ action: 'give_up' });
  });

  it('treats a foreign error as UNKNOWN', () => {
    expect(decide(new TypeError('oops'), 1)).toEqual({ action: 'retry', delayMs: 30_000, costsAttempt: true });
    expect(decide('oops', 4)).toEqual({ action: 'give_up', reason: '4 of 4 attempts: oops' });
  });

  it('ends every job after at most ten starts, whatever fails', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...errorCategories), { minLength: 20, maxLength: 20 }), (failures) => {
        let counted = 0;
        let starts = 0;
        for (const category of failures) {
          starts += 1;
          counted += 1;
          const decision = decideRetry({
            error: errorOf(category),
            attempt: counted,
            startedAttempts: starts,
            policy: { ...listingPolicy, maxAttempts: 1000 },
            random: noRandom,
          });
          if (decision.action === 'give_up') break;
          if (decision.action === 'retry' && !decision.costsAttempt) counted -= 1;
        }

        expect(starts).toBeLessThanOrEqual(10);
      }),
    );
  });
});

describe('retry rules', () => {
  const rules: readonly RetryRule[] = [
    { category: 'TIMEOUT', city: 'Espoo', maxAttempts: 9 },
    { category: null, city: 'espoo', maxAttempts: 7, jitter: 0.5 },
    { category: 'TIMEOUT', city: null, maxAttempts: 5, strategy: 'FIXED_DELAY' },
  ];

  it.each([
    ['TIMEOUT', 'Helsinki', { maxAttempts: 5, strategy: 'FIXED_DELAY', jitter: 0 }],
    ['TIMEOUT', 'Espoo', { maxAttempts: 9, strategy: 'FIXED_DELAY', jitter: 0.5 }],
    ['SERVER_ERROR', 'Espoo', { maxAttempts: 7, strategy: 'EXPONENTIAL_BACKOFF', jitter: 0.5 }],
    ['SERVER_ERROR', null, { maxAttempts: 4, strategy: 'EXPONENTIAL_BACKOFF', jitter: 0 }],
  ] as const)('lay the most specific over the rest: %s in %s', (category, city, expected) => {
    expect(policyFor(listingPolicy, rules, { category, city })).toEqual({ ...listingPolicy, ...expected });
  });
});

describe('error table', () => {
  it('has a row for every category, with a cell for every column', () => {
    const lines = renderErrorTable().trimEnd().split('\n');

    expect(lines).toHaveLength(2 + errorCategories.length);
    for (const line of lines) expect(line.split('|')).toHaveLength(9);
    for (const category of errorCategories) expect(categoryPolicies[category].remedy).not.toBe('');
  });
});
