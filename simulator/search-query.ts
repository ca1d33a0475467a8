/**
 * What a search asks for, read from the query string of a search page or API call: vertical, places, window, order.
 * A place counts by its id, whatever name stands beside it, as on the real portal.
 */
import type { City } from './cities.ts';
import { askingCents } from './home.ts';
import type { Listing } from './listing.ts';
import type { World } from './world.ts';

export interface SearchQuery {
  readonly dealType: 'sale' | 'rent';
  /** Cities asked for; empty means the whole country. */
  readonly cities: readonly City[];
  /** Postal codes and districts asked for by name. */
  readonly places: readonly string[];
  /** True when a place was asked for that the portal does not know: then nothing is found. */
  readonly hasUnknownPlace: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly sortBy: string;
}

export const PAGE_SIZE = 24;
const MAX_LIMIT = 100;

/** Reads the query; unreadable parts count as absent. */
export function searchQueryOf(parameters: URLSearchParams, world: World): SearchQuery {
  const triples = locationsOf(parameters.get('locations'));
  const cities: City[] = [];
  const places: string[] = [];
  let hasUnknownPlace = false;
  for (const { id, type, name } of triples) {
    if (type === 4 || type === 5) {
      places.push(name);
      continue;
    }
    if (type === 9 || type === 7) continue;
    const city = world.cities.find((candidate) => candidate.locationId === id);
    if (city === undefined) hasUnknownPlace = true;
    else cities.push(city);
  }
  const page = wholeNumber(parameters.get('pagination'), 1);
  const limit = Math.min(MAX_LIMIT, wholeNumber(parameters.get('limit'), PAGE_SIZE));
  return {
    dealType: parameters.get('cardType') === '101' ? 'rent' : 'sale',
    cities,
    places,
    hasUnknownPlace,
    limit,
    offset: wholeNumber(parameters.get('offset'), Math.max(0, page - 1) * PAGE_SIZE),
    sortBy: parameters.get('sortBy') ?? 'published_sort_desc',
  };
}

/** All listings the search finds, in the order asked for. */
export function findListings(query: SearchQuery, world: World): readonly Listing[] {
  if (query.hasUnknownPlace) return [];
  const [only] = query.cities;
  let found =
    query.cities.length === 1 && only !== undefined
      ? world.active(only, query.dealType)
      : world
          .active(null, query.dealType)
          .filter((listing) => query.cities.length === 0 || query.cities.includes(listing.city));
  if (query.places.length > 0) {
    found = found.filter(({ home }) =>
      query.places.some((place) => place === home.district.name || place === home.district.postalCode),
    );
  }
  const order = orders[query.sortBy];
  return order === undefined ? found : [...found].sort(order);
}

const orders: Readonly<Record<string, (a: Listing, b: Listing) => number>> = {
  published_sort_asc: (a, b) => a.publishedSortAt - b.publishedSortAt,
  published_desc: (a, b) => b.publishedAt - a.publishedAt,
  price_asc: (a, b) => askingCents(a.home) - askingCents(b.home),
  price_desc: (a, b) => askingCents(b.home) - askingCents(a.home),
  size_asc: (a, b) => a.home.areaTenthsM2 - b.home.areaTenthsM2,
  size_desc: (a, b) => b.home.areaTenthsM2 - a.home.areaTenthsM2,
};

interface LocationTriple {
  readonly id: number;
  readonly type: number;
  readonly name: string;
}

/** `[[64,6,"Helsinki"]]` as triples; anything else is no place. */
export function locationsOf(text: string | null): readonly LocationTriple[] {
  if (text === null || text === '') return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // An unreadable parameter is ignored by the portal, so the search covers the whole country.
    return [];
  }
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((entry: unknown) =>
    Array.isArray(entry) ? [{ id: Number(entry[0]), type: Number(entry[1]), name: String(entry[2]) }] : [],
  );
}

function wholeNumber(text: string | null, fallback: number): number {
  return text !== null && /^\d{1,7}$/.test(text) ? Number(text) : fallback;
}
