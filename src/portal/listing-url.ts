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

interface ListingAddress {
  readonly origin: string;
  readonly path: string;
  readonly vertical: string;
  readonly listingId: string;
}

/** The id of a listing URL (absolute, or a path such as `/myytavat-asunnot/kohde/20000002?src=x`); null when it is none. */
export function listingIdOf(url: string): string | null {
  return listingAddressOf(url, portalOrigin)?.listingId ?? null;
}

/** The listing URL without query, fragment and trailing slash; null when it is no listing URL. Paths get the origin. */
export function canonicalListingUrl(url: string, origin: string = portalOrigin): string | null {
  const address = listingAddressOf(url, origin);
  return address === null ? null : `${address.origin}${address.path}`;
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

/** A URL or null; relative ones are taken from the origin. An absolute one is read once: five are looked at for each page. */
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

function listingAddressOf(url: string, origin: string): ListingAddress | null {
  const parsed = parseUrl(url, origin);
  const match = parsed === null || !parsed.protocol.startsWith('http') ? null : listingPath.exec(parsed.pathname);
  if (parsed === null || match === null) return null;
  const [, vertical = '', listingId = ''] = match;
  return { origin: parsed.origin, path: parsed.pathname.replace(/\/$/, ''), vertical, listingId };
}

function slugOf(city: string): string {
  const plain = city.toLowerCase().replaceAll('ä', 'a').replaceAll('å', 'a').replaceAll('ö', 'o');
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
