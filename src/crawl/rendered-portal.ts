/**
 * What the jobs ask of the portal by way of a browser: search pages and listing pages as they show themselves. Gives back
 * only responses with status 200; every other outcome is an error with its category, the same as by HTTP.
 */
import type { Clock } from '../clock.ts';
import type { FetchRequest, RenderedPage } from './fetcher.ts';
import { demandOwnPage, demandStatusOk } from './portal-client.ts';

export interface RenderedRequest {
  readonly url: string;
  readonly city: string;
  readonly signal: AbortSignal;
}

export interface RenderedPortal {
  /** A search page with its cards. @throws ScraperError of the fetch, by status, or of the search its script asked. */
  readonly searchPage: (request: RenderedRequest) => Promise<RenderedPage>;
  /** A listing page. @throws ScraperError as `PortalClient.listing`. */
  readonly listing: (request: RenderedRequest) => Promise<RenderedPage>;
}

export interface RenderedPortalOptions {
  readonly fetcher: { readonly fetch: (request: FetchRequest) => Promise<RenderedPage> };
  readonly clock: Clock;
}

/** Makes the adapter; it opens nothing of its own. */
export function createRenderedPortal({ fetcher, clock }: RenderedPortalOptions): RenderedPortal {
  return {
    searchPage: async (request) => demandStatusOk(await fetcher.fetch({ ...request, kind: 'search' }), clock.now()),
    listing: async (request) => demandOwnPage(await fetcher.fetch({ ...request, kind: 'listing' }), clock.now()),
  };
}
