/**
 * One document in an open tab: shows it, and gives back what its script made of it. A document that is no page to show
 * (another status, cut off, a block page) needs no tab: it is for the reader to judge as it was served.
 */
import type { Page } from 'playwright-core';
import type { Clock } from '../../clock.ts';
import { awaitsResults } from '../../portal/page-needs.ts';
import type { HostRules } from '../allowed-hosts.ts';
import type { FetchedResponse, Fetcher, FetchRequest, RenderedPage } from '../fetcher.ts';
import { answerConsent } from './consent-dialog.ts';
import { PageTraffic } from './page-traffic.ts';
import { renderPage } from './render-page.ts';
import type { ScriptCache } from './script-cache.ts';
import type { SharedCookies } from './shared-cookies.ts';
import { createStallWatch } from './stall-watch.ts';

/** What all pages of a fetcher have in common. */
export interface ShowOptions {
  readonly fetcher: Fetcher;
  readonly hosts: HostRules;
  readonly scripts: ScriptCache;
  readonly cookies: SharedCookies;
  /** What a page may take of its own time, not counting the requests it waits for, in milliseconds. */
  readonly pageTimeoutMs: number;
  readonly clock: Clock;
}

/** A request and the document that answered it. */
export interface Fetched {
  readonly request: FetchRequest;
  readonly document: FetchedResponse;
}

/** The page; everything it still asks for ends when the request's signal aborts. @throws as BrowserFetcher says. */
export async function showPage(options: ShowOptions, page: Page, fetched: Fetched): Promise<RenderedPage> {
  const { clock, cookies } = options;
  const { request, document } = fetched;
  const context = page.context();
  await cookies.bringTo(context);
  const stallWatch = createStallWatch(clock, options.pageTimeoutMs);
  try {
    const traffic = new PageTraffic({ ...options, document, request, stallWatch, signal: request.signal });
    await context.route('**/*', (route) => traffic.handle(route));
    await context.routeWebSocket('**/*', (socket) => socket.close());
    context.on('page', closePopup);
    answerConsent(page);
    const limitMs = options.pageTimeoutMs;
    const html = await renderPage({ page, document, request, traffic, stallWatch, limitMs, clock });
    await cookies.takeFrom(context);
    return { ...document, body: html, answers: traffic.answers };
  } finally {
    stallWatch.end();
  }
}

/** An HTML answer that came to its end, and for a search page one that its script has yet to fill. */
export function isToBeShown({ document, request }: Fetched): boolean {
  const { status, headers, body } = document;
  const { kind } = request;
  const isHtml = /html/i.test(headers['content-type'] ?? 'text/html');
  const isWhole = /<\/(?:html|body)\s*>/i.test(body.slice(-1000));
  return status === 200 && isHtml && isWhole && (kind !== 'search' || awaitsResults(body));
}

function closePopup(popup: Page): void {
  // It may have closed itself.
  popup.close().catch(() => undefined);
}
