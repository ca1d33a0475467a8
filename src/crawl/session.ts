/**
 * The session with the portal: the tokens its API wants, read from a search page, and its cookies, per origin. However
 * many requests need a new session at once, one page is fetched for all of them; and when a new session is refused too,
 * no other is asked for during a pause, so that a portal that refuses us is not asked twice as often.
 */
import type { Clock } from '../clock.ts';
import type { ErrorCategory } from '../errors.ts';
import { categoryOf, ScraperError } from '../errors.ts';
import { createCookieJar } from './cookie-jar.ts';
import type { FetchedResponse, Fetcher } from './fetcher.ts';
import { statusError } from './response-error.ts';
import { singleFlight } from './single-flight.ts';

export interface SessionTokens {
  readonly token: string;
  readonly loaded: string;
  readonly cuid: string;
}

export interface PortalSession extends SessionTokens {
  readonly readAtMs: number;
}

export interface SessionRequest {
  /** Page to read the tokens from; its origin is the session's. */
  readonly searchPageUrl: string;
  /** City whose limits a fetch of that page counts against. */
  readonly city: string | null;
  readonly signal: AbortSignal;
}

export interface SessionKeeper {
  /**
   * The origin's session, read anew when there is none or it is too old.
   * @throws ScraperError of the fetch; by status; WRONG_PAGE, code SESSION_MISSING, when the page has no tokens.
   */
  readonly open: (request: SessionRequest) => Promise<PortalSession>;
  /**
   * Another session than `refused`: a newer one that is already there, else one read now; null during the pause after
   * a new session, or the page it is read from, was refused. @throws as `open`.
   */
  readonly renew: (refused: PortalSession, request: SessionRequest) => Promise<PortalSession | null>;
  /** Says that the session that `renew` gave was refused as well: the pause begins. */
  readonly renewalRefused: (request: Pick<SessionRequest, 'searchPageUrl'>) => void;
  /** Keeps the cookies a response sets. */
  readonly keepCookies: (response: FetchedResponse) => void;
  /** Cookie header for a request, or null. */
  readonly cookiesFor: (url: string) => string | null;
}

export interface SessionKeeperOptions {
  readonly fetcher: Fetcher;
  /** Reads the tokens from a page's HTML; null when it has none. */
  readonly readSession: (html: string) => SessionTokens | null;
  readonly clock: Clock;
  /** Age from which a session is read anew, in milliseconds; default 600,000. */
  readonly maxAgeMs?: number;
  /** Pause after a refused renewal in which no other is tried, in milliseconds; default 30,000. */
  readonly refusedPauseMs?: number;
}

/** A page that is refused, or that has no tokens, is not asked for again at once; a broken connection may be. */
const pauseCategories: ReadonlySet<ErrorCategory> = new Set<ErrorCategory>(['BLOCKED', 'WRONG_PAGE']);

interface OriginState {
  session: PortalSession | null;
  /** No session is read in place of a refused one before this time. */
  noRenewalBeforeMs: number;
  readonly read: (request: Omit<SessionRequest, 'signal'>, signal: AbortSignal) => Promise<PortalSession>;
}

/** Makes a keeper with no sessions yet. */
export function createSessionKeeper(options: SessionKeeperOptions): SessionKeeper {
  const { clock, fetcher } = options;
  const maxAgeMs = options.maxAgeMs ?? 600_000;
  const refusedPauseMs = options.refusedPauseMs ?? 30_000;
  const jar = createCookieJar(clock.now);
  const origins = new Map<string, OriginState>();

  function stateOf(searchPageUrl: string): OriginState {
    const { origin } = new URL(searchPageUrl);
    const known = origins.get(origin);
    if (known !== undefined) return known;
    const state: OriginState = {
      session: null,
      noRenewalBeforeMs: Number.NEGATIVE_INFINITY,
      read: singleFlight(async (request: Omit<SessionRequest, 'signal'>, signal) => {
        state.session = await readFromPage({ ...request, signal });
        return state.session;
      }),
    };
    origins.set(origin, state);
    return state;
  }

  async function readFromPage({ searchPageUrl, city, signal }: SessionRequest): Promise<PortalSession> {
    const headers = cookieHeaders(cookiesFor(searchPageUrl));
    const response = await fetcher.fetch({ url: searchPageUrl, kind: 'session', city, headers, signal });
    keepCookies(response);
    if (response.status !== 200) throw statusError(response, clock.now());
    const tokens = options.readSession(response.body);
    if (tokens === null) throw sessionMissing(searchPageUrl);
    return { ...tokens, readAtMs: clock.now() };
  }

  /** The pause is not made longer by those who come back late with the same news. */
  function beginPause(state: OriginState): void {
    if (clock.now() >= state.noRenewalBeforeMs) state.noRenewalBeforeMs = clock.now() + refusedPauseMs;
  }

  // Most responses set none and most portals none at all: an address is taken apart only for those that do.
  const keepCookies = ({ finalUrl, headers }: FetchedResponse): void =>
    'set-cookie' in headers ? jar.keep(new URL(finalUrl), headers['set-cookie']) : undefined;
  const cookiesFor = (url: string): string | null => (jar.isEmpty() ? null : jar.headerFor(new URL(url)));

  return {
    open: async (request) => {
      const state = stateOf(request.searchPageUrl);
      const { session } = state;
      if (session !== null && clock.now() - session.readAtMs < maxAgeMs) return session;
      return state.read(request, request.signal);
    },
    renew: async (refused, request) => {
      const state = stateOf(request.searchPageUrl);
      if (clock.now() < state.noRenewalBeforeMs) return null;
      if (state.session !== null && state.session !== refused) return state.session;
      try {
        return await state.read(request, request.signal);
      } catch (error) {
        if (pauseCategories.has(categoryOf(error))) beginPause(state);
        throw error;
      }
    },
    renewalRefused: ({ searchPageUrl }) => beginPause(stateOf(searchPageUrl)),
    keepCookies,
    cookiesFor,
  };
}

/** A Cookie header as an object to spread; empty when there are no cookies. */
export function cookieHeaders(cookies: string | null): Readonly<Record<string, string>> {
  return cookies === null ? {} : { cookie: cookies };
}

function sessionMissing(url: string): ScraperError {
  const message = `Session could not be read from ${url}; expected meta tags api-token, loaded and cuid, got a page without them`;
  return new ScraperError('SESSION_MISSING', message, { category: 'WRONG_PAGE', details: { url } });
}
