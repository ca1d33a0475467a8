/**
 * What a failed call says of the portal: how many failures it counts as. Decides by the category table; what was never
 * asked, what is final for one address and what is our own fault count as nothing.
 */
import type { ErrorCategory } from '../errors.ts';
import { categoryOf, ScraperError } from '../errors.ts';
import { categoryPolicies, finalCodes, holdCodes, ownFaultCodes, stopCodes } from './error-categories.ts';

/** Weight of the failure, a thrown value; 0 when it is neither a failure nor a success of the portal. */
export function breakerWeightOf(error: unknown, blockedWeight: number): number {
  const code = error instanceof ScraperError ? error.code : '';
  if (finalCodes.has(code) || holdCodes.has(code) || stopCodes.has(code) || ownFaultCodes.has(code)) return 0;
  const hasStatus = error instanceof ScraperError && typeof error.details.status === 'number';
  return breakerWeightOfCategory(categoryOf(error), { blockedWeight, hasStatus });
}

/** The same of a category alone. @param known.hasStatus whether the portal sent a status */
export function breakerWeightOfCategory(
  category: ErrorCategory,
  { blockedWeight, hasStatus }: { readonly blockedWeight: number; readonly hasStatus: boolean },
): number {
  switch (categoryPolicies[category].countsForBreaker) {
    case 'failure':
      return 1;
    case 'block':
      return blockedWeight;
    case 'answer':
      return hasStatus ? 1 : 0;
    case 'nothing':
      return 0;
  }
}
