/**
 * Exceptions to a retry policy: for a category of errors, a city, or both. Pure choosing; what a policy then means is
 * retry-decision.ts's business.
 */
import type { ErrorCategory } from '../errors.ts';
import type { RetryPolicy } from './retry-decision.ts';

/** What differs from the policy in its scope; a null scope means any. */
export interface RetryRule extends Partial<RetryPolicy> {
  readonly category: ErrorCategory | null;
  readonly city: string | null;
}

/** What failed: its category, and the city it was asked for, null when it was for none. */
interface RetryScope {
  readonly category: ErrorCategory;
  readonly city: string | null;
}

/**
 * The policy for one failure: `base` with every rule laid over it that fits, the most specific last (category and city,
 * then city, then category; later in the list within one kind).
 */
export function policyFor(base: RetryPolicy, rules: readonly RetryRule[], scope: RetryScope): RetryPolicy {
  const fitting = rules
    .filter(({ category, city }) => fitsCategory(category, scope) && fitsCity(city, scope))
    .sort((left, right) => weightOf(left) - weightOf(right));
  let policy = base;
  for (const { category: _category, city: _city, ...changes } of fitting) policy = { ...policy, ...changes };
  return policy;
}

function fitsCategory(category: ErrorCategory | null, scope: RetryScope): boolean {
  return category === null || category === scope.category;
}

function fitsCity(city: string | null, scope: RetryScope): boolean {
  return city === null || city.toLowerCase() === scope.city?.toLowerCase();
}

function weightOf({ category, city }: RetryRule): number {
  return (city === null ? 0 : 2) + (category === null ? 0 : 1);
}
