/**
 * The search page: session tokens, the portal's own count, its messages, and the cards a browser has rendered into it.
 * A plain GET holds no cards: they are fetched by script. Never follows or returns hidden or off-site links, and never
 * reads the unrendered templates in `<script type="text/ng-template">` as text of the page.
 */
import type { Card } from '../listings/card.ts';
import type { Issue } from '../listings/issue.ts';
import { listingIdOf, portalOrigin } from './listing-url.ts';
import { readPageState } from './page-state.ts';
import { issueOf } from './reading.ts';
import type { Pagination, SearchPageParts } from './search-page-events.ts';
import { collectSearchPage } from './search-page-events.ts';

/** Headers the search API wants, as any page of the portal gives them out. */
export interface PortalSession {
  /** `OTA-token`, 64 hex digits. */
  readonly token: string;
  /** `OTA-loaded`, Unix seconds of the page's rendering. */
  readonly loaded: string;
  /** `OTA-cuid`, 40 hex digits. */
  readonly cuid: string;
}

export interface SearchPage {
  readonly kind: 'search_page';
  /** Null when a tag is missing; then there is an issue. */
  readonly session: PortalSession | null;
  /** The count on the page, else in its title; null when neither is there. */
  readonly portalTotal: number | null;
  /** Texts of `.search-result__message`. */
  readonly messages: readonly string[];
  /** Cards rendered into the page, in order, each listing once. */
  readonly cards: readonly Card[];
  readonly pagination: Pagination | null;
  readonly issues: readonly Issue[];
}

export type SearchPageReading =
  | SearchPage
  | { readonly kind: 'error_state'; readonly message: string }
  | { readonly kind: 'blocked'; readonly evidence: string }
  | { readonly kind: 'unknown'; readonly reason: string };

const failedSearch = /pahoittelut,.{0,80}virhe/i;
const titleCount = /(\d[\d\s]*)\s*kpl(?!\p{L})/u;
const tokenPattern = /^[0-9a-f]{16,128}$/i;

/** Reads a search page served from `origin`. Never throws. */
export function parseSearchPage(
  html: string,
  { origin = portalOrigin }: { readonly origin?: string } = {},
): SearchPageReading {
  const parts = collectSearchPage(html, origin);
  const failure = parts.messages.find((message) => failedSearch.test(message));
  if (failure !== undefined) return { kind: 'error_state', message: failure };
  const session = sessionOf(parts);
  const portalTotal = countOf(parts);
  const isSearchPage = parts.cards.length > 0 || parts.messages.length > 0 || parts.found !== null || session !== null;
  if (!isSearchPage) return stateOf(html);
  if (parts.canonicalUrl !== null && listingIdOf(parts.canonicalUrl) !== null) {
    return { kind: 'unknown', reason: `expected a search page, got the listing page ${parts.canonicalUrl}` };
  }
  if (!parts.hasEnd) return { kind: 'unknown', reason: 'expected </html> at the end, the page is cut off' };
  const { messages, cards, pagination, issues } = parts;
  return {
    kind: 'search_page',
    session,
    portalTotal,
    messages,
    cards,
    pagination,
    issues: [...sessionIssues(session), ...issues],
  };
}

function stateOf(html: string): SearchPageReading {
  const { blockEvidence, errorMessage } = readPageState(html);
  if (blockEvidence !== null) return { kind: 'blocked', evidence: blockEvidence };
  if (errorMessage !== null) return { kind: 'error_state', message: errorMessage };
  return { kind: 'unknown', reason: 'expected a search page with its session tags, found none of its parts' };
}

function sessionOf({ metas }: SearchPageParts): PortalSession | null {
  const token = metas.get('api-token') ?? '';
  const loaded = metas.get('loaded') ?? '';
  const cuid = metas.get('cuid') ?? '';
  const isComplete = tokenPattern.test(token) && /^\d{9,11}$/.test(loaded) && tokenPattern.test(cuid);
  return isComplete ? { token, loaded, cuid } : null;
}

function sessionIssues(session: PortalSession | null): readonly Issue[] {
  if (session !== null) return [];
  return [
    issueOf('MISSING_ELEMENT', 'session', 'session tags: expected meta api-token, loaded and cuid; a tag is missing'),
  ];
}

function countOf({ found, title }: SearchPageParts): number | null {
  const text = found ?? titleCount.exec(title.slice(0, 300))?.[1] ?? '';
  const digits = text.replace(/\s/g, '');
  return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}
