/**
 * What may be shown of a sensitive value: a URL without its password, nothing of anything else.
 */

/** The value with its secret hidden; null and undefined have none. */
export function maskSecret(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value !== 'string' || !URL.canParse(value)) return '[hidden]';
  const url = new URL(value);
  if (url.password !== '') url.password = '***';
  if (url.search !== '') url.search = '?***';
  return url.href;
}
