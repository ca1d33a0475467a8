/**
 * The `search-page` job: one request to the JSON search. It says which listings there are, hands each on, and adds the
 * next page. An error state, a block page or an answer of unknown shape is never read as "no listings".
 */

import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import { ScraperError } from '../errors.ts';
import type { Card } from '../listings/card.ts';
import { isSameMunicipality } from '../portal/place.ts';
import type { SearchResponse } from '../portal/search-response.ts';
import { parseSearchResponse } from '../portal/search-response.ts';
import { cardsPerPage, readSearchUrl, searchApiUrl, searchPageUrl } from '../portal/search-url.ts';
import { stopCodes } from '../resilience/error-categories.ts';
import { cityStopJob } from './city-guard.ts';
import type { JobHandler, JobRequest } from './job.ts';
import { crawlQueueOf, jobIdOf, queueNames } from './job-names.ts';
import type { SearchPagePayload } from './payloads.ts';
import { searchPagePayload } from './payloads.ts';
import type { PortalSource } from './portal-source.ts';
import type { SearchPageWrite } from './series-store.ts';
import { failureJob } from './store-batch-handler.ts';

interface SearchPageHandlerOptions {
  readonly portal: Pick<PortalSource, 'search'>;
  readonly clock: Clock;
}

type CardsReading = Extract<SearchResponse, { kind: 'cards' }>;

export function createSearchPageHandler({ portal, clock }: SearchPageHandlerOptions): JobHandler<SearchPagePayload> {
  return {
    kind: 'search-page',
    schema: searchPagePayload,
    run: async (payload, { signal }) => {
      const urls = urlsOf(payload);
      const response = await portal.search({ ...urls, city: payload.city, signal });
      const reading = readCards(response.body, urls.url);
      const split = splitCards(reading.cards, payload);
      const write = toWrite(payload, reading, split, response.fetchedAtUtc);
      return { followUps: [...followUpsOf(payload, split, write)] };
    },
    onGivenUp: (payload, failure) => {
      const { executionId, city, page } = payload;
      const place = { executionId, city, url: urlsOf(payload).url, failedAtUtc: toUtcIso(clock.now()) };
      if (stopCodes.has(failure.code)) return [cityStopJob(place, failure)];
      return [failureJob({ ...failure, ...place, listingId: null, jobKind: 'search-page', page })];
    },
  };
}

function urlsOf({ searchUrl, page }: SearchPagePayload): { readonly url: string; readonly searchPageUrl: string } {
  const { search, problems } = readSearchUrl(searchUrl);
  if (search === null) {
    throw new ScraperError('SEARCH_URL_INVALID', problems.join('; '), { category: 'PARSING_ERROR' });
  }
  return {
    url: searchApiUrl(search.origin, search, { offset: (page - 1) * cardsPerPage }),
    searchPageUrl: searchPageUrl(search, page),
  };
}

function readCards(body: string, url: string): CardsReading {
  const reading = parseSearchResponse(body, { origin: new URL(url).origin });
  switch (reading.kind) {
    case 'cards':
      return reading;
    case 'error_envelope':
      throw new ScraperError(
        'SEARCH_ERROR_STATE',
        `search ${url}: expected cards, got the portal's error ${reading.code}: ${reading.message}`,
        { category: 'WRONG_PAGE', details: { url, status: 200 } },
      );
    case 'blocked':
      throw new ScraperError('BLOCK_PAGE', `search ${url}: expected cards, got a block page (${reading.evidence})`, {
        category: 'BLOCKED',
        details: { url, status: 200 },
      });
    case 'unknown':
      throw new ScraperError(
        'SEARCH_SHAPE_UNKNOWN',
        `search ${url}: expected cards, got ${reading.issues.map((issue) => issue.message).join('; ')}`,
        {
          category: 'PARSING_ERROR',
          details: { url, status: 200 },
        },
      );
  }
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

function toWrite(
  { executionId, city, page }: SearchPagePayload,
  reading: CardsReading,
  split: SplitCards,
  fetchedAtUtc: string,
): SearchPageWrite {
  return {
    executionId,
    city,
    page,
    portalTotal: reading.portalTotal,
    isLastPage: reading.cards.length === 0 || page * cardsPerPage >= reading.portalTotal,
    listingIds: split.wanted.map((card) => card.listingId),
    skippedListingIds: split.overLimit.map((card) => card.listingId),
    foreignListingIds: split.foreign.map((card) => card.listingId),
    fetchedAtUtc,
  };
}

function followUpsOf(payload: SearchPagePayload, split: SplitCards, write: SearchPageWrite): readonly JobRequest[] {
  const { executionId, city, page } = payload;
  const queue = crawlQueueOf(city);
  const jobs: JobRequest[] = [
    {
      id: jobIdOf(executionId, 'store-search-page', city, page),
      kind: 'store-search-page',
      queue: queueNames.store,
      payload: write,
    },
  ];
  for (const card of split.wanted) {
    const id = jobIdOf(executionId, 'listing', city, card.listingId);
    jobs.push({ id, kind: 'listing', queue, payload: { executionId, city, card } });
  }
  const remaining = payload.remaining === null ? null : payload.remaining - split.wanted.length;
  if (!write.isLastPage && remaining !== 0) {
    jobs.push({
      id: jobIdOf(executionId, 'search-page', city, page + 1),
      kind: 'search-page',
      queue,
      priority: 1,
      payload: { ...payload, page: page + 1, remaining },
    });
  }
  return jobs;
}
