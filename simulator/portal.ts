/**
 * The healthy portal: a request in, the answer out, as a function without sockets. Faults are laid over its answers by
 * fault-plan.ts and never change what is computed here.
 */
import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import { html, json, redirect, shortPage, text } from './answer.ts';
import type { Listing, RemovedVariant } from './listing.ts';
import { pathOf } from './listing.ts';
import { renderGonePage, renderListingPage } from './listing-page.ts';
import type { PageShell } from './page-shell.ts';
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
  /** Listing pages come with an ETag, and one that is asked for with it is answered 304. */
  sendsValidators: boolean;
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

interface PortalInput {
  readonly world: World;
  readonly sessions: SessionBook;
  readonly settings: PortalSettings;
  /** Rendered listing pages kept, about 75 KB each; default 2000. */
  readonly cachedPages?: number | undefined;
}

/** The parts every answer is made from. */
interface Parts extends PortalInput {
  readonly shell: PageShell;
  /** Rendered listing pages, oldest first, by origin and id. */
  readonly cache: Map<string, { readonly listing: Listing; readonly answer: Answer }>;
}

const DEFAULT_CACHED_PAGES = 2000;

/** The portal over a world. Keeps the last rendered listing pages. */
export function createPortal(input: PortalInput): Portal {
  const parts: Parts = { ...input, shell: createPageShell(), cache: new Map() };
  return {
    goneAnswer: (listing, variant) => goneAnswer(listing, variant, parts.shell),
    searchQuery: (request) => searchQueryFor(request, parts.world),
    answer: (request, overrides = {}) => {
      switch (request.kind) {
        case 'session':
          return searchPageAnswer(request, parts, overrides.failed ?? false);
        case 'search':
        case 'location':
          return apiAnswer(request, parts, overrides);
        case 'listing':
          return listingAnswer(request, parts);
        case 'robots':
          return text(200, robotsText(parts.settings.crawlDelaySeconds));
        case 'trap':
          return text(200, 'ok');
        case 'other':
          return otherAnswer(request.path);
      }
    },
  };
}

/** A listing page, or that it is still the one the client has. */
function listingAnswer(request: PortalRequest, parts: Parts): Answer {
  const answer = listingPageAnswer(request, parts);
  if (!parts.settings.sendsValidators || answer.status !== 200) return answer;
  const etag = `"${createHash('sha1').update(answer.body).digest('hex')}"`;
  const headers = { ...answer.headers, etag };
  if (request.headers['if-none-match'] !== etag) return { ...answer, headers };
  return { status: 304, headers, body: Buffer.alloc(0) };
}

function listingPageAnswer(request: PortalRequest, { world, shell, cache, cachedPages }: Parts): Answer {
  const listing = world.listing(request.listingId ?? '');
  if (listing === undefined) return html(404, shortPage('Sivua ei löytynyt'));
  if (listing.state !== 'active') return goneAnswer(listing, listing.goneAs, shell);
  const key = `${request.origin}${listing.id}`;
  const known = cache.get(key);
  if (known !== undefined && known.listing === listing) return known.answer;
  const similar = similarTo(listing, world);
  const answer = html(200, renderListingPage({ listing, origin: request.origin, similar, shell }));
  const [oldest] = cache.keys();
  if (cache.size >= (cachedPages ?? DEFAULT_CACHED_PAGES) && oldest !== undefined) cache.delete(oldest);
  cache.set(key, { listing, answer });
  return answer;
}

function goneAnswer(listing: Listing, variant: RemovedVariant, shell: PageShell): Answer {
  if (variant === 'redirect') return redirect(pathOf(listing).split('/').slice(0, 3).join('/'));
  const words = variant === 'myyty' ? 'Kohde on myyty' : 'Kohde on poistunut';
  const status = { not_found: 404, gone: 410, poistunut: 200, myyty: 200 }[variant];
  return html(status, renderGonePage(listing, shell, words));
}

function searchQueryFor(request: PortalRequest, world: World): SearchQuery {
  const parameters = new URLSearchParams(request.query);
  const isRentPath = request.path.startsWith('/vuokra-asunnot');
  if (!parameters.has('cardType')) parameters.set('cardType', isRentPath ? '101' : '100');
  const query = searchQueryOf(parameters, world);
  const slug = request.path.split('/')[2];
  const city = request.kind === 'session' ? world.cities.find((candidate) => candidate.slug === slug) : undefined;
  return city === undefined ? query : { ...query, cities: [city] };
}

function searchPageAnswer(request: PortalRequest, parts: Parts, failed: boolean): Answer {
  const { world, sessions, settings, shell } = parts;
  const tokens = sessions.issue();
  const query = searchQueryFor(request, world);
  const answer = html(200, renderSearchPage({ query, tokens, shell, markup: settings.cardMarkup, failed }));
  return { ...answer, headers: { ...answer.headers, 'set-cookie': `user_id=${tokens.cuid}; Path=/; HttpOnly` } };
}

function apiAnswer(request: PortalRequest, { world, sessions }: Parts, overrides: SearchOverrides): Answer {
  const status = sessions.statusOf(request.headers);
  if (status !== 200) return json(status, { code: status, message: 'Session is missing or no longer valid' });
  if (request.kind === 'location') return json(200, locationAnswer(request.query.get('query') ?? '', world));
  const query = searchQueryFor(request, world);
  const shape = request.path === '/api/cards' ? 'cards' : 'search';
  const { origin } = request;
  return json(200, searchAnswer({ query, world, shape, origin, foreign: overrides.foreign ?? [] }));
}

function similarTo(listing: Listing, world: World): readonly Listing[] {
  const others = world.active(listing.city, listing.dealType);
  const start = createRandom(hashOf(listing.seed, 'similar')).integer(0, Math.max(0, others.length - 7));
  const near = others.slice(start, start + 7).filter((other) => other.id !== listing.id);
  return near.slice(0, 6);
}

function robotsText(crawlDelaySeconds: number | null): string {
  const delay = crawlDelaySeconds === null ? '' : `Crawl-delay: ${crawlDelaySeconds}\n`;
  return `User-agent: *\nDisallow: /api/admin\nDisallow: /trap\nAllow: /\n${delay}`;
}

function otherAnswer(path: string): Answer {
  if (path.startsWith('/consent/')) return html(200, consentPage());
  if (!path.startsWith('/media/')) return text(404, 'Not found');
  const image = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><rect width="4" height="3"/></svg>';
  return { status: 200, headers: { 'content-type': 'image/svg+xml' }, body: Buffer.from(image) };
}
