/**
 * URLs of single listings. The id in the path is the key of a listing; everything after `?` or `#` only says where a
 * visitor came from and is dropped. Never throws.
 */
import type { DealType } from '../listings/fields.ts';

/** Where the portal lives; a simulator's or mirror's origin is passed in instead. */
export const portalOrigin = 'https://asunnot.oikotie.fi';

/** A place stands before the id; five digits alone are a postal code (`/myytavat-asunnot/turku/20100`), ids are longer. */
export const listingPath = /^\/((?:myytavat|vuokra|vuokrattavat)-[a-z-]+)\/(?:[^/]+\/)+(\d{6,12})\/?$/;

const absoluteStart = /^https?:\/\//i;

/** What the URL of a listing says. */
export interface ListingAddress {
  /** Without query, fragment and trailing slash. */
  readonly url: string;
  readonly listingId: string;
  readonly dealType: DealType;
}

/**
 * Reads a listing URL, absolute or a path such as `/myytavat-asunnot/kohde/20000002?src=x`, which gets the origin; null
 * when it is none.
 */
export function readListingUrl(url: string, origin: string = portalOrigin): ListingAddress | null {
  const parsed = parseUrl(url, origin);
  const match = parsed === null || !parsed.protocol.startsWith('http') ? null : listingPath.exec(parsed.pathname);
  if (parsed === null || match === null) return null;
  const [path, vertical = '', listingId = ''] = match;
  const dealType = vertical.startsWith('myytavat') ? 'sale' : 'rent';
  return { url: `${parsed.origin}${path.replace(/\/$/, '')}`, listingId, dealType };
}

/** The id of a listing URL; null when it is none. */
export function listingIdOf(url: string): string | null {
  return readListingUrl(url)?.listingId ?? null;
}

/** Sale or rent, by the path of a listing or search URL; null when the path is of neither. */
export function dealTypeOf(url: string): DealType | null {
  const path = parseUrl(url, portalOrigin)?.pathname ?? '';
  if (/^\/(?:kartta\/)?myytavat-/.test(path)) return 'sale';
  return /^\/(?:kartta\/)?vuokra(?:ttavat)?-/.test(path) ? 'rent' : null;
}

/** The listing URL made from what a card says, for cards that carry no URL; the portal takes any city slug. */
export function listingUrl(origin: string, dealType: DealType, city: string | null, listingId: string): string {
  const vertical = dealType === 'rent' ? 'vuokra-asunnot' : 'myytavat-asunnot';
  return `${origin}/${vertical}/${slugOf(city ?? '') || 'kohde'}/${listingId}`;
}

/** Whether a URL points at the origin itself; a path does. */
export function isOnSite(url: string, origin: string): boolean {
  return parseUrl(url, origin)?.origin === originOf(origin);
}

/** A URL or null; relative ones are taken from the origin. */
function parseUrl(url: string, origin: string): URL | null {
  try {
    return absoluteStart.test(url) ? new URL(url) : new URL(url, origin);
  } catch {
    return null; // What is no URL is an expected outcome here.
  }
}

function originOf(url: string): string | null {
  return parseUrl(url, portalOrigin)?.origin ?? null;
}

function slugOf(city: string): string {
  const plain = city.toLowerCase().replaceAll('ä', 'a').replaceAll('å', 'a').replaceAll('ö', 'o');
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
