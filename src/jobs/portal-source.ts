/**
 * The port through which jobs ask the portal. Its adapter (src/crawl/portal-client.ts) brings tokens, politeness and
 * robots rules; a job only says what it wants to read.
 */
import type { FetchedResponse } from '../crawl/fetcher.ts';

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

  /** One listing page, always with status 200. @throws ScraperError; category GONE when the page is no longer there. */
  readonly listing: (request: {
    readonly url: string;
    readonly city: string;
    readonly signal: AbortSignal;
  }) => Promise<FetchedResponse>;
}
