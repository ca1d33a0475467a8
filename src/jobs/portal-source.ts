/**
 * The port through which jobs ask the portal. Its adapter (src/crawl/portal-client.ts) brings tokens, politeness and
 * robots rules; a job only says what it wants to read.
 */
import type { FetchedResponse } from '../crawl/fetcher.ts';
import type { PageValidators } from './series-store.ts';

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
