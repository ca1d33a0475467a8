/**
 * Everything a page asks for. The browser has no network: each request that may be made is made by the HTTP fetcher, so
 * that allowed hosts, robots rules, limits, time and size caps and the request log are the same for a page as for
 * everything else. Images, fonts, media, styles, other hosts and other methods than GET never leave.
 */
import type { Request, Route } from 'playwright-core';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { HostRules } from '../allowed-hosts.ts';
import type { FetchedResponse, Fetcher, FetchRequest, RequestKind } from '../fetcher.ts';
import { statusError } from '../response-error.ts';
import { allowedUrl, forwardedHeaders, fulfil, isOwnDocument, kindOfPart } from './page-request.ts';
import type { ScriptCache } from './script-cache.ts';
import type { StallWatch } from './stall-watch.ts';

export interface PageTrafficOptions {
  /** The page's own document, fetched before. */
  readonly document: FetchedResponse;
  /** What the page is opened for. */
  readonly request: FetchRequest;
  /** Sends the requests; every rule of the project is in it. */
  readonly fetcher: Fetcher;
  readonly hosts: HostRules;
  readonly scripts: ScriptCache;
  readonly stallWatch: StallWatch;
  readonly clock: Clock;
  /** Aborts when the page is done or given up. */
  readonly signal: AbortSignal;
}

/** Requests that one page may make, its document apart; the rest is refused, so that no script can go on for ever. */
const maxRequests = 60;

/** Lives as long as its page. */
export class PageTraffic {
  /** Rejects when a request fails without which the page cannot show what it was opened for. */
  readonly failed: Promise<never>;
  /** Answers of the portal's search that the page got. */
  readonly answers: FetchedResponse[] = [];
  /** Requests that failed, each with its reason. */
  readonly lostParts: string[] = [];
  readonly #options: PageTrafficOptions;
  readonly #underWay = new Map<Promise<void>, RequestKind>();
  #isDocumentServed = false;
  #requests = 0;
  #fail: (error: unknown) => void = () => undefined;

  constructor(options: PageTrafficOptions) {
    this.#options = options;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Who waits for the page hears of it; a failure after its end concerns nobody.
    this.failed.catch(() => undefined);
  }

  /** Handles one request of the page. Never rejects. */
  async handle(route: Route): Promise<void> {
    // A page that was closed meanwhile refuses the answer; nobody needs it any more.
    const serving = this.#serve(route).catch(() => undefined);
    this.#underWay.set(serving, kindOfPart(new URL(route.request().url())));
    await serving;
    this.#underWay.delete(serving);
  }

  /** Resolves when no request of the page is under way; with `kind`, none of that kind. */
  async quiet(kind?: RequestKind): Promise<void> {
    for (;;) {
      const open = [...this.#underWay].filter(([, its]) => kind === undefined || its === kind);
      if (open.length === 0) return;
      await Promise.all(open.map(([serving]) => serving));
    }
  }

  async #serve(route: Route): Promise<void> {
    const { document, hosts, stallWatch } = this.#options;
    const request = route.request();
    if (isOwnDocument(request)) {
      // A page that leads itself elsewhere is not followed; should it stop its own script with that, it is given up.
      if (this.#isDocumentServed) return route.abort('aborted');
      this.#isDocumentServed = true;
      return fulfil(route, document);
    }
    const url = allowedUrl(request, document.finalUrl, hosts);
    if (url === null || this.#requests >= maxRequests) return route.abort('blockedbyclient');
    this.#requests += 1;
    const resume = stallWatch.pause();
    try {
      const response = await this.#ask(request, url);
      if (response === null) await route.abort('failed');
      else await fulfil(route, response);
    } finally {
      resume();
    }
  }

  /** Null when the request failed; whether the page can do without is known then. */
  async #ask(request: Request, url: URL): Promise<FetchedResponse | null> {
    const { fetcher, scripts, clock, signal, request: opened } = this.#options;
    const kind = kindOfPart(url);
    const isEssential = kind === 'search' && opened.kind === 'search';
    const part: FetchRequest = { url: url.href, kind, city: opened.city, headers: forwardedHeaders(request), signal };
    try {
      const response = await scripts.fetch(url, request.resourceType(), () => fetcher.fetch(part));
      if (kind === 'search') this.answers.push(response);
      if (isEssential && response.status !== 200) this.#fail(statusError(response, clock.now()));
      return response;
    } catch (error) {
      this.lostParts.push(messageOf(error));
      if (isEssential) this.#fail(error);
      return null;
    }
  }
}
