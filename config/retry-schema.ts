/**
 * The knobs of trying again and of giving up for a while: retry policies, rules for single categories and cities, and the
 * circuit breakers. Data only; src/resilience decides by them.
 */
import { choiceKind, nullable, numberKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';
import { retryRulesKind, retryStrategies } from './retry-rules.ts';

const seconds = numberKind('a number of 0 or more', { min: 0 });
const positiveSeconds = numberKind('a number above 0', { min: Number.MIN_VALUE });
const times = wholeNumberKind('a whole number of 1 or more', { min: 1 });

/** The knobs of one retry policy. `envPart` is `LISTING` or `CITY`. */
function retryKnobs(what: string, envPart: string, defaults: { attempts: number; base: number; max: number }) {
  const env = (name: string): string => `SCRAPER_${envPart}_${name}`;
  return {
    strategy: knob('EXPONENTIAL_BACKOFF', {
      doc: 'How the wait grows: base · multiplier^(attempt - 1), base · attempt, base, or none.',
      env: env('RETRY_STRATEGY'),
      kind: choiceKind(retryStrategies),
    }),
    max_attempts: knob(defaults.attempts, {
      doc: `Times ${what} is tried in all before it is given up.`,
      unit: 'attempts',
      env: env('MAX_ATTEMPTS'),
      kind: times,
    }),
    base_delay_seconds: knob(defaults.base, {
      doc: 'Wait before the second attempt.',
      unit: 's',
      env: env('BASE_DELAY'),
      kind: seconds,
    }),
    max_delay_seconds: knob(defaults.max, {
      doc: 'Longest wait between two attempts; not below base_delay_seconds.',
      unit: 's',
      env: env('MAX_DELAY'),
      kind: seconds,
    }),
    multiplier: knob(2, {
      doc: 'Each wait is this many times the one before.',
      unit: 'times',
      env: env('BACKOFF_MULTIPLIER'),
      kind: numberKind('a number of 1 or more', { min: 1 }),
    }),
    jitter: knob(0.1, {
      doc: 'Share of the wait that is random, so that many retries do not come at once.',
      unit: '0 to 1',
      env: env('JITTER'),
      kind: numberKind('a number from 0 to 1', { min: 0, max: 1 }),
    }),
  };
}

export const retry = {
  listing: retryKnobs('one request', 'LISTING', { attempts: 4, base: 30, max: 300 }),
  city: retryKnobs('a search page', 'CITY', { attempts: 3, base: 60, max: 3600 }),
  rules: knob([], {
    doc: 'Exceptions for a category of errors, a city, or both; the most specific rule wins, and what it leaves out stays. E.g. `[{"category": "TIMEOUT", "city": "Helsinki", "max_attempts": 6, "strategy": "FIXED_DELAY"}]`.',
    unit: 'list, in the environment as JSON',
    env: 'SCRAPER_RETRY_RULES',
    kind: retryRulesKind,
  }),
};

export const circuitBreaker = {
  failure_threshold: knob(5, {
    doc: 'Consecutive failures of a city that open its breaker; a block page counts as `blocked_weight` of them.',
    unit: 'failures',
    env: 'SCRAPER_BREAKER_FAILURE_THRESHOLD',
    kind: times,
  }),
  blocked_weight: knob(2, {
    doc: 'Failures that one block page or refusal counts as.',
    unit: 'failures',
    env: 'SCRAPER_BREAKER_BLOCKED_WEIGHT',
    kind: times,
  }),
  failure_share: knob(0.5, {
    doc: 'Share of failed requests within `window_seconds` that opens the breaker too; null looks at consecutive failures only.',
    unit: '0 to 1',
    env: 'SCRAPER_BREAKER_FAILURE_SHARE',
    kind: nullable(numberKind('a number above 0 and at most 1', { min: Number.MIN_VALUE, max: 1 })),
  }),
  window_seconds: knob(300, {
    doc: 'Window of `failure_share`.',
    unit: 's',
    env: 'SCRAPER_BREAKER_WINDOW',
    kind: positiveSeconds,
  }),
  window_minimum: knob(20, {
    doc: 'Requests within the window below which its share of failures says nothing.',
    unit: 'requests',
    env: 'SCRAPER_BREAKER_WINDOW_MINIMUM',
    kind: times,
  }),
  recovery_timeout: knob(300, {
    doc: 'Time an open breaker waits before one request may try again; doubles each time that fails.',
    unit: 's',
    env: 'SCRAPER_BREAKER_RECOVERY_TIMEOUT',
    kind: positiveSeconds,
  }),
  max_recovery_timeout: knob(3600, {
    doc: 'Longest of those waits.',
    unit: 's',
    env: 'SCRAPER_BREAKER_MAX_RECOVERY_TIMEOUT',
    kind: positiveSeconds,
  }),
  success_threshold: knob(3, {
    doc: 'Successes, one request at a time, that close the breaker again.',
    unit: 'successes',
    env: 'SCRAPER_BREAKER_SUCCESS_THRESHOLD',
    kind: times,
  }),
  portal_failure_threshold: knob(15, {
    doc: 'Consecutive failures over all cities that open the breaker of the whole portal.',
    unit: 'failures',
    env: 'SCRAPER_BREAKER_PORTAL_FAILURE_THRESHOLD',
    kind: times,
  }),
  max_hold_seconds: knob(3600, {
    doc: 'Longest time a city of a run waits for an open breaker in all; then it is closed as partial, with that reason.',
    unit: 's',
    env: 'SCRAPER_BREAKER_MAX_HOLD',
    kind: positiveSeconds,
  }),
};
