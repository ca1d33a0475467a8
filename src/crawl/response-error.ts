/**
 * From a response that is not 200 to the error that says so. Judges status and headers only; what a page with status 200
 * says is read elsewhere.
 */
import type { ErrorDetails } from '../errors.ts';
import { ScraperError } from '../errors.ts';
import { categoryOfStatus } from '../resilience/status-category.ts';
import type { FetchedResponse } from './fetcher.ts';
import { retryAfterOf } from './retry-after.ts';

/**
 * The error of a status other than 200: GONE (PAGE_GONE) for 404 and 410, RATE_LIMIT (RATE_LIMITED), SERVER_ERROR
 * (SERVER_FAILED), BLOCKED (PORTAL_REFUSED), else UNKNOWN (UNEXPECTED_STATUS). `details.retryAfterMs` says how long the
 * portal asked to wait, at most an hour.
 */
export function statusError(response: FetchedResponse, nowMs: number): ScraperError {
  const { status, url } = response;
  const retryAfterMs = retryAfterOf(response.headers, nowMs);
  const details: ErrorDetails = { status, url, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  if (status === 404 || status === 410) {
    return new ScraperError('PAGE_GONE', `Page ${url} is gone; got status ${status}`, { category: 'GONE', details });
  }
  const category = categoryOfStatus(status, 'retry-after' in response.headers) ?? 'UNKNOWN';
  const wait = retryAfterMs === null ? '' : ` and a request to wait ${Math.ceil(retryAfterMs / 1000)} s`;
  const message = `Request for ${url} failed; expected status 200, got ${status}${wait}`;
  return new ScraperError(codes[category] ?? 'UNEXPECTED_STATUS', message, { category, details });
}

const codes: Readonly<Record<string, string>> = {
  RATE_LIMIT: 'RATE_LIMITED',
  SERVER_ERROR: 'SERVER_FAILED',
  BLOCKED: 'PORTAL_REFUSED',
};
