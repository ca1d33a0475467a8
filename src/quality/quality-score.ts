/**
 * The data quality score of one record: 1 when every core field is there and nothing is wrong with it.
 * A low score flags a record; it never drops one.
 */
import type { ListingFieldName, ListingRecord } from '../listings/fields.ts';
import type { Issue, IssueCode } from '../listings/issue.ts';

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

/** What one issue costs; at most half of the score in all. */
const issueCosts = {
  UNREADABLE_VALUE: 0.05,
  IMPLAUSIBLE_VALUE: 0.1,
  UNKNOWN_WORD: 0.02,
  CONFLICTING_VALUES: 0.1,
  IDENTITY_VIOLATED: 0.15,
  DUPLICATE_LABEL: 0.01,
  MISSING_ELEMENT: 0.05,
  TEXT_REFUSED: 0.02,
  FOREIGN_CITY: 0.5,
  UNEXPECTED_SHAPE: 0.1,
} as const satisfies Record<IssueCode, number>;

/**
 * Scores a record, 0 to 1, two decimals: half for the share of core fields present (the price or rent counts as one),
 * half for the absence of issues.
 */
export function scoreRecord(record: ListingRecord, issues: readonly Issue[]): number {
  const amount = record.dealType === 'sale' ? record.priceEur : record.rentEurMonth;
  const present = coreFields.filter((name) => record[name] !== null).length + (amount === null ? 0 : 1);
  const coverage = present / (coreFields.length + 1);
  let cost = 0;
  for (const issue of issues) cost += issueCosts[issue.code];
  return Math.round((0.5 * coverage + Math.max(0, 0.5 - cost)) * 100) / 100;
}
