/**
 * One request to the simulated portal, understood: which kind of page it wants, about which city and listing.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { PathKind } from './request-log.ts';
import { locationsOf } from './search-query.ts';
import type { World } from './world.ts';

export interface PortalRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly kind: PathKind;
  readonly city: string | null;
  /** Id in the URL of a listing page. */
  readonly listingId: string | null;
  /** Scheme and host the client used. */
  readonly origin: string;
}

const listingPath = /^\/(?:myytavat|vuokra)-asunnot\/[^/]+\/(\d{3,})\/?$/;
const searchPath = /^\/(?:(?:myytavat|vuokra)-asunnot(?:\/([^/]+))?\/?)?$/;

/** Reads method, target and headers of a request. The target must be a path, as node:http gives it. */
export function portalRequestOf(
  input: { readonly method: string; readonly target: string; readonly headers: IncomingHttpHeaders },
  world: World,
): PortalRequest {
  const [path = '/', search = ''] = splitOnce(input.target, '?');
  const query = new URLSearchParams(search);
  const kind = kindOf(path);
  const listingId = listingPath.exec(path)?.[1] ?? null;
  return {
    method: input.method,
    path,
    query,
    headers: input.headers,
    kind,
    city: cityOfRequest({ path, query, listingId }, world),
    listingId,
    origin: `http://${input.headers.host ?? '127.0.0.1'}`,
  };
}

function kindOf(path: string): PathKind {
  if (path === '/robots.txt') return 'robots';
  if (path === '/api/search' || path === '/api/cards') return 'search';
  if (path === '/api/3.0/location') return 'location';
  if (path.startsWith('/trap')) return 'trap';
  if (listingPath.test(path)) return 'listing';
  return searchPath.test(path) ? 'session' : 'other';
}

function cityOfRequest(
  {
    path,
    query,
    listingId,
  }: { readonly path: string; readonly query: URLSearchParams; readonly listingId: string | null },
  world: World,
): string | null {
  if (listingId !== null) return world.listing(listingId)?.city.name ?? null;
  const ids = locationsOf(query.get('locations')).map((location) => location.id);
  const slug = searchPath.exec(path)?.[1];
  const city = world.cities.find((candidate) => ids.includes(candidate.locationId) || candidate.slug === slug);
  return city?.name ?? null;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
