/**
 * Bounds outside of which a value is flagged. It is always kept: a right-of-occupancy flat at 29,115 EUR and a listing
 * abroad are real. Right-of-occupancy fees have no lower bound.
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
  { field: 'priceEur', min: 1000, max: 50_000_000 },
  { field: 'rentEurMonth', min: 50, max: 20_000 },
  { field: 'latitude', min: finland.minLatitude, max: finland.maxLatitude },
  { field: 'longitude', min: finland.minLongitude, max: finland.maxLongitude },
];

/** The values of a record that are hardly possible. */
export function checkPlausibility(record: ListingRecord): readonly Issue[] {
  const issues: Issue[] = [];
  for (const { field, min, max } of allBounds) {
    const value = record[field];
    if (typeof value !== 'number' || (value >= min && value <= max)) continue;
    if (field === 'priceEur' && record.priceBasis === 'right_of_occupancy_fee' && value <= max && value > 0) continue;
    const message = `${field}: expected ${min} to ${max}, got ${value}; the value is kept`;
    issues.push(issueOf('IMPLAUSIBLE_VALUE', field, message, String(value)));
  }
  return issues;
}
