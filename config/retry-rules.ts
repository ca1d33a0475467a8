/**
 * The list `retry.rules`: exceptions to the retry policies for a category of errors, a city, or both. Only its shape is
 * checked here.
 */
import { errorCategories } from '../src/errors.ts';
import type { Kind } from './kinds.ts';

export const retryStrategies = ['EXPONENTIAL_BACKOFF', 'LINEAR_BACKOFF', 'FIXED_DELAY', 'IMMEDIATE'] as const;

/** One rule as the file writes it; what is left out stays as it is. */
export interface RetryRuleSetting {
  readonly category?: (typeof errorCategories)[number];
  readonly city?: string;
  readonly strategy?: (typeof retryStrategies)[number];
  readonly max_attempts?: number;
  readonly base_delay_seconds?: number;
  readonly max_delay_seconds?: number;
  readonly multiplier?: number;
  readonly jitter?: number;
}

const isIn = (choices: readonly string[]) => (value: unknown) => typeof value === 'string' && choices.includes(value);
const isFrom = (min: number, max: number) => (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max;

const checks: Readonly<Record<keyof RetryRuleSetting, (value: unknown) => boolean>> = {
  category: isIn(errorCategories),
  city: (value) => typeof value === 'string' && value.trim() !== '',
  strategy: isIn(retryStrategies),
  max_attempts: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  base_delay_seconds: isFrom(0, Number.MAX_VALUE),
  max_delay_seconds: isFrom(0, Number.MAX_VALUE),
  multiplier: isFrom(1, Number.MAX_VALUE),
  jitter: isFrom(0, 1),
};

function isRule(value: unknown): value is RetryRuleSetting {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const hasScope = 'category' in value || 'city' in value;
  const known = new Map<string, (value: unknown) => boolean>(Object.entries(checks));
  return hasScope && Object.entries(value).every(([key, item]) => known.get(key)?.(item) === true);
}

export const retryRulesKind: Kind<readonly RetryRuleSetting[]> = {
  expected:
    'a list of rules, each with a category or a city and any of strategy, max_attempts, base_delay_seconds, ' +
    'max_delay_seconds, multiplier and jitter',
  accepts: (value): value is readonly RetryRuleSetting[] => Array.isArray(value) && value.every(isRule),
  fromText: readJson,
};

/** The list as JSON; text that is none comes back as it is, and is refused. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
