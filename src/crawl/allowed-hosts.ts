/**
 * Which addresses may be asked at all. Every URL passes here before it leaves, the target of every redirect too.
 * Names are trusted as they are listed; no name is looked up here.
 */
import { ScraperError } from '../errors.ts';

export interface HostRules {
  /**
   * Reads a URL that is about to be asked.
   * @throws ScraperError PARSING_ERROR, code URL_REFUSED (not an absolute http(s) URL, or one with a user name) or
   * HOST_REFUSED (neither listed nor loopback).
   */
  readonly checkUrl: (url: string) => URL;
  /**
   * Reads the target of a redirect. Allowed are the same host, a listed host, and loopback from loopback; refused is
   * also a step from https to http, or from a public host into a private network.
   * @throws ScraperError PARSING_ERROR, code REDIRECT_REFUSED.
   */
  readonly checkRedirect: (from: URL, location: string) => URL;
}

/** Makes the rules for `allowedHosts`: host names in lower case, with the port when it is not the scheme's own. */
export function createHostRules(allowedHosts: readonly string[]): HostRules {
  const listed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return {
    checkUrl: (url) => {
      const parsed = readHttpUrl(url);
      if (listed.has(parsed.host) || isLoopback(parsed.hostname)) return parsed;
      throw refusal('HOST_REFUSED', parsed, 'expected a host listed in allowed_hosts', parsed.host);
    },
    checkRedirect: (from, location) => {
      const target = URL.canParse(location, from.href) ? new URL(location, from) : null;
      if (target !== null && isRedirectAllowed(from, target, listed)) return target;
      const expected = `expected a redirect within ${from.host} or to a host listed in allowed_hosts`;
      throw refusal('REDIRECT_REFUSED', from, expected, target === null ? location : withoutSecrets(target));
    },
  };
}

/** The URL without user name and password, safe for logs and errors. */
function withoutSecrets(url: URL): string {
  if (url.username === '' && url.password === '') return url.href;
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy.href;
}

function readHttpUrl(url: string): URL {
  if (!URL.canParse(url)) throw urlRefused('a text that is no absolute URL', url.slice(0, 200));
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    throw urlRefused(parsed.protocol, withoutSecrets(parsed));
  if (parsed.username !== '' || parsed.password !== '')
    throw urlRefused('a URL with credentials', withoutSecrets(parsed));
  return parsed;
}

function urlRefused(got: string, url: string): ScraperError {
  const message = `Request for ${url} refused; expected an http(s) URL without user name or password, got ${got}`;
  return new ScraperError('URL_REFUSED', message, { category: 'PARSING_ERROR', details: { url } });
}

function refusal(code: string, url: URL, expected: string, got: string): ScraperError {
  const message = `Request for ${withoutSecrets(url)} refused; ${expected}, got ${got}`;
  return new ScraperError(code, message, { category: 'PARSING_ERROR', details: { url: withoutSecrets(url) } });
}

function isRedirectAllowed(from: URL, target: URL, listed: ReadonlySet<string>): boolean {
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return false;
  if (target.username !== '' || target.password !== '') return false;
  if (from.protocol === 'https:' && target.protocol === 'http:') return false;
  if (target.host === from.host) return true;
  if (isLoopback(target.hostname)) return isLoopback(from.hostname);
  if (isPrivateAddress(target.hostname) && !isPrivateAddress(from.hostname)) return false;
  return listed.has(target.host);
}

/** `hostname` as URL gives it: lower case, IPv4 in dotted form, IPv6 in brackets. Other names that lead here are foreign. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Private, shared, link-local and unspecified ranges: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. */
const privateRanges = [
  /^10\./,
  /^192\.168\./,
  /^172\.(?:1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^0\./,
  /^\[f[cd]/,
  /^\[fe[89ab]/,
  /^\[::/,
] as const;

function isPrivateAddress(hostname: string): boolean {
  if (isLoopback(hostname)) return true;
  const isAddress = hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
  return isAddress && privateRanges.some((range) => range.test(hostname));
}
