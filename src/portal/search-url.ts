/**
 * Search URLs: read from a task's configuration, and made for search pages and the search API.
 * Reading never throws: it gives back the search, or what is wrong with the URL in sentences.
 * Parameters: https://asunnot.oikotie.fi, as its search form sends them.
 */
import type { DealType } from '../listings/fields.ts';
import { dealTypeOf } from './listing-url.ts';

/** One place searched in: `[64,6,"Helsinki"]`. */
export interface SearchLocation {
  readonly id: number;
  /** 3 neighbourhood, 4 district, 5 postcode, 6 city, 7 region, 9 country. */
  readonly type: number;
  readonly name: string;
}

export interface SearchQuery {
  /** e.g. `https://asunnot.oikotie.fi`. */
  readonly origin: string;
  /** e.g. `/myytavat-asunnot`. */
  readonly path: string;
  readonly dealType: DealType;
  /** 100 homes for sale, 101 homes for rent, 200 new developments, … */
  readonly cardType: number;
  /** Empty means the whole country. */
  readonly locations: readonly SearchLocation[];
  /** The other parameters in their order; a repeated one (`roomCount[]`) stands as often as it was given. */
  readonly params: readonly (readonly [name: string, value: string])[];
}

export interface SearchUrlReading {
  /** Null when the URL cannot be searched with. */
  readonly search: SearchQuery | null;
  /** Sentences for a person; with a search they are warnings. */
  readonly problems: readonly string[];
}

export interface SearchWindow {
  readonly offset: number;
  /** 24 is what the portal's own page asks for; greater ones may be cut without a word. */
  readonly limit?: number;
}

export const cardsPerPage = 24;
const defaultSort = 'published_sort_desc';

const cardTypeOfPath: Readonly<Record<string, number>> = {
  '/myytavat-asunnot': 100,
  '/vuokra-asunnot': 101,
  '/myytavat-loma-asunnot': 102,
  '/myytavat-tontit': 104,
  '/myytavat-metsatilat-ja-maatilat': 107,
  '/myytavat-autotallit': 108,
  '/myytavat-uudisasunnot': 200,
};

const searchParams: ReadonlySet<string> = new Set([
  ...['sortBy', 'price[min]', 'price[max]', 'size[min]', 'size[max]', 'constructionYear[min]', 'constructionYear[max]'],
  ...['roomCount[]', 'buildingType[]', 'habitationType[]', 'lotOwnershipType[]', 'conditionType[]', 'newDevelopment'],
  ...['onlineOffer', 'presale', 'reserved', 'toriListing', 'published', 'nextViewingType[]', 'apartmentFeatures[]'],
  ...['keywords[]', 'text', 'vendorType[]', 'brokerCompanyId', 'secondarySearchType'],
]);
/** Parameters this project sets itself. */
const ownParams: ReadonlySet<string> = new Set(['locations', 'cardType', 'pagination', 'offset', 'limit']);

/** Reads a search URL, `locations` percent-encoded or plain. Never throws. */
export function readSearchUrl(url: string): SearchUrlReading {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null) return refused(`search URL: expected an absolute URL, got "${url}"`);
  const path = parsed.pathname.replace(/\/$/, '');
  const knownCardType = cardTypeOfPath[path];
  const dealType = dealTypeOf(path);
  if (knownCardType === undefined || dealType === null) return refused(pathProblem(path));
  const problems: string[] = [];
  const locations = readLocations(parsed.searchParams.get('locations'), problems);
  const cardType = readCardType(parsed.searchParams.get('cardType'), knownCardType, problems);
  const params = readParams(parsed.searchParams, problems);
  if (locations === null || cardType === null) return { search: null, problems };
  return { search: { origin: parsed.origin, path, dealType, cardType, locations, params }, problems };
}

/** The URL of search page `page` (1-based) as a browser opens it. */
export function searchPageUrl(search: SearchQuery, page: number): string {
  const own = [`pagination=${page}`, ...locationsParam(search), `cardType=${search.cardType}`];
  return `${search.origin}${search.path}?${[...own, ...encodedParams(search)].join('&')}`;
}

/** The URL of the search API (`/api/search`). */
export function searchApiUrl(
  origin: string,
  search: SearchQuery,
  { offset, limit = cardsPerPage }: SearchWindow,
): string {
  const hasSort = search.params.some(([name]) => name === 'sortBy');
  const own = [`cardType=${search.cardType}`, `limit=${limit}`, `offset=${offset}`, ...locationsParam(search)];
  const sort = hasSort ? [] : [`sortBy=${defaultSort}`];
  return `${origin}/api/search?${[...own, ...sort, ...encodedParams(search)].join('&')}`;
}

/** The URL that finds location ids by name. */
export function locationApiUrl(origin: string, query: string): string {
  return `${origin}/api/3.0/location?query=${encodeURIComponent(query)}`;
}

function locationsParam(search: SearchQuery): readonly string[] {
  if (search.locations.length === 0) return [];
  const triples = JSON.stringify(search.locations.map(({ id, type, name }) => [id, type, name]));
  return [`locations=${encodeURIComponent(triples).replaceAll('%2C', ',')}`];
}

function encodedParams(search: SearchQuery): readonly string[] {
  return search.params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
}

function readLocations(text: string | null, problems: string[]): readonly SearchLocation[] | null {
  if (text === null || text.trim() === '') return [];
  const triples = parseJson(text);
  const locations = Array.isArray(triples) ? triples.map(locationOf) : [null];
  const readable = locations.filter((location) => location !== null);
  if (readable.length === locations.length) return readable;
  problems.push(`locations: expected triples such as [[64,6,"Helsinki"]], got "${text}"`);
  return null;
}

function locationOf(triple: unknown): SearchLocation | null {
  if (!Array.isArray(triple) || triple.length !== 3) return null;
  const [id, type, name]: readonly unknown[] = triple;
  const isTriple = Number.isInteger(id) && Number.isInteger(type) && typeof name === 'string' && name.trim() !== '';
  return isTriple ? { id: Number(id), type: Number(type), name: String(name) } : null;
}

function readCardType(text: string | null, ofPath: number, problems: string[]): number | null {
  if (text === null) return ofPath;
  if (!/^\d{3}$/.test(text)) {
    problems.push(`cardType: expected ${ofPath}, got "${text}"`);
    return null;
  }
  if (Number(text) !== ofPath) problems.push(`cardType: this path has ${ofPath}, got ${text}; it is used as given`);
  return Number(text);
}

function readParams(all: URLSearchParams, problems: string[]): readonly (readonly [string, string])[] {
  const params: [string, string][] = [];
  for (const [name, value] of all) {
    if (ownParams.has(name)) continue;
    const listName = name.replace(/\[\d+\]$/, '[]');
    if (searchParams.has(listName)) params.push([listName, value]);
    else problems.push(`${name}: not a known search parameter; it is left out`);
  }
  return params;
}

function pathProblem(path: string): string {
  const known = Object.keys(cardTypeOfPath).find((knownPath) => path.startsWith(`${knownPath}/`));
  if (known === undefined) return `search URL: expected a path such as /myytavat-asunnot, got "${path}"`;
  return `search URL: expected the place as locations=[[64,6,"Helsinki"]], got it in the path "${path}"; use ${known}?locations=…`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Not JSON is one of the expected answers here; the caller says so in its problem.
  }
}

function refused(problem: string): SearchUrlReading {
  return { search: null, problems: [problem] };
}
