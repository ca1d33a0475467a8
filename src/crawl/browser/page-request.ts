/**
 * One request of a page, judged and answered: whether it may be made at all, with which headers, and how its answer is
 * handed to the page. It sends nothing.
 */
import type { Request, Route } from 'playwright-core';
import { apiKindOf, isConsentFrame } from '../../portal/page-needs.ts';
import type { HostRules } from '../allowed-hosts.ts';
import { splitSetCookie } from '../cookie-jar.ts';
import type { FetchedResponse, RequestKind } from '../fetcher.ts';

const fetchedTypes: ReadonlySet<string> = new Set(['script', 'xhr', 'fetch']);

/** What the request counts as in the request log. */
export function kindOfPart(url: URL): RequestKind {
  return apiKindOf(url) ?? 'part';
}

/** Whether it leads the page itself somewhere, to its own document at first. */
export function isOwnDocument(request: Request): boolean {
  return request.isNavigationRequest() && request.frame().parentFrame() === null;
}

/**
 * The address when the page may ask for it, null otherwise. Wanted are scripts, what they fetch, and the consent frame;
 * a page may ask the hosts that a redirect of it could lead to.
 */
export function allowedUrl(request: Request, documentUrl: string, hosts: HostRules): URL | null {
  if (request.method() !== 'GET' || !isWanted(request)) return null;
  try {
    return hosts.checkRedirect(new URL(documentUrl), request.url());
  } catch {
    return null; // A foreign host: trackers and advertisements are the rule here, not an error.
  }
}

function isWanted(request: Request): boolean {
  if (fetchedTypes.has(request.resourceType())) return true;
  return request.isNavigationRequest() && isConsentFrame({ url: request.url(), name: request.frame().name() });
}

/** What the page's script says itself; who we are and what we can read is the fetcher's business. */
export function forwardedHeaders(request: Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers())) {
    const isOurs = name === 'user-agent' || name === 'upgrade-insecure-requests' || name.startsWith('sec-');
    if (!isOurs) headers[name] = value;
  }
  return headers;
}

/** Headers that say how the body travelled; the page gets it decoded, as UTF-8. */
const transportHeaders: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
  'keep-alive',
]);

/** Gives the page its answer. @throws when the page is gone. */
export async function fulfil(route: Route, response: FetchedResponse): Promise<void> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (!transportHeaders.has(name)) headers[name] = name === 'set-cookie' ? splitSetCookie(value).join('\n') : value;
  }
  const [mediaType = 'text/html'] = (response.headers['content-type'] ?? 'text/html').split(';');
  headers['content-type'] = `${mediaType.trim()}; charset=utf-8`;
  await route.fulfill({ status: response.status, headers, body: response.body });
}
