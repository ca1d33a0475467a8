/**
 * The port that stands between a job and the portal: it may refuse to let the city be asked now, and it hears how the
 * asking went. The circuit breakers are its adapter. It sees the whole job, the reading of the page included, because a
 * block page or an error state has status 200.
 */
import type { JobFailure, JobHandler, JobRequest } from './job.ts';
import { failureJob } from './store-batch-handler.ts';

export interface CityGuard {
  /**
   * Does the work when the city may be asked, and counts its outcome; `jobId` is the job that does it, if one does.
   * @throws ScraperError BREAKER_OPEN with `details.retryAfterMs` (nothing was asked; ask again then),
   * BREAKER_HELD_TOO_LONG (the city is over for this run), or whatever the work throws.
   */
  readonly call: <Result>(city: string, work: () => Promise<Result>, jobId?: string) => Promise<Result>;
}

/** The handler behind the guard. */
export function guardHandler<Payload extends { readonly city: string }>(
  handler: JobHandler<Payload>,
  guard: CityGuard,
): JobHandler<Payload> {
  return {
    ...handler,
    run: (payload, context) => guard.call(payload.city, () => handler.run(payload, context), context.jobId),
  };
}

/** Where and when a city was stopped. */
interface StopPlace {
  readonly executionId: string;
  readonly city: string;
  readonly url: string;
  readonly failedAtUtc: string;
}

/**
 * The job that records why the rest of a city is not asked in this run. Every job of the city that meets the same end
 * makes the same one, so there is one row; the listings themselves stay pending.
 */
export function cityStopJob(place: StopPlace, failure: JobFailure): JobRequest {
  const { category, code, message, attempts, status } = failure;
  const cause = { category, code, message, attempts, status };
  return failureJob({ ...place, ...cause, listingId: null, jobKind: 'city', page: null });
}
