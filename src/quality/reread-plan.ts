/**
 * Which search pages of a city are read again: a list that shifts while it is read shows some listings twice and others
 * not at all, and those that moved stand mostly near its top. Pure.
 */
import type { CityCounts } from './city-receipt.ts';

/** The pages to read next, both included, and which reading of the list they belong to (the first one is 1). */
export interface Reread {
  readonly pass: number;
  readonly fromPage: number;
  readonly untilPage: number;
}

/** Listings that the portal counts and no search page showed, 0 or more; null when the portal did not say its total. */
export function countUnseen({ portalTotalEnd, discovered, foreignCards }: CityCounts): number | null {
  return portalTotalEnd === null ? null : Math.max(0, portalTotalEnd - discovered - foreignCards);
}

/**
 * What to read again, from the first page on, as many pages at a time as were read again before; null when every listing
 * was seen, when the first reading was not whole, or when `passes` readings more than the first are spent.
 */
export function planReread(counts: CityCounts, passes: number): Reread | null {
  const { searchPages: pages, rereadPages: spent } = counts;
  if (!counts.isListComplete || counts.failedSearchPages > 0 || (countUnseen(counts) ?? 0) === 0) return null;
  if (spent >= passes * pages) return null;
  const fromPage = (spent % pages) + 1;
  return {
    pass: Math.floor(spent / pages) + 2,
    fromPage,
    untilPage: Math.min(pages, fromPage + Math.max(1, spent) - 1),
  };
}
