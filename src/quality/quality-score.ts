/**
 * The data quality score of one record: 1 when every core field is there and nothing is wrong with it. What it lost, and
 * why, stands on its issues. A low score flags a record; it never drops one.
 */
import type { DealType, ListingFieldName, ListingRecord } from '../listings/fields.ts';
import type { Issue, IssueCode } from '../listings/issue.ts';
import type { CoordinateBounds } from './check-coordinates.ts';
import { checkCoordinates } from './check-coordinates.ts';

const coreFields: readonly ListingFieldName[] = [
  'address',
  'postalCode',
  'cityAsPrinted',
  'district',
  'buildingType',
  'areaM2',
  'rooms',
  'yearBuilt',
  'publishedAt',
  'latitude',
];

/** The core fields, price or rent included, share one half of the score. */
const missingCost = 0.5 / (coreFields.length + 1);
/** What all other issues cost together at most: the other half. */
const mostIssueCost = 0.5;

/** What one issue costs. */
const issueCosts = {
  UNREADABLE_VALUE: 0.05,
  IMPLAUSIBLE_VALUE: 0.1,
  OUTSIDE_BOUNDS: 0.1,
  UNKNOWN_WORD: 0.02,
  CONFLICTING_VALUES: 0.1,
  IDENTITY_VIOLATED: 0.15,
  DUPLICATE_LABEL: 0.01,
  MISSING_ELEMENT: 0.05,
  TEXT_REFUSED: 0.02,
  FOREIGN_CITY: 0.5,
  UNEXPECTED_SHAPE: 0.1,
} as const satisfies Record<Exclude<IssueCode, 'MISSING_VALUE'>, number>;

export interface RecordQuality {
  /** 0 to 1, two decimals: 1 minus the costs of the issues. */
  readonly score: number;
  /**
   * The issues with what each cost (0 once half of the score is spent on them), then a MISSING_VALUE for each core field
   * that is null.
   */
  readonly issues: readonly Issue[];
}

/** Scores a record by the issues of its reading and its place; `bounds` are the city's, null when it has none. */
export function judgeRecord(
  record: ListingRecord,
  readingIssues: readonly Issue[],
  bounds: CoordinateBounds | null,
): RecordQuality {
  let left = mostIssueCost;
  const issues: Issue[] = [];
  for (const issue of [...readingIssues, ...checkCoordinates(record, bounds)]) {
    const full = issue.code === 'MISSING_VALUE' ? missingCost : issueCosts[issue.code];
    const cost = Math.min(left, full);
    left -= cost;
    issues.push({ ...issue, cost: rounded(cost) });
  }
  const missing = missingFields(record);
  for (const field of missing) {
    const message = `${field}: the page does not say it`;
    issues.push({ code: 'MISSING_VALUE', field, message, cost: rounded(missingCost) });
  }
  const score = 1 - (mostIssueCost - left) - missing.length * missingCost;
  return { score: Math.round(score * 100) / 100, issues };
}

function missingFields(record: ListingRecord): readonly ListingFieldName[] {
  return coreFieldsOf(record.dealType).filter((name) => record[name] === null);
}

/** The fields that nearly every page of this kind of deal has, its price or rent included. */
export function coreFieldsOf(dealType: DealType): readonly ListingFieldName[] {
  return [...coreFields, dealType === 'sale' ? 'priceEur' : 'rentEurMonth'];
}

function rounded(cost: number): number {
  return Math.round(cost * 10_000) / 10_000;
}
