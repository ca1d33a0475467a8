/**
 * The `search-page` job: one request to the JSON search. It says which listings there are, hands each on, and adds the
 * next page. An error state, a block page or an answer of unknown shape is never read as "no listings".
 */

import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import { ScraperError } from '../errors.ts';
import type { Card } from '../listings/card.ts';
import { isSameMunicipality } from '../portal/municipality.ts';
import type { SearchResponseReading } from '../portal/search-response.ts';
import { parseSearchResponse } from '../portal/search-response.ts';
import { readSearchUrl, searchApiUrl, searchPageUrl } from '../portal/search-url.ts';
import type { JobHandler, JobRequest } from './job.ts';
import { crawlQueueOf, jobIdOf, queueNames } from './job-names.ts';
import type { SearchPagePayload } from './payloads.ts';
import { searchPagePayload } from './payloads.ts';
import type { PortalSource } from './portal-source.ts';
import type { SearchPageWrite } from './series-store.ts';
import { failureJob } from './store-batch-handler.ts';

/** The site shows 24 cards a page; a bigger limit is not to be trusted. */
export const cardsPerPage = 24;

interface SearchPageHandlerOptions {
  readonly portal: Pick<PortalSource, 'search'>;
  readonly clock: Clock;
}

type CardsReading = Extract<SearchResponseReading, { kind: 'cards' }>;

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
    onGivenUp: (payload, failure) => [
      failureJob({
        ...failure,
        executionId: payload.executionId,
        city: payload.city,
        listingId: null,
        jobKind: 'search-page',
        page: payload.page,
        url: urlsOf(payload).url,
        failedAtUtc: toUtcIso(clock.now()),
      }),
    ],
  };
}

function urlsOf({ searchUrl, page }: SearchPagePayload): { readonly url: string; readonly searchPageUrl: string } {
  const search = readSearchUrl(searchUrl);
  if (search.kind === 'invalid') {
    throw new ScraperError('SEARCH_URL_INVALID', search.problem, { category: 'PARSING_ERROR' });
  }
  const offset = (page - 1) * cardsPerPage;
  return {
    url: searchApiUrl(search.value, { offset, limit: cardsPerPage }),
    searchPageUrl: searchPageUrl(search.value, page),
  };
}

function readCards(body: string, url: string): CardsReading {
  const reading = parseSearchResponse(body);
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
      throw new ScraperError('SEARCH_SHAPE_UNKNOWN', `search ${url}: expected cards, got ${reading.reason}`, {
        category: 'PARSING_ERROR',
        details: { url, status: 200 },
      });
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
  const read = (page - 1) * cardsPerPage + cardsPerPage;
  return {
    executionId,
    city,
    page,
    portalTotal: reading.portalTotal,
    isLastPage: reading.cards.length === 0 || read >= reading.portalTotal,
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
