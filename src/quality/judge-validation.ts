/**
 * Judges one city of a validation: whether what a limited run has shown is good enough for the next, larger one. It only
 * compares; the figures were counted elsewhere.
 */
import { columnOf } from '../listings/fields.ts';
import type { CityReceipt } from './city-receipt.ts';
import { coreFieldsOf } from './quality-score.ts';

/** Steps of a validation: a sample, a larger one, everything. */
export type ValidationStep = 1 | 2 | 3;

/** How many of the pages of a city had a core field. */
export interface CoreCoverage {
  readonly dealType: 'sale' | 'rent';
  /** Column of `listings`. */
  readonly field: string;
  readonly pages: number;
  readonly present: number;
}

/** What the records of a city say of their own arithmetic. */
export interface IdentityCounts {
  readonly records: number;
  /** Records on which an identity does not hold. */
  readonly violated: number;
  /** Sales with a price per m2, but without the debt-free price or the area that it is made of: a label may be gone. */
  readonly unchecked: number;
}

/** How close together requests left, as the ledger has it; null where it cannot be computed. */
export interface AskedRate {
  readonly requests: number;
  /** Most requests in any window as long as the interval in force; more than 1 is above the limit. */
  readonly worstWindow: number | null;
}

export interface ValidationFigures {
  readonly receipt: CityReceipt;
  readonly coverage: readonly CoreCoverage[];
  readonly identities: IdentityCounts;
  /** For the city, and for the portal as a whole. */
  readonly rate: AskedRate;
  readonly portalRate: AskedRate;
}

/** Shares from 0 to 1 that must be reached. */
export interface ValidationLimits {
  readonly minParsedShare: number;
  readonly minFieldCoverage: number;
  readonly minIdentityShare: number;
}

export interface ValidationJudgement {
  /** Listings whose page was asked for and is there, and those of them that were read and stored. */
  readonly tried: number;
  readonly stored: number;
  /** Shares from 0 to 1; null when there is nothing to take a share of. */
  readonly parsedShare: number | null;
  readonly identityShare: number | null;
  /** The core field that the fewest pages have; null without pages. */
  readonly lowestField: CoreCoverage | null;
  /** What is not good enough, in sentences; the city has passed when there is none. */
  readonly reasons: readonly string[];
}

/** Of the fields of a city's pages, those that nearly every page of its kind of deal has. */
export function coreCoverageOf(coverage: readonly CoreCoverage[]): readonly CoreCoverage[] {
  return coverage
    .filter(({ dealType, field }) => coreFieldsOf(dealType).some((name) => columnOf(name) === field))
    .map(({ dealType, field, pages, present }) => ({ dealType, field, pages, present }));
}

/** Judges a city by its figures. */
export function judgeValidation(figures: ValidationFigures, limits: ValidationLimits): ValidationJudgement {
  const { receipt, coverage, identities } = figures;
  const stored = receipt.new + receipt.changed + receipt.unchanged;
  const tried = stored + receipt.failed;
  const ranked = [...coverage].sort((left, right) => shareOf(left) - shareOf(right));
  return {
    ...{ tried, stored },
    parsedShare: tried === 0 ? null : stored / tried,
    identityShare: identities.records === 0 ? null : holdingShare(identities),
    lowestField: ranked[0] ?? null,
    reasons: [
      ...listReasons(receipt, limits.minParsedShare),
      ...parsedReasons({ tried, stored }, limits.minParsedShare),
      ...ranked.filter((each) => shareOf(each) < limits.minFieldCoverage).map((each) => fieldReason(each, limits)),
      ...identityReasons(identities, limits.minIdentityShare),
      ...rateReasons(figures),
    ],
  };
}

/** A list that is not the city's, or of which too much is missing, says little of the city. */
function listReasons(receipt: CityReceipt, minShare: number): readonly string[] {
  const { verdict, reason, pending, failedSearchPages, isListComplete, listingLimit } = receipt;
  if (verdict === 'failed' || verdict === 'foreign') return [`${verdict}: ${reason ?? 'no reason was recorded'}`];
  if (pending > 0) return [`not brought to its end: ${reason ?? `${pending} listings are not settled`}`];
  const seen = receipt.discovered + receipt.foreignCards;
  const wanted = Math.min(receipt.portalTotalEnd ?? 0, listingLimit ?? Number.POSITIVE_INFINITY);
  const isCut = listingLimit !== null && receipt.discovered >= listingLimit;
  if (failedSearchPages === 0 && (isListComplete || isCut) && seen >= wanted * minShare) return [];
  return [`the list was not read as far as it was to be: ${reason ?? `${seen} of ${wanted} listings seen`}`];
}

function parsedReasons({ tried, stored }: { tried: number; stored: number }, minShare: number): readonly string[] {
  if (tried === 0) return ['no listing page could be asked for'];
  if (stored / tried >= minShare) return [];
  return [`${stored} of ${tried} listings could be read (${percent(stored / tried)}); ${expected(minShare)}`];
}

function fieldReason(coverage: CoreCoverage, { minFieldCoverage }: ValidationLimits): string {
  const { field, dealType, pages, present } = coverage;
  const deals = dealType === 'sale' ? 'sales' : 'rentals';
  const found = `${field} is on ${present} of ${pages} pages of ${deals} (${percent(shareOf(coverage))})`;
  return `${found}; ${expected(minFieldCoverage)}`;
}

function identityReasons(identities: IdentityCounts, minShare: number): readonly string[] {
  const { records, violated, unchecked } = identities;
  if (records === 0 || holdingShare(identities) >= minShare) return [];
  const parts = [
    ...(violated > 0 ? [`${violated} do not hold`] : []),
    ...(unchecked > 0 ? [`${unchecked} have price_per_m2_eur without debt_free_price_eur or area_m2`] : []),
  ];
  const share = percent(holdingShare(identities));
  return [`identities hold on ${share} of ${records} records (${parts.join(', ')}); ${expected(minShare)}`];
}

function rateReasons({ rate, portalRate }: ValidationFigures): readonly string[] {
  return [
    ...tooFast('for the city', rate, 'see that nothing else asks for it at the same time'),
    ...tooFast('of the portal as a whole', portalRate, 'see that nothing else asks the portal at the same time'),
  ];
}

function tooFast(whose: string, { requests, worstWindow }: AskedRate, remedy: string): readonly string[] {
  if (requests === 0 || (worstWindow !== null && worstWindow <= 1)) return [];
  if (worstWindow === null) return [`the rate of requests ${whose} cannot be judged: no limit is on record`];
  return [`${worstWindow} requests ${whose} left within the time of one; ${remedy}`];
}

function holdingShare({ records, violated, unchecked }: IdentityCounts): number {
  return Math.max(0, records - violated - unchecked) / records;
}

function shareOf({ pages, present }: CoreCoverage): number {
  return pages === 0 ? 0 : present / pages;
}

function expected(share: number): string {
  return `expected ${percent(share)} or more`;
}

/** Cut off, not rounded: a share below its limit never looks as if it had reached it. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10}%`;
}
