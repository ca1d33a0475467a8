/**
 * What an HTTP status means for the crawl. Looks at the status alone; it never reads a body, so a block page or an error
 * state sent with status 200 is not seen here.
 */
import type { ErrorCategory } from '../errors.ts';

/**
 * The category of an answer with this status; null when it is one we can use or follow: 2xx, 3xx, and 404 or 410,
 * which say that the listing is gone.
 */
export function categoryOfStatus(status: number, hasRetryAfter: boolean): ErrorCategory | null {
  if (status === 429 || (status === 503 && hasRetryAfter)) return 'RATE_LIMIT';
  if (status >= 500) return 'SERVER_ERROR';
  if (status === 401 || status === 403) return 'BLOCKED';
  if (status === 404 || status === 410) return null;
  return status >= 400 ? 'UNKNOWN' : null;
}
