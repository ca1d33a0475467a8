/**
 * The verdict on one city: complete only when the whole list was read, every listing of it is accounted for, and the
 * sums add up. Anything else says why, in words a person can act on.
 */
import type { CityCounts, CityReceipt, CityVerdict } from './city-receipt.ts';
import { countUnseen } from './reread-plan.ts';

interface Judgement {
  readonly verdict: CityVerdict;
  /** Null only for `complete`. */
  readonly reason: string | null;
}

/** The sentence that says how the sums fail to add up, or null when discovered equals the sum of its outcomes. @internal Exported for its tests. */
export function checkSums(counts: CityCounts): string | null {
  const sum =
    counts.new + counts.changed + counts.unchanged + counts.removed + counts.failed + counts.skipped + counts.pending;
  return sum === counts.discovered ? null : `the sums do not add up: discovered ${counts.discovered}, outcomes ${sum}`;
}

interface JudgeOptions {
  /** Listings that were to be collected at most; null = all. */
  readonly listingLimit: number | null;
  /** True when the run was stopped before the city was done. */
  readonly isInterrupted: boolean;
  /** Why the rest of the city was not asked in this run; null when all of it was. */
  readonly stopReason: string | null;
  /** What to do about a url that lists another municipality. */
  readonly locationAdvice?: string;
}

/** Judges a city by what was counted in the tables. */
export function judgeCity(counts: CityCounts, options: JudgeOptions): Judgement {
  const broken = checkSums(counts);
  if (broken !== null) return { verdict: 'failed', reason: broken };
  if (counts.searchPages === 0 && options.stopReason === null) {
    const reason = options.isInterrupted ? 'stopped before the first search page' : 'no search page could be read';
    return { verdict: 'failed', reason };
  }
  if (counts.foreignCards > 0 && counts.foreignCards >= counts.discovered) {
    const all = counts.foreignCards + counts.discovered;
    const advice = options.locationAdvice ?? 'check the location id in the url';
    const reason = `${counts.foreignCards} of ${all} listings are of another municipality; ${advice}`;
    return { verdict: 'foreign', reason };
  }
  const reasons = reasonsForPartial(counts, options);
  if (reasons.length === 0) return { verdict: 'complete', reason: null };
  return { verdict: 'partial', reason: reasons.join('; ') };
}

/**
 * Whether a city gave what was asked of it: complete, or cut only by the listing limit that was asked for, and nothing of
 * it in quarantine.
 */
export function isSuccessful(receipt: CityReceipt): boolean {
  if (receipt.isQuarantined) return false;
  if (receipt.verdict === 'complete') return true;
  const isOnlyLimited = receipt.verdict === 'partial' && isCutByLimit(receipt, receipt.listingLimit);
  return isOnlyLimited && receipt.failed + receipt.failedSearchPages + receipt.pending === 0;
}

function isCutByLimit(counts: CityCounts, listingLimit: number | null): boolean {
  return listingLimit !== null && counts.discovered >= listingLimit && (counts.skipped > 0 || !counts.isListComplete);
}

function reasonsForPartial(counts: CityCounts, options: JudgeOptions): readonly string[] {
  const reasons: string[] = [];
  const isLimited = isCutByLimit(counts, options.listingLimit);
  if (options.isInterrupted) reasons.push('the run was stopped');
  if (options.stopReason !== null) reasons.push(options.stopReason);
  if (isLimited) reasons.push(`listing limit ${options.listingLimit} of ${counts.portalTotalEnd ?? 'unknown'}`);
  if (counts.failedSearchPages > 0)
    reasons.push(`${plural(counts.failedSearchPages, 'search page')} could not be read`);
  if (counts.portalTotalEnd === 0) reasons.push('the portal listed nothing, which is not trusted');
  if (!isLimited && !options.isInterrupted && options.stopReason === null) reasons.push(...reasonsOfTheList(counts));
  if (counts.failed > 0) reasons.push(`${plural(counts.failed, 'listing')} failed`);
  if (counts.pending > 0) reasons.push(`${plural(counts.pending, 'listing')} not settled`);
  return reasons;
}

function reasonsOfTheList(counts: CityCounts): readonly string[] {
  if (counts.failedSearchPages > 0) return [];
  if (!counts.isListComplete) return ['the list was not read to its end'];
  if (counts.portalTotalEnd === null) return ['the portal did not say how many listings there are'];
  const unseen = countUnseen(counts) ?? 0;
  if (unseen === 0) return [];
  const { rereadPages } = counts;
  const again = rereadPages === 0 ? '' : `; ${plural(rereadPages, 'page')} read again`;
  return [
    `${unseen} of ${counts.portalTotalEnd} listings were not seen (pages shifted, or cards that cannot be read${again})`,
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
