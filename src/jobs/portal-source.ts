/**
 * The port through which jobs ask the portal. Its adapter (src/crawl/portal-client.ts) brings tokens, politeness and
 * robots rules; a job only says what it wants to read.
 */
import type { FetchedResponse, RenderedPage } from '../crawl/fetcher.ts';
import type { PageValidators } from './store-writes.ts';

export interface PortalSource {
  /**
   * The answer of the JSON search, always with status 200.
   * @throws ScraperError with the category of what went wrong.
   */
  readonly search: (request: {
    readonly url: string;
    /** The page a person would see: source of the session tokens, and the Referer. */
    readonly searchPageUrl: string;
    readonly city: string;
    readonly signal: AbortSignal;
  }) => Promise<FetchedResponse>;

  /**
   * A search page as a browser shows it, always with status 200: with its cards, or as it was served when it is no search
   * page. @throws ScraperError with the category of what went wrong, that of the page's own search included.
   */
  readonly searchPage: (request: {
    readonly url: string;
    readonly city: string;
    readonly signal: AbortSignal;
  }) => Promise<RenderedPage>;

  /**
   * One listing page with status 200; or 304 without a body, when it is still the version of the validators.
   * @throws ScraperError; category GONE when the page is no longer there.
   */
  readonly listing: (request: {
    readonly url: string;
    readonly validators: PageValidators | null;
    readonly city: string;
    readonly signal: AbortSignal;
  }) => Promise<FetchedResponse>;
}
