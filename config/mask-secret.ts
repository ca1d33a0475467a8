/**
 * What may be shown of a sensitive value: a URL without its password, nothing of anything else. A user name without a
 * password is a token, and hidden as one.
 */

/** The value with its secret hidden; null and undefined have none. */
export function maskSecret(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value !== 'string' || !URL.canParse(value)) return '[hidden]';
  const url = new URL(value);
  if (url.password !== '') url.password = '***';
  else if (url.username !== '') url.username = '***';
  if (url.search !== '') url.search = '?***';
  return url.href;
}
