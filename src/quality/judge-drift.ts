/**
 * Whether a run of a city says something that its own recent runs do not: a field that most pages had and hardly one has
 * now (a label renamed, prices suddenly null), or far fewer listings. It judges what is beyond chance only, and nothing
 * while there is too little to compare with. Pure.
 */
import type { DealType } from '../listings/fields.ts';

export interface DriftLimits {
  /** Complete runs of a city that a run is compared with, at most and at least. */
  readonly historyRuns: number;
  readonly minHistoryRuns: number;
  /** Pages fetched, or listings listed, below which a run is neither judged nor compared with. */
  readonly minPages: number;
  /** Share of pages, 0 to 1, below which the fall of a field is no drift. */
  readonly minUsualShare: number;
  /** Parts of the usual share and of the usual number of listings that may be missing, 0 to 1. */
  readonly maxCoverageDrop: number;
  readonly maxVolumeDrop: number;
}

/** How many of the pages that a run fetched had a field, and how many have it usually. */
export interface FieldCoverage {
  readonly dealType: DealType;
  /** Column of `listings`. */
  readonly field: string;
  /** Pages fetched of this type of deal, and those of them that had the field. */
  readonly pages: number;
  readonly present: number;
  /** Median share of the runs compared with, 0 to 1, and how many they are; null and 0 when there is none. */
  readonly usualShare: number | null;
  readonly runs: number;
}

/** What a run of a city and the city's recent complete runs say. */
export interface CityMeasure {
  readonly coverage: readonly FieldCoverage[];
  /** Median number of listings of the runs compared with; null when there is none. */
  readonly usualVolume: number | null;
  readonly volumeRuns: number;
}

export interface Drift {
  readonly kind: 'coverage' | 'volume';
  /** Null for the volume, which is not told apart. */
  readonly dealType: DealType | null;
  /** Column of `listings`; null for the volume. */
  readonly field: string | null;
  /** Median of the runs compared with, and this run: shares of pages, or numbers of listings. */
  readonly usual: number;
  readonly now: number;
  /** Pages that `now` is the share of; for the volume the number of listings. */
  readonly pages: number;
  readonly runs: number;
}

export interface DriftJudgement {
  /** What fell, the most telling first; empty when nothing did. */
  readonly drifts: readonly Drift[];
  /** What was compared or why it was not, in words. */
  readonly summary: string;
}

/** These depend on which pages are fetched (those whose price has changed, say), not on what pages are like. */
const fieldsOfChance: ReadonlySet<string> = new Set(['price_changed_at', 'reservation_status']);

/** Standard deviations that count as beyond chance: one false alarm in some hundreds of thousands. */
const deviations = 4.5;

/** @param volume listings on the whole list; null when the list was not read whole. */
export function judgeDrift(measure: CityMeasure, volume: number | null, limits: DriftLimits): DriftJudgement {
  const judged = measure.coverage.filter((field) => isJudged(field, limits));
  const ofVolume = volume === null ? [] : volumeDrifts(measure, volume, limits);
  const ofFields = judged.filter((field) => hasFallen(field, limits)).map(toDrift);
  const drifts = [...ofVolume, ...ofFields.sort((left, right) => fallOf(right) - fallOf(left))];
  if (drifts.length > 0) return { drifts, summary: drifts.map(describeDrift).join('; ') };
  return { drifts, summary: `${fieldSummary(measure, judged, limits)}; ${volumeSummary(measure, volume, limits)}` };
}

/** One sentence part, e.g. `price_eur of sales fell from 98% to 3% of the pages (120 pages; median of 14 runs)`. */
function describeDrift({ kind, dealType, field, usual, now, pages, runs }: Drift): string {
  const basis = `median of ${runs} runs`;
  if (kind === 'volume') return `the list fell from ${Math.round(usual)} to ${now} listings (${basis})`;
  const deals = dealType === 'rent' ? 'rentals' : 'sales';
  return `${field} of ${deals} fell from ${percent(usual)} to ${percent(now)} of the pages (${pages} pages; ${basis})`;
}

/**
 * The largest share that `present` of `pages` may stand for, 0 to 1: the upper end of the score interval of E. B. Wilson
 * (1927), which holds for few pages and for shares near 0 and 1. @internal Exported for its tests.
 */
export function largestShare(present: number, pages: number): number {
  if (pages === 0) return 1;
  const square = deviations ** 2;
  const spread = deviations * Math.sqrt((present * (pages - present)) / pages + square / 4);
  return (present + square / 2 + spread) / (pages + square);
}

function isJudged({ field, pages, usualShare, runs }: FieldCoverage, limits: DriftLimits): boolean {
  if (fieldsOfChance.has(field) || usualShare === null) return false;
  return pages >= limits.minPages && runs >= limits.minHistoryRuns && usualShare >= limits.minUsualShare;
}

function hasFallen({ present, pages, usualShare }: FieldCoverage, { maxCoverageDrop }: DriftLimits): boolean {
  return usualShare !== null && largestShare(present, pages) < usualShare * (1 - maxCoverageDrop);
}

function toDrift({ dealType, field, present, pages, usualShare, runs }: FieldCoverage): Drift {
  return { kind: 'coverage', dealType, field, usual: usualShare ?? 0, now: present / pages, pages, runs };
}

function fallOf({ usual, now }: Drift): number {
  return usual - now;
}

/** The number of listings of a day is taken as a Poisson count: it varies by its square root. */
function volumeDrifts(measure: CityMeasure, volume: number, limits: DriftLimits): readonly Drift[] {
  const { usualVolume: usual, volumeRuns: runs } = measure;
  if (usual === null || runs < limits.minHistoryRuns || usual < limits.minPages) return [];
  const isFarLess = volume < usual * (1 - limits.maxVolumeDrop) && usual - volume > deviations * Math.sqrt(usual);
  return isFarLess ? [{ kind: 'volume', dealType: null, field: null, usual, now: volume, pages: volume, runs }] : [];
}

function fieldSummary({ coverage }: CityMeasure, judged: readonly FieldCoverage[], limits: DriftLimits): string {
  const pages = Math.max(0, ...coverage.map((field) => field.pages));
  if (judged.length > 0) return `${judged.length} fields of ${pages} pages are as usual`;
  if (pages < limits.minPages) return `fields not judged: ${pages} pages fetched, ${limits.minPages} needed`;
  const runs = Math.max(0, ...coverage.map((field) => field.runs));
  return `fields not judged: ${runsText(runs)} with ${limits.minPages} pages or more, ${limits.minHistoryRuns} needed`;
}

function volumeSummary(measure: CityMeasure, volume: number | null, limits: DriftLimits): string {
  if (volume === null) return 'volume not judged: the list was not read whole';
  const { usualVolume, volumeRuns } = measure;
  if (usualVolume === null || volumeRuns < limits.minHistoryRuns)
    return `volume not judged: ${runsText(volumeRuns)}, ${limits.minHistoryRuns} needed`;
  if (usualVolume < limits.minPages) return `volume not judged: usually ${Math.round(usualVolume)} listings`;
  return `${volume} listings, usually ${Math.round(usualVolume)}`;
}

function runsText(runs: number): string {
  return `${runs} complete run${runs === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)}%`;
}
