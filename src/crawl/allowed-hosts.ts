/**
 * Which addresses may be asked at all. Every URL passes here before it leaves, the target of every redirect too, and so
 * does the address that a name turns out to have. No name is looked up here; checked-lookup.ts does.
 */
import { ScraperError } from '../errors.ts';
import { createAddressRanges } from './private-addresses.ts';

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
  /**
   * Checks an address that a name was looked up to have. A name with a dot is a name of the internet and must have a
   * public address; one without (`simulator` in a container network) only the own network can know, and it is listed.
   * @throws ScraperError PARSING_ERROR, code ADDRESS_REFUSED.
   */
  readonly checkAddress: (hostname: string, address: string) => void;
}

/** Makes the rules for `allowedHosts`: host names in lower case, with the port when it is not the scheme's own. */
export function createHostRules(allowedHosts: readonly string[]): HostRules {
  const listed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  const ranges = createAddressRanges();
  const isLoopback = (hostname: string) => hostname === 'localhost' || ranges.isLoopback(withoutBrackets(hostname));
  const isPrivate = (hostname: string) => hostname === 'localhost' || ranges.isPrivate(withoutBrackets(hostname));
  /** Nearly every URL has the host of the one before; going through the ranges takes longer than reading it. */
  let lastAllowedHost: string | null = null;

  function isRedirectAllowed(from: URL, target: URL): boolean {
    if (target.protocol !== 'https:' && target.protocol !== 'http:') return false;
    if (target.username !== '' || target.password !== '') return false;
    if (from.protocol === 'https:' && target.protocol === 'http:') return false;
    if (target.host === from.host) return true;
    if (isLoopback(target.hostname)) return isLoopback(from.hostname);
    if (isPrivate(target.hostname) && !isPrivate(from.hostname)) return false;
    return listed.has(target.host);
  }

  return {
    checkUrl: (url) => {
      const parsed = readHttpUrl(url);
      const { host, hostname } = parsed;
      if (host !== lastAllowedHost && !listed.has(host) && !isLoopback(hostname)) {
        throw refusal('HOST_REFUSED', parsed, 'expected a host listed in allowed_hosts', host);
      }
      lastAllowedHost = host;
      return parsed;
    },
    checkRedirect: (from, location) => {
      const target = URL.canParse(location, from.href) ? new URL(location, from) : null;
      if (target !== null && isRedirectAllowed(from, target)) return target;
      const expected = `expected a redirect within ${from.host} or to a host listed in allowed_hosts`;
      throw refusal('REDIRECT_REFUSED', from, expected, target === null ? location : withoutSecrets(target));
    },
    checkAddress: (hostname, address) => {
      const isAllowed =
        hostname === 'localhost' ? ranges.isLoopback(address) : !hostname.includes('.') || !ranges.isPrivate(address);
      if (!isAllowed) throw addressRefused(hostname, address);
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

function addressRefused(hostname: string, address: string): ScraperError {
  const expected = hostname === 'localhost' ? 'an address of this machine' : 'a public address';
  const message =
    `Connection to ${hostname} refused; expected ${expected}, got ${address}; ` +
    'if that is meant, list the address itself in allowed_hosts and ask it by its number';
  return new ScraperError('ADDRESS_REFUSED', message, { category: 'PARSING_ERROR', details: { hostname, address } });
}

/** `hostname` as URL gives it: lower case, IPv4 in dotted form, IPv6 in brackets. */
function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
