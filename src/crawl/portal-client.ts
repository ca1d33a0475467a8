/**
 * What the jobs ask of the portal: search answers, listing pages, location ids. Brings the session along, renews it once
 * when it is refused, and gives back only responses with status 200; every other outcome is an error with its category.
 */
import type { Clock } from '../clock.ts';
import { ScraperError } from '../errors.ts';
import type { FetchedResponse, Fetcher, FetchRequest } from './fetcher.ts';
import { statusError } from './response-error.ts';
import type { PortalSession, SessionKeeper } from './session.ts';
import { cookieHeaders } from './session.ts';

export interface ApiRequest {
  readonly url: string;
  /** The page a person would see: source of the session tokens, and the Referer. */
  readonly searchPageUrl: string;
  readonly city: string | null;
  readonly signal: AbortSignal;
}

export interface ListingRequest {
  readonly url: string;
  /** What the page was recognised by when it was last read; null asks for the page whatever it is. */
  readonly validators: { readonly etag: string | null; readonly lastModified: string | null } | null;
  readonly city: string;
  readonly signal: AbortSignal;
}

export interface PortalClient {
  /**
   * An answer of the JSON search, always with status 200; what its body says is for the reader to judge.
   * @throws ScraperError of the fetch or by status: BLOCKED (PORTAL_REFUSED) for 401 or 403 after one new session,
   * RATE_LIMIT with `details.retryAfterMs`, SERVER_ERROR, GONE, WRONG_PAGE (SESSION_MISSING), UNKNOWN.
   */
  readonly search: (request: ApiRequest) => Promise<FetchedResponse>;
  /** An answer of the location resolver. @throws as `search`. */
  readonly location: (request: ApiRequest) => Promise<FetchedResponse>;
  /**
   * One listing page under an address that still holds its id, with status 200; or 304, when validators were given and
   * the page is still the one they are of.
   * @throws ScraperError of the fetch or by status; GONE for 404 and 410 (PAGE_GONE) and for a redirect to a search or
   * front page (REDIRECTED_AWAY); WRONG_PAGE for a redirect to any other page (REDIRECTED_ELSEWHERE) and for a 304 that
   * nothing was given for (NOT_MODIFIED_UNASKED).
   */
  readonly listing: (request: ListingRequest) => Promise<FetchedResponse>;
}

export interface PortalClientOptions {
  readonly fetcher: Fetcher;
  readonly session: SessionKeeper;
  readonly clock: Clock;
}

/** Makes a client; it opens nothing of its own. */
export function createPortalClient({ fetcher, session, clock }: PortalClientOptions): PortalClient {
  async function send(request: FetchRequest): Promise<FetchedResponse> {
    const headers = { ...cookieHeaders(session.cookiesFor(request.url)), ...request.headers };
    const response = await fetcher.fetch({ ...request, headers });
    session.keepCookies(response);
    return response;
  }

  async function askApi(kind: 'search' | 'location', request: ApiRequest): Promise<FetchedResponse> {
    const { url, city, signal } = request;
    const sendWith = (opened: PortalSession) =>
      send({ url, kind, city, signal, headers: apiHeaders(opened, request.searchPageUrl) });
    const opened = await session.open(request);
    const first = await sendWith(opened);
    if (!isRefused(first)) return demandOk(first);
    const renewed = await session.renew(opened, request);
    if (renewed === null) return demandOk(first);
    const second = await sendWith(renewed);
    if (isRefused(second)) session.renewalRefused(request);
    return demandOk(second);
  }

  const demandOk = (response: FetchedResponse): FetchedResponse => demandStatusOk(response, clock.now());

  return {
    search: (request) => askApi('search', request),
    location: (request) => askApi('location', request),
    listing: async ({ validators, ...request }) => {
      const response = await send({ ...request, kind: 'listing', headers: conditionsOf(validators) });
      const isNotModified = response.status === 304;
      if (isNotModified && validators === null) throw notModifiedUnasked(response.url);
      if ((isNotModified || response.status === 200) && isRedirectedAway(response)) throw redirectedAway(response);
      return isNotModified ? response : demandOk(response);
    },
  };
}

/** The response when its status is 200. @throws ScraperError by status. */
export function demandStatusOk<Response extends FetchedResponse>(response: Response, nowMs: number): Response {
  if (response.status === 200) return response;
  throw statusError(response, nowMs);
}

/** The response when it is the listing page asked for. @throws ScraperError as `PortalClient.listing` says. */
export function demandOwnPage<Response extends FetchedResponse>(response: Response, nowMs: number): Response {
  if (response.status === 200 && isRedirectedAway(response)) throw redirectedAway(response);
  return demandStatusOk(response, nowMs);
}

function apiHeaders(opened: PortalSession, referer: string): Readonly<Record<string, string>> {
  return {
    accept: 'application/json',
    'ota-token': opened.token,
    'ota-loaded': opened.loaded,
    'ota-cuid': opened.cuid,
    referer,
  };
}

function conditionsOf(validators: ListingRequest['validators']): Readonly<Record<string, string>> {
  const { etag = null, lastModified = null } = validators ?? {};
  return {
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
}

function notModifiedUnasked(url: string): ScraperError {
  const message = `Request for ${url} failed; expected the page, got "not modified" (304) although no version was named`;
  return new ScraperError('NOT_MODIFIED_UNASKED', message, { category: 'WRONG_PAGE', details: { url, status: 304 } });
}

function isRefused(response: FetchedResponse): boolean {
  return response.status === 401 || response.status === 403;
}

/** True when the page was asked under its id and answered under an address without it. */
function isRedirectedAway({ url, finalUrl }: FetchedResponse): boolean {
  if (finalUrl === url) return false;
  const id = pathParts(url).findLast((part) => /^\d+$/.test(part));
  return id !== undefined && !pathParts(finalUrl).includes(id);
}

/** Only the portal's front page or a page of the same vertical says "gone"; anything else may be a block page. */
function redirectedAway({ url, finalUrl, status }: FetchedResponse): ScraperError {
  const [vertical] = pathParts(finalUrl);
  const details = { url, finalUrl, status };
  if (vertical === undefined || vertical === pathParts(url)[0]) {
    const message = `Listing ${url} is gone; expected its own page, got a redirect to ${finalUrl}`;
    return new ScraperError('REDIRECTED_AWAY', message, { category: 'GONE', details });
  }
  const message = `Listing ${url} was not shown; expected its own page or a search page, got a redirect to ${finalUrl}`;
  return new ScraperError('REDIRECTED_ELSEWHERE', message, { category: 'WRONG_PAGE', details });
}

function pathParts(url: string): readonly string[] {
  return new URL(url).pathname.split('/').filter((part) => part !== '');
}
