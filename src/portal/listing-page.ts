/**
 * One listing page: what kind of page it is and, when it is the listing asked for, its record and issues.
 * Text in, value out; never throws on bad data. A cut-off page, a page of another listing, an error page or a block
 * page never becomes a record. What is read from where stands in listing-labels.ts.
 */
import type { Card } from '../listings/card.ts';
import type { ListingRecord } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import type { PageData } from './embedded-data.ts';
import { readPageData } from './embedded-data.ts';
import { checkIdentities } from './identities.ts';
import { knownLabelKeys, priceLabelKeys } from './listing-labels.ts';
import type { DecodePart, ListingPageParts } from './listing-page-events.ts';
import { asItIs, collectListingPage } from './listing-page-events.ts';
import { buildRecord } from './listing-record.ts';
import { listingIdOf, readListingUrl } from './listing-url.ts';
import { readPageState } from './page-state.ts';
import { isSameMunicipality } from './place.ts';
import { checkPlausibility } from './plausibility.ts';
import { issueOf } from './reading.ts';
import { withoutSilentElements } from './silent-elements.ts';

/** Name and version of this parser, stored with every row it read; raise it when its output changes. */
export const listingPageParser = 'listing-page/1';

/** The text of a page, or one of which only what is kept is decoded (src/crawl/body.ts says how). */
export type PageText =
  | string
  | {
      readonly byteLength: number;
      readonly whole: () => string;
      readonly undecoded: () => { readonly text: string; readonly decode: DecodePart };
    };

export interface ListingPageContext {
  /** URL asked for; its id is the listing's key, its path says sale or rent. */
  readonly url: string;
  /** City of the task, e.g. `Helsinki`. */
  readonly city: string;
  /** The card that led here; null when the page was not found by a search. */
  readonly card: Card | null;
  /** True keeps phone numbers, e-mail addresses and contact persons; by default they are masked. */
  readonly collectsPersonalData: boolean;
}

export type ListingPageReading =
  | { readonly kind: 'listing'; readonly record: ListingRecord; readonly issues: readonly Issue[] }
  | { readonly kind: 'removed'; readonly reason: 'removed' | 'sold'; readonly evidence: string }
  | { readonly kind: 'blocked'; readonly evidence: string }
  | { readonly kind: 'error_state'; readonly message: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** In a Finnish label these come only from bytes read as another character set. */
const wrongCharset = /[\uFFFDÃ]/;
/** Fewer known labels than this are no listing: recorded pages have 39 to 81. */
const minKnownLabels = 3;

/** Reads a listing page. A page of another municipality is a listing with a FOREIGN_CITY issue. */
export function parseListingPage(page: PageText, context: ListingPageContext): ListingPageReading {
  const address = readListingUrl(context.url);
  if (address === null) {
    return unknown(`expected the URL of a listing such as /myytavat-asunnot/helsinki/20000002, got "${context.url}"`);
  }
  const { text, decode } = typeof page === 'string' ? { text: page, decode: asItIs } : page.undecoded();
  const parts = collectListingPage(withoutSilentElements(text), address.listingId, decode);
  const pageData = readPageData(parts.pageScript);
  const otherReading = readOtherPage(page, parts, pageData, address.listingId);
  if (otherReading !== null) return otherReading;
  const { value: record, issues } = buildRecord({ ...context, parts, pageData, ...address });
  const checks = [...cityIssues(record), ...missingIssues(record, parts), ...cardIssues(record, context.card)];
  return {
    kind: 'listing',
    record,
    issues: [...issues, ...checks, ...checkIdentities(record), ...checkPlausibility(record)],
  };
}

/** What the page is when it is not the listing asked for; null when it is. */
function readOtherPage(
  page: PageText,
  parts: ListingPageParts,
  pageData: PageData,
  listingId: string,
): ListingPageReading | null {
  const keys = parts.rows.map(({ key }) => key);
  const isListing = new Set(keys.filter((key) => knownLabelKeys.has(key))).size >= minKnownLabels;
  const hasPriceTable = isListing && keys.some((key) => priceLabelKeys.has(key));
  const state = hasPriceTable ? null : readPageState(typeof page === 'string' ? page : page.whole());
  if (state !== null && !isListing && state.blockEvidence !== null)
    return { kind: 'blocked', evidence: state.blockEvidence };
  if (!parts.hasEnd) return unknown('expected </html> at the end of the page, it is cut off');
  if (state !== null && state.removal !== null) return { kind: 'removed', ...state.removal };
  if (state !== null && !isListing && state.errorMessage !== null)
    return { kind: 'error_state', message: state.errorMessage };
  if (!isListing) return unknown(`expected a listing with its table of labels, found ${keys.length} labels`);
  if (parts.rows.some(({ label }) => wrongCharset.test(label))) {
    return unknown('expected Finnish labels, got text decoded with the wrong character set');
  }
  const otherId = idsOf(parts, pageData).find((id) => id !== listingId);
  return otherId === undefined
    ? null
    : unknown(`expected the page of listing ${listingId}, got the page of ${otherId}`);
}

/** The ids by which the page names itself. */
function idsOf(parts: ListingPageParts, pageData: PageData): readonly string[] {
  const urls = new Set([parts.canonicalUrl, parts.metas.get('og:url')]);
  const named = [...urls].map((url) => (url ? listingIdOf(url) : null));
  const ids = [...named, parts.metas.get('SAC:card_ID')?.trim(), pageData.cardId];
  return ids.filter((id): id is string => typeof id === 'string' && /^\d+$/.test(id));
}

/** The URL by which a page names itself (canonical link, og:url); null when it does not. */
export function pageUrlOf(html: string): string | null {
  const { canonicalUrl, metas } = collectListingPage(withoutSilentElements(html), '', asItIs);
  return canonicalUrl ?? metas.get('og:url') ?? null;
}

function cityIssues(record: ListingRecord): readonly Issue[] {
  const { city, cityAsPrinted } = record;
  if (cityAsPrinted === null) {
    return [issueOf('MISSING_ELEMENT', 'cityAsPrinted', 'cityAsPrinted: the page does not say its municipality')];
  }
  if (isSameMunicipality(cityAsPrinted, city)) return [];
  const message = `cityAsPrinted: expected ${city}, the page is of ${cityAsPrinted}`;
  return [issueOf('FOREIGN_CITY', 'cityAsPrinted', message, cityAsPrinted)];
}

/** Elements every page has. A value that is there and unreadable has its own issue. */
function missingIssues(record: ListingRecord, parts: ListingPageParts): readonly Issue[] {
  const keys = new Set(parts.rows.map(({ key }) => key));
  const issues: Issue[] = [];
  const priceField = record.dealType === 'rent' ? 'rentEurMonth' : 'priceEur';
  if (!keys.has('asuinpinta-ala')) issues.push(missing('areaM2', 'Asuinpinta-ala'));
  if (record.address === null) issues.push(missing('address', 'Sijainti'));
  if (record[priceField] === null && ![...keys].some((key) => priceLabelKeys.has(key))) {
    issues.push(missing(priceField, record.dealType === 'rent' ? 'Vuokra' : 'Velaton hinta or Myyntihinta'));
  }
  // Recorded pages print the price per m2 of the debt-free price, and neither without the other.
  if (record.pricePerM2Eur !== null && !keys.has('velaton_hinta')) {
    issues.push(missing('debtFreePriceEur', 'Velaton hinta'));
  }
  return issues;
}

function missing(field: string, label: string): Issue {
  return issueOf('MISSING_ELEMENT', field, `${field}: expected the label ${label}, the page does not have it`);
}

/** Page and card are of the same day; where they differ, the page is kept and the difference is told. */
function cardIssues(record: ListingRecord, card: Card | null): readonly Issue[] {
  if (card === null) return [];
  const issues: Issue[] = [];
  const compare = (field: 'priceEur' | 'rentEurMonth' | 'areaM2', ofCard: number | null, tolerance: number): void => {
    const ofPage = record[field];
    if (ofPage === null || ofCard === null || Math.abs(ofPage - ofCard) <= tolerance) return;
    const message = `${field}: the page says ${ofPage}, the card says ${ofCard}; the page is kept`;
    issues.push(issueOf('CONFLICTING_VALUES', field, message, String(ofCard)));
  };
  // Cards may print whole euros.
  compare('priceEur', card.priceEur === record.salePriceEur ? null : card.priceEur, 1);
  compare('rentEurMonth', card.rentEurMonth, 1);
  compare('areaM2', card.areaM2, 0.5);
  return issues;
}

function unknown(reason: string): ListingPageReading {
  return { kind: 'unknown', reason };
}
