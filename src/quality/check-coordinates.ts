/**
 * Whether a home lies where its city does: the box of the task, `coordinate_bounds`. A home outside is flagged and kept:
 * brokers set pins by hand, and some sell abroad.
 */
import type { ListingRecord } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';

/** [min_lon, min_lat, max_lon, max_lat] in degrees WGS84, edges included. */
export type CoordinateBounds = readonly [number, number, number, number];

type Place = Pick<ListingRecord, 'latitude' | 'longitude'>;

/** One issue when both coordinates are known and lie outside of the box; none without a box. */
export function checkCoordinates({ latitude, longitude }: Place, bounds: CoordinateBounds | null): readonly Issue[] {
  if (bounds === null || latitude === null || longitude === null) return [];
  if (isWithin(longitude, latitude, bounds)) return [];
  const [minLon, minLat, maxLon, maxLat] = bounds;
  const expected = `latitude ${minLat} to ${maxLat} and longitude ${minLon} to ${maxLon}`;
  const swapped = isWithin(latitude, longitude, bounds) ? ' (they look swapped)' : '';
  const message = `coordinates: expected ${expected}, got ${latitude}, ${longitude}${swapped}; they are kept`;
  return [{ code: 'OUTSIDE_BOUNDS', field: 'latitude', message, rawValue: `${latitude}, ${longitude}` }];
}

function isWithin(longitude: number, latitude: number, [minLon, minLat, maxLon, maxLat]: CoordinateBounds): boolean {
  return longitude >= minLon && longitude <= maxLon && latitude >= minLat && latitude <= maxLat;
}
