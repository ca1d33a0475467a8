/**
 * The port that remembers with what a listing page can be asked for again (RFC 9110, conditional requests), so that an
 * unchanged page costs no body. It may forget: that costs a body, never a wrong record.
 */
import type { KnownPage, PageValidators } from './series-store.ts';

export interface KnownPages {
  /** The page as it was last read; null when it was not, or when the portal sent no validators. */
  readonly find: (city: string, listingId: string) => Promise<KnownPage | null>;
}

/** An entity tag of RFC 9110 in printable ASCII; what else stands there could not be sent back. */
const entityTag = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/;
/** `Sun, 22 Nov 2026 03:01:00 GMT`. */
const httpDate = /^[\x20-\x7e]{1,40}$/;

/** The validators in the headers of a response; both null when it has none that can be sent back. */
export function validatorsIn(headers: Readonly<Record<string, string>>): PageValidators {
  const etag = headers['etag']?.trim() ?? '';
  const lastModified = headers['last-modified']?.trim() ?? '';
  const isDate = httpDate.test(lastModified) && !Number.isNaN(Date.parse(lastModified));
  return { etag: entityTag.test(etag) ? etag : null, lastModified: isDate ? lastModified : null };
}
