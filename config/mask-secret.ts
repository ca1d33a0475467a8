/**
 * What may be shown of a sensitive value: a URL without its password, nothing of anything else. A user name without a
 * password is a token, and hidden as one.
 */

import type { Sensitivity } from './knob.ts';

/** The value with its secret hidden; null and undefined have none. @param kind of secret, as the knob says */
export function maskSecret(value: unknown, kind: Sensitivity = true): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value !== 'string' || !looksLikeUrl(value)) return '[hidden]';
  const url = new URL(value);
  if (url.password !== '') url.password = '***';
  else if (url.username !== '') url.username = '***';
  if (url.search !== '') url.search = '?***';
  if (kind === 'path' && url.pathname !== '/') url.pathname = '/***';
  return url.href;
}

/** Of a scheme that our settings have: a password such as `a:b` could be read as a URL, too. */
function looksLikeUrl(value: string): boolean {
  return /^(https?|rediss?|smtps?):\/\//i.test(value) && URL.canParse(value);
}
