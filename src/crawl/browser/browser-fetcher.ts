/**
 * The browser adapter of the Fetcher port: pages as their script shows them. Documents and everything they ask for come
 * through the HTTP fetcher; the browser only turns them into a page. It never follows a link and never retries. A browser
 * that crashes or hangs costs the one request that was under way.
 */
import type { Page } from 'playwright-core';
import { ScraperError } from '../../errors.ts';
import { createHostRules } from '../allowed-hosts.ts';
import type { Fetcher, FetchRequest, RenderedPage } from '../fetcher.ts';
import { browserCrashed } from './browser-errors.ts';
import type { BrowsersOptions } from './browsers.ts';
import { Browsers } from './browsers.ts';
import { createPageSlots } from './page-slots.ts';
import { createScriptCache } from './script-cache.ts';
import { createSharedCookies } from './shared-cookies.ts';
import type { Fetched, ShowOptions } from './show-page.ts';
import { isToBeShown, showPage } from './show-page.ts';
import { unlessAborted } from './waits.ts';

export interface BrowserFetcherOptions extends BrowsersOptions {
  /** Sends every request of every page; closed by whoever made it. */
  readonly fetcher: Fetcher;
  /** Hosts (with port when not the default) that a page may ask besides its own. */
  readonly allowedHosts: readonly string[];
  /** What a page may take of its own time, not counting the requests it waits for, in milliseconds. */
  readonly pageTimeoutMs: number;
}

/** A Fetcher whose responses are whole pages; what is no page to show comes as it was served. */
export interface BrowserFetcher extends Fetcher {
  /**
   * Opens one page of kind `search` or `listing`; status, headers and time are those of its document.
   * @throws ScraperError as the Fetcher; NETWORK_ERROR (BROWSER_CRASHED), TIMEOUT (BROWSER_HUNG, PAGE_NOT_READY),
   * UNKNOWN (BROWSER_START_FAILED); for a search page also the error of its script's search.
   */
  readonly fetch: (request: FetchRequest) => Promise<RenderedPage>;
}

/** Makes a fetcher; the browser starts with the first page. */
export function createBrowserFetcher(options: BrowserFetcherOptions): BrowserFetcher {
  const browsers = new Browsers(options);
  const slots = createPageSlots(options.maxPages);
  const closing = new AbortController();
  const showing: ShowOptions = {
    ...options,
    hosts: createHostRules(options.allowedHosts),
    scripts: createScriptCache(options.clock),
    cookies: createSharedCookies(options.clock.now),
  };
  return {
    fetch: async (request) => {
      const signal = AbortSignal.any([request.signal, closing.signal]);
      const headers = { ...request.headers, ...showing.cookies.headerFor(new URL(request.url)) };
      const document = await options.fetcher.fetch({ ...request, headers, signal });
      const fetched = { document, request: { ...request, signal } };
      if (!isToBeShown(fetched)) return { ...document, answers: [] };
      const giveBack = await slots.take(signal);
      try {
        const page = await browsers.open(request.url);
        try {
          return await showWhileAlive(showing, page, fetched);
        } catch (error) {
          if (isHung(error)) browsers.kill(page, 'it did not answer');
          throw error;
        } finally {
          await browsers.shut(page);
        }
      } finally {
        giveBack();
      }
    },
    close: async () => {
      closing.abort(new Error('the browser is closed'));
      await browsers.close();
    },
  };
}

/** The page, unless its browser ends first. @throws ScraperError BROWSER_CRASHED. */
async function showWhileAlive(options: ShowOptions, page: Page, fetched: Fetched): Promise<RenderedPage> {
  const { request, document } = fetched;
  const done = new AbortController();
  let lose: (error: unknown) => void = () => undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    lose = reject;
  });
  const onEnd = (): void => lose(browserCrashed(request.url, undefined));
  page.once('crash', onEnd);
  page.once('close', onEnd);
  const signal = AbortSignal.any([request.signal, done.signal]);
  const shown = showPage(options, page, { document, request: { ...request, signal } });
  try {
    return await unlessAborted(request.signal, Promise.race([shown, lost]));
  } catch (error) {
    // What Playwright throws about a page that is gone, it throws before it says that the page is gone.
    const isTheirs = !(error instanceof ScraperError) && !request.signal.aborted;
    throw isTheirs && isGone(page, error) ? browserCrashed(request.url, error) : error;
  } finally {
    done.abort(new Error('the page is done'));
    page.off('crash', onEnd);
    page.off('close', onEnd);
  }
}

function isGone(page: Page, error: unknown): boolean {
  return page.isClosed() || /has been closed|Target crashed|Target closed/i.test(String(error));
}

function isHung(error: unknown): boolean {
  return error instanceof ScraperError && error.code === 'BROWSER_HUNG';
}
