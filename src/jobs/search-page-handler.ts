/**
 * The `search-page` job: one page of a city's list, from the JSON search or a browser. It says which listings there are,
 * hands each on, and adds the next page. An error state, a block page or an answer of unknown shape is never read as
 * "no listings".
 */

import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import { ScraperError } from '../errors.ts';
import type { Card } from '../listings/card.ts';
import { isSameMunicipality } from '../portal/place.ts';
import type { SearchQuery } from '../portal/search-url.ts';
import { readSearchUrl, searchPageUrl } from '../portal/search-url.ts';
import { stopCodes } from '../resilience/error-categories.ts';
import { cityStopJob } from './city-guard.ts';
import type { DiscoveredPage, Discovery } from './discovery.ts';
import type { FetchPolicy } from './fetch-decision.ts';
import { fetchReason } from './fetch-decision.ts';
import type { JobHandler, JobRequest } from './job.ts';
import { crawlQueueOf, jobIdOf, queueNames } from './job-names.ts';
import type { KnownPages } from './known-pages.ts';
import type { SearchPagePayload } from './payloads.ts';
import { searchPagePayload } from './payloads.ts';
import { reconcileListJob, searchPageJob } from './reconcile-list-handler.ts';
import { failureJob } from './store-batch-handler.ts';
import type { SearchPageWrite } from './store-writes.ts';

interface SearchPageHandlerOptions {
  readonly discovery: Discovery;
  readonly knownPages: KnownPages;
  readonly policyOf: (city: string) => FetchPolicy;
  readonly clock: Clock;
}

export function createSearchPageHandler(options: SearchPageHandlerOptions): JobHandler<SearchPagePayload> {
  const { discovery, clock } = options;
  return {
    kind: 'search-page',
    schema: searchPagePayload,
    run: async (payload, { signal }) => {
      const { executionId, city, page } = payload;
      const search = searchOf(payload);
      const discovered = await discovery.read({ executionId, city, search, page, signal });
      const split = splitCards(discovered.cards, payload);
      const toFetch = await cardsToFetch(split.wanted, city, options);
      return { followUps: [...followUpsOf(payload, toFetch, toWrite(payload, discovered, split, toFetch))] };
    },
    onGivenUp: (payload, failure) => {
      const { executionId, city, page } = payload;
      const url = searchPageUrl(searchOf(payload), page);
      const place = { executionId, city, url, failedAtUtc: toUtcIso(clock.now()) };
      if (stopCodes.has(failure.code)) return [cityStopJob(place, failure)];
      return [failureJob({ ...failure, ...place, listingId: null, jobKind: 'search-page', page })];
    },
  };
}

function searchOf({ searchUrl }: SearchPagePayload): SearchQuery {
  const { search, problems } = readSearchUrl(searchUrl);
  if (search !== null) return search;
  throw new ScraperError('SEARCH_URL_INVALID', problems.join('; '), { category: 'PARSING_ERROR' });
}

interface SplitCards {
  readonly wanted: readonly Card[];
  readonly overLimit: readonly Card[];
  readonly foreign: readonly Card[];
}

function splitCards(cards: readonly Card[], { city, remaining }: SearchPagePayload): SplitCards {
  const own = cards.filter((card) => card.cityAsPrinted === null || isSameMunicipality(card.cityAsPrinted, city));
  const foreign = cards.filter((card) => !own.includes(card));
  const room = remaining ?? own.length;
  return { wanted: own.slice(0, room), overLimit: own.slice(room), foreign };
}

/** Those whose page is new, or may say something else than what is stored of it. */
async function cardsToFetch(
  cards: readonly Card[],
  city: string,
  { knownPages, policyOf, clock }: SearchPageHandlerOptions,
): Promise<readonly Card[]> {
  const policy = policyOf(city);
  if (cards.length === 0) return cards;
  const known = await knownPages.find(
    city,
    cards.map(({ listingId }) => listingId),
  );
  return cards.filter((card) => fetchReason(card, known.get(card.listingId) ?? null, policy, clock.now()) !== null);
}

function toWrite(
  { executionId, city, page, reread }: SearchPagePayload,
  { portalTotal, isLastPage, fetchedAtUtc, fetchMode }: DiscoveredPage,
  split: SplitCards,
  toFetch: readonly Card[],
): SearchPageWrite {
  return {
    executionId,
    city,
    page,
    pass: reread?.pass ?? 1,
    portalTotal,
    isLastPage,
    listingIds: split.wanted.map((card) => card.listingId),
    unfetchedListingIds: split.wanted.filter((card) => !toFetch.includes(card)).map((card) => card.listingId),
    skippedListingIds: split.overLimit.map((card) => card.listingId),
    foreignListingIds: split.foreign.map((card) => card.listingId),
    fetchedAtUtc,
    fetchMode,
  };
}

function followUpsOf(
  payload: SearchPagePayload,
  toFetch: readonly Card[],
  write: SearchPageWrite,
): readonly JobRequest[] {
  const { executionId, city, page, reread } = payload;
  const queue = crawlQueueOf(city);
  const storePage: JobRequest = {
    id: jobIdOf(executionId, 'store-search-page', city, page, ...(reread === undefined ? [] : [`pass-${reread.pass}`])),
    kind: 'store-search-page',
    queue: queueNames.store,
    payload: write,
  };
  const isEnd = write.isLastPage || page === reread?.untilPage;
  // A list that is cut by a limit has no total to be held against.
  const jobs: JobRequest[] = [isEnd && payload.remaining === null ? reconcileListJob(payload, storePage) : storePage];
  for (const card of toFetch) {
    const id = jobIdOf(executionId, 'listing', city, card.listingId);
    jobs.push({ id, kind: 'listing', queue, payload: { executionId, city, card } });
  }
  const remaining = payload.remaining === null ? null : payload.remaining - write.listingIds.length;
  if (!isEnd && remaining !== 0) jobs.push(searchPageJob({ ...payload, page: page + 1, remaining }));
  return jobs;
}
