/**
 * What can go wrong with a browser, as errors with their category. Each of them ends one request; the next one gets a
 * browser that works.
 */
import { messageOf, ScraperError } from '../../errors.ts';

/** The browser, or the page's process, ended while the page was open. */
export function browserCrashed(url: string, cause: unknown): ScraperError {
  const message = `Page ${url} was lost; expected the browser to stay up, got its end; the next page starts a new one`;
  return new ScraperError('BROWSER_CRASHED', message, { category: 'NETWORK_ERROR', details: { url }, cause });
}

/** The browser did not do what it was told in time; it is killed. */
export function browserHung(url: string, limitMs: number): ScraperError {
  const message = `Page ${url} given up; expected the browser to answer within ${limitMs} ms, got nothing; it is replaced`;
  return new ScraperError('BROWSER_HUNG', message, { category: 'TIMEOUT', details: { url } });
}

/** The page came, and its script never showed what it was opened for. `lostParts` are the requests of it that failed. */
export function pageNotReady(url: string, limitMs: number, lostParts: readonly string[]): ScraperError {
  const lost = lostParts.length === 0 ? '' : `; parts of it that failed: ${lostParts.slice(0, 5).join(', ')}`;
  const message = `Page ${url} given up; expected its content within ${limitMs} ms of its own work, got none${lost}`;
  return new ScraperError('PAGE_NOT_READY', message, { category: 'TIMEOUT', details: { url } });
}

/** The browser could not be started at all. */
export function browserNotStarted(path: string, cause: unknown): ScraperError {
  // The pool wraps what the browser says in advice of its own.
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const got = messageOf(inner).split('\n').slice(0, 3).join(' ');
  const message = `Browser ${path} could not be started; expected a running Chromium, got: ${got}; try it with "${path} --headless --dump-dom about:blank"`;
  return new ScraperError('BROWSER_START_FAILED', message, { category: 'UNKNOWN', cause });
}
