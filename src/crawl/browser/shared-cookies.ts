/**
 * The cookies that pass from each page to the next, so that all pages are one visitor, whichever browser they are in.
 */
import type { BrowserContext, Cookie } from 'playwright-core';

export interface SharedCookies {
  readonly bringTo: (context: BrowserContext) => Promise<void>;
  readonly takeFrom: (context: BrowserContext) => Promise<void>;
  /** The Cookie header for this address (RFC 6265), as an object to spread. */
  readonly headerFor: (url: URL) => Readonly<Record<string, string>>;
}

/** No cookies at first. */
export function createSharedCookies(now: () => number): SharedCookies {
  const jar = new Map<string, Cookie>();
  return {
    bringTo: (context) => context.addCookies([...jar.values()]),
    takeFrom: async (context) => {
      for (const cookie of await context.cookies()) {
        jar.set(JSON.stringify([cookie.domain, cookie.path, cookie.name]), cookie);
      }
    },
    headerFor: (url) => {
      const pairs = [...jar.values()].filter((cookie) => isSentTo(cookie, url, now()));
      return pairs.length === 0 ? {} : { cookie: pairs.map(({ name, value }) => `${name}=${value}`).join('; ') };
    },
  };
}

function isSentTo({ domain, path, secure, expires }: Cookie, url: URL, nowMs: number): boolean {
  const isHost = domain.startsWith('.') ? `.${url.hostname}`.endsWith(domain) : url.hostname === domain;
  const isWithin = url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
  const isFresh = expires === -1 || expires * 1000 > nowMs;
  return isHost && isWithin && isFresh && (!secure || url.protocol === 'https:');
}
