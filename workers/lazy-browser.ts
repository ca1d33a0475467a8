/**
 * The browser of a process, loaded and started only when a page needs one: Playwright takes a second and tens of
 * megabytes, and most runs never need it.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import type { BrowserFetcher } from '../src/crawl/browser/browser-fetcher.ts';
import type { Fetcher } from '../src/crawl/fetcher.ts';
import type { Log } from '../src/log.ts';

interface LazyBrowserOptions {
  readonly config: Pick<Config, 'crawler' | 'browser'>;
  /** Sends what the pages ask for. */
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly log: Log;
}

/** A browser fetcher that comes to be with its first page; `fetch` throws BROWSER_MISSING when there is no browser. */
export function createLazyBrowser(options: LazyBrowserOptions): BrowserFetcher {
  let opened: Promise<BrowserFetcher> | null = null;
  return {
    fetch: async (request) => {
      opened ??= open(options, `search of ${request.city ?? 'the portal'} needs a browser`);
      const browser = await opened.catch((error: unknown) => {
        // The next page looks again: somebody may have installed one.
        opened = null;
        throw error;
      });
      return browser.fetch(request);
    },
    close: async () => {
      const browser = await opened?.catch(() => null);
      await browser?.close();
    },
  };
}

async function open(options: LazyBrowserOptions, needed: string): Promise<BrowserFetcher> {
  const { config, fetcher, clock, log } = options;
  const executablePath = await locate(config.browser.executablePath, needed);
  const { createBrowserFetcher } = await import('../src/crawl/browser/browser-fetcher.ts');
  return createBrowserFetcher({
    ...config.browser,
    executablePath,
    userAgent: config.crawler.userAgent,
    allowedHosts: config.crawler.allowedHosts,
    pageTimeoutMs: config.crawler.requestTimeoutMs,
    fetcher,
    clock,
    log,
  });
}

async function locate(configuredPath: string | null, needed: string): Promise<string> {
  const { browserMissing, findBrowser } = await import('../src/crawl/browser/find-browser.ts');
  const path = await findBrowser(configuredPath);
  if (path === null) throw browserMissing(needed, configuredPath);
  return path;
}

/**
 * Makes sure that there is a browser when a task is read by nothing else.
 * @throws ScraperError BROWSER_MISSING, with the command that installs one.
 */
export async function requireBrowser(
  { browser }: Pick<Config, 'browser'>,
  tasks: readonly Pick<CityTask, 'city' | 'fetchMode'>[],
): Promise<void> {
  const cities = tasks.filter(({ fetchMode }) => fetchMode === 'browser').map(({ city }) => city);
  if (cities.length > 0) await locate(browser.executablePath, `fetch_mode "browser" of ${cities.join(', ')}`);
}
