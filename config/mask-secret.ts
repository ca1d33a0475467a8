/**
 * What may be shown of a sensitive value: a URL without its password, nothing of anything else. A user name without a
 * password is a token, and hidden as one.
 */

/** The value with its secret hidden; null and undefined have none. */
export function maskSecret(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value !== 'string' || !looksLikeUrl(value)) return '[hidden]';
  const url = new URL(value);
  if (url.password !== '') url.password = '***';
  else if (url.username !== '') url.username = '***';
  if (url.search !== '') url.search = '?***';
  return url.href;
}

/** Of a scheme that our settings have: a password such as `a:b` could be read as a URL, too. */
function looksLikeUrl(value: string): boolean {
  return /^(https?|rediss?):\/\//i.test(value) && URL.canParse(value);
}
