/**
 * The Retry-After header (RFC 9110, section 10.2.3): a number of seconds or an HTTP date. Text in, milliseconds out.
 */

/** Longest wait that is believed, so that a wrong date cannot stop a run for days. */
const longestWaitMs = 3_600_000;

/**
 * The wait asked for, in milliseconds from `nowMs`, between 0 and one hour; null when the header is absent or unreadable.
 */
export function retryAfterOf(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? null : Math.min(longestWaitMs, Math.max(0, waitMs));
}
