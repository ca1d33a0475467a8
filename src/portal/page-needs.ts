/**
 * What the portal's pages do when a browser opens them: what their own requests are for, what shows that a search page
 * has its results, and which frame asks for consent. Known markups: cards of 2025 (v2) and since (v3).
 */
import { listingPath } from './listing-url.ts';
import { parseSearchPage } from './search-page.ts';

/** What a request of the portal's own script asks: its search (the newer or the older one), places, or anything else. */
export function apiKindOf(url: URL): 'search' | 'location' | null {
  if (/^\/api\/(?:[\w.]+\/)?(?:search|cards)\/?$/.test(url.pathname)) return 'search';
  return /^\/api\/(?:[\w.]+\/)?location\/?$/.test(url.pathname) ? 'location' : null;
}

export interface ReadySignal {
  /** Source of a pattern for the path of a link to a listing; such a link is a card. */
  readonly cardPath: string;
  /** Elements whose text says that there are no cards, or why. */
  readonly messageSelector: string;
}

/** What shows that the script of a search page has done its work. */
export const searchPageSignal: ReadySignal = {
  cardPath: listingPath.source,
  messageSelector: '.search-result__message',
};

/** Whether the page is a search page that its script has yet to fill: neither a block page nor an error state. */
export function awaitsResults(html: string): boolean {
  return parseSearchPage(html).kind === 'search_page';
}

/** Whether a frame of this address or name asks for consent to cookies (Sourcepoint's frames are named so). */
export function isConsentFrame({ url, name }: { readonly url: string; readonly name: string }): boolean {
  return name.startsWith('sp_message_iframe') || /^[^?#]*(?:consent|privacy-mgmt|sp_message)/i.test(url);
}

/** Names of the buttons that end a consent dialog, best first: refusing is as good as accepting, and asks for less. */
export const consentButtons: readonly RegExp[] = [
  /^(?:hylkää kaikki|kiellä kaikki|vain välttämättömät|reject all|decline)$/i,
  /^(?:hyväksy kaikki|hyväksy|hyväksyn|accept all|accept|ok)$/i,
];
