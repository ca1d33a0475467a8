/**
 * The `listing` job: one listing page, read and handed to the store with where it came from. A removed listing is an
 * outcome; a block page, an error state or a page of another city is an error and never becomes a record.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { FetchedResponse } from '../crawl/fetcher.ts';
import { ScraperError } from '../errors.ts';
import type { ListingRecord } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import type { ListingPageReading } from '../portal/listing-page.ts';
import { listingPageParser } from '../portal/listing-page.ts';
import type { CoordinateBounds } from '../quality/check-coordinates.ts';
import type { RecordQuality } from '../quality/quality-score.ts';
import { judgeRecord } from '../quality/quality-score.ts';
import { stopCodes } from '../resilience/error-categories.ts';
import { cityStopJob } from './city-guard.ts';
import { hashOfCard } from './fetch-decision.ts';
import type { JobHandler, JobRequest } from './job.ts';
import { jobIdOf, queueNames } from './job-names.ts';
import type { KnownPages } from './known-pages.ts';
import { validatorsIn } from './known-pages.ts';
import type { ReadListingPage } from './page-reader.ts';
import type { ListingPayload } from './payloads.ts';
import { listingPayload } from './payloads.ts';
import type { PortalSource } from './portal-source.ts';
import type { KnownPage } from './series-store.ts';
import { failureJob } from './store-batch-handler.ts';
import type { FailureWrite, ListingWrite, UnchangedWrite } from './store-writes.ts';

interface ListingHandlerOptions {
  readonly portal: Pick<PortalSource, 'listing'>;
  readonly knownPages: KnownPages;
  readonly readPage: ReadListingPage;
  readonly collectsPersonalData: boolean;
  readonly nodeId: string;
  readonly clock: Clock;
  /** The box that the listings of a city lie in; null when it has none. */
  readonly boundsOf: (city: string) => CoordinateBounds | null;
}

export function createListingHandler(options: ListingHandlerOptions): JobHandler<ListingPayload> {
  const { portal, knownPages, readPage, collectsPersonalData, clock, nodeId, boundsOf } = options;
  // What is kept of a page depends on it, so it is part of what read the page.
  const parser = collectsPersonalData ? `${listingPageParser}+personal-data` : listingPageParser;
  return {
    kind: 'listing',
    schema: listingPayload,
    run: async (payload, { signal, attempt }) => {
      const { city, card } = payload;
      const reader = { parser, cardHash: hashOfCard(card), nodeId };
      const known = await knownPages.find(city, [card.listingId]);
      const validators = stillValid(known.get(card.listingId) ?? null, reader);
      const response = await portal.listing({ url: card.url, validators, city, signal });
      if (response.status === 304) return { followUps: [unchangedJob(payload, response, nodeId)] };
      const context = { url: card.url, city, card, collectsPersonalData };
      const reading = await readPage(response.bodyText ?? response.body, context, signal);
      if (reading.kind === 'removed') return { followUps: [removedJob(payload, reading.reason, attempt, response)] };
      const { record, issues } = expectListing(reading, card.url);
      const quality = judgeRecord(record, issues, boundsOf(city));
      return { followUps: [storeJob(payload, { record, quality, response, reader })] };
    },
    onGivenUp: (payload, failure) => {
      const { executionId, city, card } = payload;
      const failedAtUtc = toUtcIso(clock.now());
      if (stopCodes.has(failure.code)) return [cityStopJob({ executionId, city, url: card.url, failedAtUtc }, failure)];
      return [failureJob({ ...failureKeys(payload), ...failure, failedAtUtc })];
    },
  };
}

function expectListing(
  reading: Exclude<ListingPageReading, { kind: 'removed' }>,
  url: string,
): { readonly record: ListingRecord; readonly issues: readonly Issue[] } {
  const refuse = (code: string, category: 'BLOCKED' | 'WRONG_PAGE' | 'PARSING_ERROR', what: string) =>
    new ScraperError(code, `listing ${url}: expected a listing page, got ${what}`, {
      category,
      details: { url, status: 200 },
    });
  switch (reading.kind) {
    case 'listing': {
      const foreign = reading.issues.find((issue) => issue.code === 'FOREIGN_CITY');
      if (foreign !== undefined) throw refuse('FOREIGN_CITY', 'WRONG_PAGE', foreign.message);
      return reading;
    }
    case 'blocked':
      throw refuse('BLOCK_PAGE', 'BLOCKED', `a block page (${reading.evidence})`);
    case 'error_state':
      throw refuse('LISTING_ERROR_STATE', 'WRONG_PAGE', `the portal's error state (${reading.message})`);
    case 'unknown':
      throw refuse('LISTING_SHAPE_UNKNOWN', 'PARSING_ERROR', reading.reason);
  }
}

/** Whatever a record depends on beside its page. */
interface Reader {
  readonly parser: string;
  readonly cardHash: string;
  readonly nodeId: string;
}

/** The validators of a page that would be read as it was: by the same parser, led to by the same card. */
function stillValid(known: KnownPage | null, { parser, cardHash }: Reader): KnownPage | null {
  if (known === null || (known.etag === null && known.lastModified === null)) return null;
  return known.parser === parser && known.cardHash === cardHash ? known : null;
}

function unchangedJob(
  { executionId, city, card }: ListingPayload,
  response: FetchedResponse,
  nodeId: string,
): JobRequest {
  const { listingId } = card;
  const { url: requestUrl, fetchedAtUtc } = response;
  const write: UnchangedWrite = { executionId, city, listingId, requestUrl, fetchedAtUtc, nodeId };
  return {
    id: jobIdOf(executionId, 'store-unchanged', city, listingId),
    kind: 'store-unchanged',
    queue: queueNames.store,
    payload: write,
  };
}

interface ReadPage {
  readonly record: ListingRecord;
  readonly quality: RecordQuality;
  readonly response: FetchedResponse;
  readonly reader: Reader;
}

function storeJob(
  { executionId, city, card }: ListingPayload,
  { record, quality, response, reader }: ReadPage,
): JobRequest {
  const write: ListingWrite = {
    record,
    issues: quality.issues,
    dataQualityScore: quality.score,
    provenance: {
      executionId,
      requestUrl: response.url,
      status: response.status,
      fetchedAtUtc: response.fetchedAtUtc,
      responseSha256: response.sha256,
      ...validatorsIn(response.headers),
      ...reader,
    },
  };
  return {
    id: jobIdOf(executionId, 'store-listing', city, card.listingId),
    kind: 'store-listing',
    queue: queueNames.store,
    payload: write,
  };
}

function removedJob(
  payload: ListingPayload,
  reason: 'removed' | 'sold',
  attempts: number,
  response: FetchedResponse,
): JobRequest {
  return failureJob({
    ...failureKeys(payload),
    category: 'GONE',
    code: reason === 'sold' ? 'LISTING_SOLD' : 'LISTING_REMOVED',
    message: `listing ${payload.card.url}: the page says it is ${reason}`,
    attempts,
    status: response.status,
    failedAtUtc: response.fetchedAtUtc,
  });
}

function failureKeys({ executionId, city, card }: ListingPayload) {
  return {
    executionId,
    city,
    listingId: card.listingId,
    jobKind: 'listing',
    page: null,
    url: card.url,
  } as const satisfies Partial<FailureWrite>;
}
