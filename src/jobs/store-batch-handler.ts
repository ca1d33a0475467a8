/**
 * The `store-…` jobs, taken many at a time: one transaction for all of them. Each job is idempotent, so a batch that is
 * repeated changes nothing.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { BatchHandler, JobFailure, JobKind, JobRequest } from './job.ts';
import { readPayload } from './job.ts';
import { jobIdOf, queueNames } from './job-names.ts';
import {
  storeFailurePayload,
  storeLedgerPayload,
  storeListingKeys,
  storeListingPayload,
  storeSearchPagePayload,
  storeUnchangedPayload,
} from './payloads.ts';
import type { SeriesStore } from './series-store.ts';
import type { FailureWrite, LedgerBatchWrite, ListingWrite, SearchPageWrite, UnchangedWrite } from './store-writes.ts';

interface StoreBatchOptions {
  readonly store: Pick<SeriesStore, 'commit'>;
  readonly clock: Clock;
}

export function createStoreBatchHandler({ store, clock }: StoreBatchOptions): BatchHandler {
  return {
    kinds: ['store-search-page', 'store-listing', 'store-unchanged', 'store-failure', 'store-ledger'],
    run: async (jobs) => {
      const searchPages: SearchPageWrite[] = [];
      const listings: ListingWrite[] = [];
      const unchanged: UnchangedWrite[] = [];
      const failures: FailureWrite[] = [];
      const ledgerBatches: LedgerBatchWrite[] = [];
      for (const { kind, payload } of jobs) {
        if (kind === 'store-search-page') searchPages.push(readPayload(kind, storeSearchPagePayload, payload));
        else if (kind === 'store-listing') listings.push(readPayload(kind, storeListingPayload, payload));
        else if (kind === 'store-unchanged') unchanged.push(readPayload(kind, storeUnchangedPayload, payload));
        else if (kind === 'store-ledger') ledgerBatches.push(readPayload(kind, storeLedgerPayload, payload));
        else failures.push(readPayload(kind, storeFailurePayload, payload));
      }
      await store.commit({ searchPages, listings, unchanged, failures, ledgerBatches });
    },
    onGivenUp: ({ kind, payload }, failure) =>
      kind === 'store-listing' ? [giveUpListing(payload, failure, clock)] : [],
  };
}

/** A record that cannot be stored is a failed listing, not the end of the run. */
function giveUpListing(payload: unknown, failure: JobFailure, clock: Clock): JobRequest {
  const { record, provenance } = storeListingKeys.parse(payload);
  return failureJob({
    executionId: provenance.executionId,
    city: record.city,
    listingId: record.listingId,
    jobKind: 'listing',
    page: null,
    url: record.url,
    category: failure.category,
    code: failure.code,
    message: failure.message,
    attempts: failure.attempts,
    status: provenance.status,
    failedAtUtc: toUtcIso(clock.now()),
  });
}

/** The job that records a failure: one per listing, search page or stopped city, and execution. */
export function failureJob(write: FailureWrite): JobRequest {
  const kind: JobKind = 'store-failure';
  return {
    id: jobIdOf(write.executionId, kind, write.city, write.jobKind, write.listingId ?? write.page ?? 0),
    kind,
    queue: queueNames.store,
    payload: write,
  };
}
