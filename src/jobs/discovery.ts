/**
 * Reads the next search page of a city in the mode its task asks for. In `auto` the JSON search comes first, and a browser
 * reads the page when the search breaks its contract; a change of mode is told once.
 */
import type { FetchedResponse } from '../crawl/fetcher.ts';
import { categoryOf, messageOf, ScraperError } from '../errors.ts';
import type { SearchQuery } from '../portal/search-url.ts';
import { cardsPerPage, searchApiUrl, searchPageUrl } from '../portal/search-url.ts';
import type { DiscoveryState } from './discovery-mode.ts';
import { afterAnswer, afterBreak, afterBrowserPage, initialDiscovery } from './discovery-mode.ts';
import type { PortalSource } from './portal-source.ts';
import type { ListedPage } from './read-search-page.ts';
import { readRenderedPage, readSearchAnswer } from './read-search-page.ts';

/** A change of the way a city's list is read. */
export interface ModeChange {
  readonly city: string;
  readonly mode: 'http' | 'browser';
  /** Why, in a sentence. */
  readonly reason: string;
}

export interface DiscoveryOptions {
  readonly portal: Pick<PortalSource, 'search' | 'searchPage'>;
  /** As the city's task says; a city without a task is read by `http`. */
  readonly fetchModeOf: (city: string) => 'http' | 'browser' | 'auto';
  readonly onModeChange: (change: ModeChange) => void;
}

export interface PageRequest {
  readonly executionId: string;
  readonly city: string;
  readonly search: SearchQuery;
  /** 1-based. */
  readonly page: number;
  readonly signal: AbortSignal;
}

export interface DiscoveredPage extends ListedPage {
  readonly fetchedAtUtc: string;
  readonly fetchMode: 'http' | 'browser';
}

export interface Discovery {
  /**
   * The page, from the source that its city is read from now.
   * @throws ScraperError of the fetch or the reading; BROWSER_MISSING when a browser is needed and there is none.
   */
  readonly read: (request: PageRequest) => Promise<DiscoveredPage>;
}

/** Only these mean that the search itself is not what it was; a failing or a busy portal is left in peace instead. */
const contractBreaks: ReadonlySet<string> = new Set(['PORTAL_REFUSED', 'SEARCH_SHAPE_UNKNOWN']);

/** Keeps the mode of each city for the time of an execution. */
export function createDiscovery({ portal, fetchModeOf, onModeChange }: DiscoveryOptions): Discovery {
  const states = new Map<string, { readonly executionId: string; readonly state: DiscoveryState }>();

  const stateOf = ({ city, executionId }: PageRequest): DiscoveryState => {
    const known = states.get(city);
    return known?.executionId === executionId ? known.state : initialDiscovery;
  };
  const remember = ({ city, executionId }: PageRequest, state: DiscoveryState): void => {
    states.set(city, { executionId, state });
  };

  async function readInEither(request: PageRequest): Promise<DiscoveredPage> {
    const state = stateOf(request);
    if (state.mode === 'browser') return readAndCount(request, state);
    try {
      const page = await readByHttp(portal, request);
      if (state.breaks > 0) onModeChange({ city: request.city, mode: 'http', reason: 'the search answers as agreed' });
      remember(request, afterAnswer());
      return page;
    } catch (error) {
      if (!isContractBreak(error, request)) throw error;
      const broken = afterBreak(state);
      remember(request, broken);
      if (state.breaks === 0) onModeChange({ city: request.city, mode: 'browser', reason: messageOf(error) });
      return readAndCount(request, broken).catch((failure: unknown) => {
        throw isMissing(failure) ? missingBecause(failure, error) : failure;
      });
    }
  }

  async function readAndCount(request: PageRequest, state: DiscoveryState): Promise<DiscoveredPage> {
    const page = await readByBrowser(portal, request);
    remember(request, afterBrowserPage(state));
    return page;
  }

  return {
    read: (request) => {
      const mode = fetchModeOf(request.city);
      if (mode === 'auto') return readInEither(request);
      return mode === 'browser' ? readByBrowser(portal, request) : readByHttp(portal, request);
    },
  };
}

function isMissing(failure: unknown): failure is ScraperError {
  return failure instanceof ScraperError && failure.code === 'BROWSER_MISSING';
}

/** Without a browser the reason of the failure is the search, and the remedy a browser. */
function missingBecause(missing: ScraperError, broken: unknown): ScraperError {
  const message = `${missing.message} (the JSON search does not work: ${messageOf(broken)})`;
  return new ScraperError(missing.code, message, { category: categoryOf(broken), cause: broken });
}

type Portal = DiscoveryOptions['portal'];

async function readByHttp(portal: Portal, { city, search, page, signal }: PageRequest): Promise<DiscoveredPage> {
  const url = apiUrlOf(search, page);
  const response = await portal.search({ url, searchPageUrl: searchPageUrl(search, page), city, signal });
  return discovered(readSearchAnswer(response.body, url, page), response, 'http');
}

async function readByBrowser(portal: Portal, { city, search, page, signal }: PageRequest): Promise<DiscoveredPage> {
  const url = searchPageUrl(search, page);
  const response = await portal.searchPage({ url, city, signal });
  return discovered(readRenderedPage(response, url, page), response, 'browser');
}

function discovered(
  listed: ListedPage,
  { fetchedAtUtc }: FetchedResponse,
  fetchMode: 'http' | 'browser',
): DiscoveredPage {
  return { ...listed, fetchedAtUtc, fetchMode };
}

function apiUrlOf(search: SearchQuery, page: number): string {
  return searchApiUrl(search.origin, search, { offset: (page - 1) * cardsPerPage });
}

/** A refusal of the page that the session comes from is none of the search: a browser would be refused as well. */
function isContractBreak(error: unknown, { search, page }: PageRequest): boolean {
  if (!(error instanceof ScraperError) || !contractBreaks.has(error.code)) return false;
  return error.details.url === apiUrlOf(search, page);
}
