/**
 * What one search page lists, read from the JSON search or from the page as a browser shows it. An error state, a block
 * page or an answer of unknown shape is an error here, never "no listings".
 */
import type { RenderedPage } from '../crawl/fetcher.ts';
import { ScraperError } from '../errors.ts';
import type { Card } from '../listings/card.ts';
import type { SearchPage, SearchPageReading } from '../portal/search-page.ts';
import { parseSearchPage } from '../portal/search-page.ts';
import { parseSearchResponse } from '../portal/search-response.ts';
import { cardsPerPage } from '../portal/search-url.ts';

export interface ListedPage {
  readonly cards: readonly Card[];
  /** Null when the page does not print it. */
  readonly portalTotal: number | null;
  readonly isLastPage: boolean;
}

/** More pages than any list has: without a total and an end, paging must end all the same. */
const mostPages = 2_000;

/** Reads an answer of the JSON search for page `page`. @throws ScraperError WRONG_PAGE, BLOCKED, PARSING_ERROR. */
export function readSearchAnswer(body: string, url: string, page: number): ListedPage {
  const reading = parseSearchResponse(body, { origin: new URL(url).origin });
  switch (reading.kind) {
    case 'cards': {
      const { cards, portalTotal } = reading;
      return { cards, portalTotal, isLastPage: cards.length === 0 || page * cardsPerPage >= portalTotal };
    }
    case 'error_envelope':
      throw refusal('SEARCH_ERROR_STATE', 'WRONG_PAGE', url, `the portal's error ${reading.code}: ${reading.message}`);
    case 'blocked':
      throw refusal('BLOCK_PAGE', 'BLOCKED', url, `a block page (${reading.evidence})`);
    case 'unknown':
      throw refusal(
        'SEARCH_SHAPE_UNKNOWN',
        'PARSING_ERROR',
        url,
        reading.issues.map(({ message }) => message).join('; '),
      );
  }
}

/**
 * Reads search page `page` as a browser shows it. Another page than the one asked for is what a portal shows beyond the
 * last one, and lists nothing.
 * @throws ScraperError as `readSearchAnswer`; when the page shows no list, for the reason that its own search gave.
 */
export function readRenderedPage(response: RenderedPage, url: string, page: number): ListedPage {
  const reading = parseSearchPage(response.body, { origin: new URL(url).origin });
  if (reading.kind !== 'search_page' || !showsList(reading)) throw whyNoList(reading, response, url, page);
  const { cards, portalTotal, pagination } = reading;
  if (pagination !== null && pagination.page !== page) return { cards: [], portalTotal, isLastPage: true };
  return { cards, portalTotal, isLastPage: page >= mostPages || isLast(reading, page) };
}

function showsList({ cards, messages }: SearchPage): boolean {
  return cards.length > 0 || messages.length > 0;
}

function isLast({ cards, portalTotal, pagination }: SearchPage, page: number): boolean {
  if (cards.length === 0) return true;
  if (portalTotal !== null) return page * cardsPerPage >= portalTotal;
  if (pagination !== null && pagination.lastPage !== null) return page >= pagination.lastPage;
  return pagination?.hasNext === false || cards.length < cardsPerPage;
}

/** The answer that the page's script got says it best; else what the page shows. */
function whyNoList(reading: SearchPageReading, { answers }: RenderedPage, url: string, page: number): unknown {
  const answer = answers.at(-1);
  if (answer !== undefined) {
    try {
      readSearchAnswer(answer.body, answer.url, page);
    } catch (error) {
      return error;
    }
  }
  switch (reading.kind) {
    case 'error_state':
      return refusal('SEARCH_ERROR_STATE', 'WRONG_PAGE', url, `the portal's error state (${reading.message})`);
    case 'blocked':
      return refusal('BLOCK_PAGE', 'BLOCKED', url, `a block page (${reading.evidence})`);
    case 'unknown':
      return refusal('SEARCH_SHAPE_UNKNOWN', 'PARSING_ERROR', url, reading.reason);
    case 'search_page':
      return refusal('SEARCH_SHAPE_UNKNOWN', 'PARSING_ERROR', url, 'neither cards nor a message');
  }
}

function refusal(code: string, category: 'WRONG_PAGE' | 'BLOCKED' | 'PARSING_ERROR', url: string, got: string) {
  const message = `search ${url}: expected cards, got ${got}`;
  return new ScraperError(code, message, { category, details: { url, status: 200 } });
}
