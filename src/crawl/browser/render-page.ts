/**
 * Shows a fetched document in a page and gives back the page as its script has made it. It waits for signals of the page
 * (cards, a message, its end of loading), never for a time; a page that shows nothing in its own time is given up.
 */
import type { Page } from 'playwright-core';
import type { Clock } from '../../clock.ts';
import type { ReadySignal } from '../../portal/page-needs.ts';
import { awaitsResults, searchPageSignal } from '../../portal/page-needs.ts';
import type { FetchedResponse, FetchRequest } from '../fetcher.ts';
import { browserHung, pageNotReady } from './browser-errors.ts';
import type { PageTraffic } from './page-traffic.ts';
import type { StallWatch } from './stall-watch.ts';
import { isDoneWithin } from './waits.ts';

export interface Rendering {
  readonly page: Page;
  readonly document: FetchedResponse;
  readonly request: FetchRequest;
  readonly traffic: PageTraffic;
  readonly stallWatch: StallWatch;
  /** What the page may take of its own time, in milliseconds. */
  readonly limitMs: number;
  readonly clock: Clock;
}

/** A browser that cannot say within this time what its page holds does not answer any more. */
const answerLimitMs = 3_000;

/**
 * The page's HTML.
 * @throws ScraperError TIMEOUT (PAGE_NOT_READY, BROWSER_HUNG); the error of a request that the page cannot do without.
 */
export async function renderPage(rendering: Rendering): Promise<string> {
  const { document, request, traffic, stallWatch, limitMs } = rendering;
  const isReady = request.kind === 'search' ? showsResults(rendering) : isLoaded(rendering);
  const stalled = stallWatch.stalled.then(() => 'stalled' as const);
  const outcome = await Promise.race([isReady, stalled, traffic.failed]);
  const html = await contentOf(rendering);
  // What is no search page any more (a block page, an error state) is for the reader to judge.
  if (outcome === 'ready' || (request.kind === 'search' && !awaitsResults(html))) return html;
  throw pageNotReady(document.finalUrl, limitMs, traffic.lostParts);
}

/** A page has its results when they, or its reason for having none, are there and its script has come to rest. */
async function showsResults({ page, document, traffic }: Rendering): Promise<'ready'> {
  await page.goto(document.finalUrl, { waitUntil: 'commit', timeout: 0 });
  await page.evaluate(untilSignal(searchPageSignal));
  // A listing that stands there before the search has answered is none of its results.
  await traffic.quiet('search');
  await page.evaluate(untilTaskEnds);
  return 'ready';
}

/** A page whose content comes with its document is there when it has loaded and asks for nothing more. */
async function isLoaded({ page, document, traffic }: Rendering): Promise<'ready'> {
  await page.goto(document.finalUrl, { waitUntil: 'load', timeout: 0 });
  await traffic.quiet();
  return 'ready';
}

async function contentOf({ page, document, clock }: Rendering): Promise<string> {
  const content = page.content();
  if (await isDoneWithin(clock, answerLimitMs, content)) return content;
  throw browserHung(document.finalUrl, answerLimitMs);
}

/** Script for the page: resolves when a card or a message is there, now or after a change. */
function untilSignal({ cardPath, messageSelector }: ReadySignal): string {
  return `new Promise((resolve) => {
    const cardPath = new RegExp(${JSON.stringify(cardPath)});
    const isCard = (link) => link.origin === location.origin && cardPath.test(link.pathname);
    const hasText = (element) => element.textContent.trim() !== '';
    const isThere = () =>
      [...document.querySelectorAll('a[href]')].some(isCard) ||
      [...document.querySelectorAll(${JSON.stringify(messageSelector)})].some(hasText);
    if (isThere()) return resolve();
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(document, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ['href'] });
  })`;
}

/** Script for the page: resolves when the task that has just changed it is over. */
const untilTaskEnds = 'new Promise((resolve) => setTimeout(resolve, 0))';
