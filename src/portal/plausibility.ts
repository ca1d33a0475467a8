/**
 * Bounds outside of which a value is flagged. It is always kept: a right-of-occupancy flat at 29,115 EUR and a listing
 * abroad are real. Right-of-occupancy fees have no lower bound. The bounds leave room around what recorded listings show
 * (rents 100 to 8,000 EUR, 22 to 97 m2, years from 1869), and catch what went wrong in public data sets: a lost decimal
 * comma makes a rent a hundred times too high, a missing area is written as 1 m2, missing rooms as 0.
 */
import type { ListingFieldName, ListingRecord } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import { issueOf } from './reading.ts';

interface Bounds {
  readonly field: ListingFieldName;
  readonly min: number;
  readonly max: number;
}

/** Finland with its outer islands, degrees WGS84; a swapped or foreign pair falls outside. */
const finland = { minLatitude: 59.3, maxLatitude: 70.2, minLongitude: 19.0, maxLongitude: 31.7 } as const;

const allBounds: readonly Bounds[] = [
  { field: 'areaM2', min: 8, max: 1500 },
  { field: 'rooms', min: 1, max: 30 },
  { field: 'yearBuilt', min: 1600, max: 2099 },
  { field: 'yearInUse', min: 1600, max: 2099 },
  { field: 'floor', min: -5, max: 60 },
  { field: 'floorCount', min: 1, max: 60 },
  { field: 'priceEur', min: 1000, max: 50_000_000 },
  { field: 'rentEurMonth', min: 50, max: 20_000 },
  { field: 'totalFeeEurMonth', min: 0, max: 20_000 },
  { field: 'latitude', min: finland.minLatitude, max: finland.maxLatitude },
  { field: 'longitude', min: finland.minLongitude, max: finland.maxLongitude },
];

/** EUR per m2: recorded sales end at 18,174; the smallest flats are let at some 60 a month. */
const perM2Bounds = [
  { field: 'priceEur', min: 20, max: 40_000, unit: 'EUR/m2' },
  { field: 'rentEurMonth', min: 1, max: 120, unit: 'EUR/m2 a month' },
] as const;

/** New buildings are advertised before they are built, hardly longer than this. */
const mostYearsAhead = 10;

/** The values of a record that are hardly possible. */
export function checkPlausibility(record: ListingRecord): readonly Issue[] {
  const issues: Issue[] = [];
  for (const { field, min, max } of allBounds) {
    const value = record[field];
    if (typeof value !== 'number' || (value >= min && value <= max)) continue;
    if (field === 'priceEur' && record.priceBasis === 'right_of_occupancy_fee' && value <= max && value > 0) continue;
    issues.push(implausible(field, value, `${min} to ${max}`));
  }
  const flagged = new Set(issues.map(({ field }) => field));
  return [...issues, ...[...perM2Issues(record), ...yearIssues(record)].filter(({ field }) => !flagged.has(field))];
}

/** An amount that is hardly possible for the area; an area that is flagged itself says nothing of it. */
function perM2Issues(record: ListingRecord): readonly Issue[] {
  const { areaM2, priceBasis } = record;
  const [area] = allBounds;
  if (areaM2 === null || area === undefined || areaM2 < area.min || areaM2 > area.max) return [];
  return perM2Bounds.flatMap(({ field, min, max, unit }) => {
    const amount = record[field];
    const isFee = field === 'priceEur' && priceBasis === 'right_of_occupancy_fee';
    if (amount === null || (amount >= (isFee ? 0 : min) * areaM2 && amount <= max * areaM2)) return [];
    return [implausible(field, amount, `${min} to ${max} ${unit} for ${areaM2} m2`)];
  });
}

function yearIssues({ yearBuilt, publishedAt }: ListingRecord): readonly Issue[] {
  if (yearBuilt === null || publishedAt === null) return [];
  const latest = Number(publishedAt.slice(0, 4)) + mostYearsAhead;
  return yearBuilt <= latest
    ? []
    : [implausible('yearBuilt', yearBuilt, `at most ${latest}, as it was published then`)];
}

function implausible(field: ListingFieldName, value: number, expected: string): Issue {
  const message = `${field}: expected ${expected}, got ${value}; the value is kept`;
  return issueOf('IMPLAUSIBLE_VALUE', field, message, String(value));
}
