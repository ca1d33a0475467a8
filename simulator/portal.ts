/**
 * The healthy portal: a request in, the answer out, as a function without sockets. Faults are laid over its answers by
 * fault-plan.ts and never change what is computed here.
 */

import type { Listing, RemovedVariant } from './listing.ts';
import { pathOf } from './listing.ts';
import { renderGonePage, renderListingPage } from './listing-page.ts';
import { consentPage, createPageShell } from './page-shell.ts';
import type { PortalRequest } from './portal-request.ts';
import { createRandom, hashOf } from './random.ts';
import { locationAnswer, searchAnswer } from './search-api.ts';
import type { CardMarkup } from './search-page.ts';
import { renderSearchPage } from './search-page.ts';
import type { SearchQuery } from './search-query.ts';
import { searchQueryOf } from './search-query.ts';
import type { SessionBook } from './session.ts';
import type { World } from './world.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What can be changed while the portal runs. */
export interface PortalSettings {
  /** How long session tokens are accepted. */
  tokenLifetimeMs: number;
  /** `Crawl-delay` of robots.txt, or null for none. */
  crawlDelaySeconds: number | null;
  /** Markup of the cards a browser renders. */
  cardMarkup: CardMarkup;
  /** Wait before every answer. */
  latencyMs: number;
}

export interface SearchOverrides {
  /** Cards of other municipalities to mix in. */
  readonly foreign?: readonly Listing[];
  readonly failed?: boolean;
}

export interface Portal {
  readonly answer: (request: PortalRequest, overrides?: SearchOverrides) => Answer;
  /** The answer for a listing that is gone. */
  readonly goneAnswer: (listing: Listing, variant: RemovedVariant) => Answer;
  readonly searchQuery: (request: PortalRequest) => SearchQuery;
}

const CACHED_PAGES = 1500;

/** The portal over a world. Keeps the last rendered listing pages. */
export function createPortal(input: {
  readonly world: World;
  readonly sessions: SessionBook;
  readonly settings: PortalSettings;
}): Portal {
  const { world, sessions, settings } = input;
  const shell = createPageShell();
  const cache = new Map<string, { readonly listing: Listing; readonly body: Buffer }>();

  const goneAnswer = (listing: Listing, variant: RemovedVariant): Answer => {
    if (variant === 'not_found') return html(404, renderGonePage(listing, shell, 'Kohde on poistunut'));
    if (variant === 'gone') return html(410, renderGonePage(listing, shell, 'Kohde on poistunut'));
    if (variant === 'redirect') return redirect(`/${pathOf(listing).split('/')[1]}/${listing.city.slug}`);
    const words = variant === 'myyty' ? 'Kohde on myyty' : 'Kohde on poistunut';
    return html(200, renderGonePage(listing, shell, words));
  };

  const listingAnswer = (request: PortalRequest): Answer => {
    const listing = world.listing(request.listingId ?? '');
    if (listing === undefined)
      return html(
        404,
        '<!doctype html><html><head><title>404</title></head><body><h1>Sivua ei löytynyt</h1></body></html>',
      );
    if (listing.state !== 'active') return goneAnswer(listing, listing.goneAs);
    const key = `${request.origin}${listing.id}`;
    const known = cache.get(key);
    if (known !== undefined && known.listing === listing)
      return { status: 200, headers: htmlHeaders, body: known.body };
    const page = renderListingPage({ listing, origin: request.origin, similar: similarTo(listing, world), shell });
    const answer = html(200, page);
    const [oldest] = cache.keys();
    if (cache.size >= CACHED_PAGES && oldest !== undefined) cache.delete(oldest);
    cache.set(key, { listing, body: answer.body });
    return answer;
  };

  const searchQuery = (request: PortalRequest): SearchQuery => {
    const parameters = new URLSearchParams(request.query);
    if (!parameters.has('cardType'))
      parameters.set('cardType', request.path.startsWith('/vuokra-asunnot') ? '101' : '100');
    const query = searchQueryOf(parameters, world);
    const slug = request.path.split('/')[2];
    const city = world.cities.find((candidate) => candidate.slug === slug);
    return city === undefined || request.kind !== 'session' ? query : { ...query, cities: [city] };
  };

  const searchPageAnswer = (request: PortalRequest, failed: boolean): Answer => {
    const tokens = sessions.issue();
    const page = renderSearchPage({ query: searchQuery(request), tokens, shell, markup: settings.cardMarkup, failed });
    const answer = html(200, page);
    return { ...answer, headers: { ...answer.headers, 'set-cookie': `user_id=${tokens.cuid}; Path=/; HttpOnly` } };
  };

  const apiAnswer = (request: PortalRequest, overrides: SearchOverrides): Answer => {
    const status = sessions.statusOf(request.headers);
    if (status !== 200) return json(status, { code: status, message: 'Session is missing or no longer valid' });
    if (request.kind === 'location') return json(200, locationAnswer(request.query.get('query') ?? '', world));
    const shape = request.path === '/api/cards' ? 'cards' : 'search';
    const { origin } = request;
    return json(
      200,
      searchAnswer({ query: searchQuery(request), world, shape, origin, foreign: overrides.foreign ?? [] }),
    );
  };

  return {
    goneAnswer,
    searchQuery,
    answer: (request, overrides = {}) => {
      switch (request.kind) {
        case 'session':
          return searchPageAnswer(request, overrides.failed ?? false);
        case 'search':
        case 'location':
          return apiAnswer(request, overrides);
        case 'listing':
          return listingAnswer(request);
        case 'robots':
          return text(200, robotsText(settings.crawlDelaySeconds));
        case 'trap':
          return text(200, 'ok');
        case 'other':
          return otherAnswer(request.path);
      }
    },
  };
}

function similarTo(listing: Listing, world: World): readonly Listing[] {
  const others = world.active(listing.city, listing.dealType);
  const start = createRandom(hashOf(listing.seed, 'similar')).integer(0, Math.max(0, others.length - 7));
  return others
    .slice(start, start + 7)
    .filter((other) => other.id !== listing.id)
    .slice(0, 6);
}

function robotsText(crawlDelaySeconds: number | null): string {
  const delay = crawlDelaySeconds === null ? '' : `Crawl-delay: ${crawlDelaySeconds}\n`;
  return `User-agent: *\nDisallow: /api/admin\nDisallow: /trap\nAllow: /\n${delay}`;
}

function otherAnswer(path: string): Answer {
  if (path.startsWith('/consent/')) return html(200, consentPage());
  if (path.startsWith('/media/')) {
    const image =
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><rect width="4" height="3" fill="#89a"/></svg>';
    return { status: 200, headers: { 'content-type': 'image/svg+xml' }, body: Buffer.from(image) };
  }
  return text(404, 'Not found');
}

const htmlHeaders = { 'content-type': 'text/html; charset=UTF-8' };

/** An HTML answer. */
export function html(status: number, page: string): Answer {
  return { status, headers: htmlHeaders, body: Buffer.from(page) };
}

/** A JSON answer. */
export function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}

/** A plain text answer. */
export function text(status: number, content: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: Buffer.from(content) };
}

/** A redirect with a short page. */
export function redirect(location: string): Answer {
  const answer = html(302, '<!doctype html><html><head><title>302</title></head><body>Siirretty</body></html>');
  return { ...answer, headers: { ...answer.headers, location } };
}
