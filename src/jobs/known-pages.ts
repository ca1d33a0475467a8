/**
 * The port that remembers which listing pages are stored: one whose card is as it was need not be fetched, and one that is
 * fetched can be asked for as it was (RFC 9110, conditional requests), so that it costs no body when it is unchanged. It
 * may forget: that costs a request, never a wrong record.
 */
import type { KnownPage } from './series-store.ts';
import type { PageValidators } from './store-writes.ts';

export interface KnownPages {
  /** The pages as they were last read, by listing id; those that were not are left out. */
  readonly find: (city: string, listingIds: readonly string[]) => Promise<ReadonlyMap<string, KnownPage>>;
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
