/**
 * The cookies that pass from each page to the next, so that all pages are one visitor, whichever browser they are in.
 */
import type { BrowserContext, Cookie } from 'playwright-core';

export interface SharedCookies {
  readonly bringTo: (context: BrowserContext) => Promise<void>;
  readonly takeFrom: (context: BrowserContext) => Promise<void>;
}

/** No cookies at first. */
export function createSharedCookies(): SharedCookies {
  const jar = new Map<string, Cookie>();
  return {
    bringTo: (context) => context.addCookies([...jar.values()]),
    takeFrom: async (context) => {
      for (const cookie of await context.cookies()) {
        jar.set(JSON.stringify([cookie.domain, cookie.path, cookie.name]), cookie);
      }
    },
  };
}

/** The Cookie header of the context for this address, as an object to spread. */
export async function cookieHeaderOf(context: BrowserContext, url: string): Promise<Readonly<Record<string, string>>> {
  const cookies = await context.cookies(url);
  if (cookies.length === 0) return {};
  return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
}
