/** Sessions and the portal client: one new session for all, cookies kept, every status in its category. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { ListingRequest } from '../../src/crawl/portal-client.ts';
import { createPortalClient } from '../../src/crawl/portal-client.ts';
import type { SessionTokens } from '../../src/crawl/session.ts';
import { createSessionKeeper } from '../../src/crawl/session.ts';
import { ScraperError } from '../../src/errors.ts';
import { createFakeClock } from './fake-clock.ts';
import { serve } from './misbehaving-server.ts';
import { createTestFetcher } from './test-fetcher.ts';

const { signal } = new AbortController();

function readTestSession(html: string): SessionTokens | null {
  const token = /token=(\w+)/.exec(html)?.[1];
  return token === undefined ? null : { token, loaded: '1765715199', cuid: 'c0ffee' };
}

interface FakePortal {
  /** Requests with this token are refused. */
  refused: Set<string>;
  sessionsGiven: number;
}

/** A portal whose search page gives tokens t1, t2, … and whose API refuses some of them. */
async function setUp(
  routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {},
) {
  const portal: FakePortal = { refused: new Set(), sessionsGiven: 0 };
  const server = await serve({
    '/myytavat-asunnot': (_request, response) => {
      portal.sessionsGiven += 1;
      response
        .writeHead(200, {
          'set-cookie': [
            `AWSALB=lb${portal.sessionsGiven}; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Path=/`,
            'old=1; Max-Age=0',
            'secure=1; Secure',
            'foreign=1; Domain=example.org',
          ],
        })
        .end(`token=t${portal.sessionsGiven}`);
    },
    '/api/search': (request, response) => {
      const isRefused = portal.refused.has(String(request.headers['ota-token']));
      response.writeHead(isRefused ? 401 : 200).end('{"found":1}');
    },
    ...routes,
  });
  const clock = createFakeClock();
  const { fetcher, log } = createTestFetcher({ clock: { ...systemClock, now: clock.now }, requestTimeoutMs: 10_000 });
  const session = createSessionKeeper({ fetcher, readSession: readTestSession, clock });
  const client = createPortalClient({ fetcher, session, clock });
  const searchPageUrl = `${server.origin}/myytavat-asunnot?cardType=100`;
  const search = () => client.search({ url: `${server.origin}/api/search`, searchPageUrl, city: 'Helsinki', signal });
  const listing = (path: string, validators: ListingRequest['validators'] = null) =>
    client.listing({ url: server.origin + path, validators, city: 'Helsinki', signal });
  return { portal, server, clock, log, client, search, listing, searchPageUrl };
}

describe('portal client', () => {
  it('brings the tokens, the referer and the cookies of the search page to the API', async () => {
    const { search, server, searchPageUrl } = await setUp();

    const response = await search();

    expect(response.body).toBe('{"found":1}');
    expect(server.headers[1]).toMatchObject({
      'ota-token': 't1',
      'ota-loaded': '1765715199',
      'ota-cuid': 'c0ffee',
      referer: searchPageUrl,
      cookie: 'AWSALB=lb1',
      accept: 'application/json',
    });
  });

  it('reads one session for many requests that start together', async () => {
    const { search, portal } = await setUp();

    await Promise.all(Array.from({ length: 20 }, search));

    expect(portal.sessionsGiven).toBe(1);
  });

  it('renews a refused session once for all who were refused, and repeats their requests', async () => {
    const { search, portal, log } = await setUp();
    await search();
    portal.refused.add('t1');

    const responses = await Promise.all(Array.from({ length: 20 }, search));

    expect(responses.every((response) => response.status === 200)).toBe(true);
    expect(portal.sessionsGiven).toBe(2);
    expect(log.filter((entry) => entry.kind === 'session')).toHaveLength(2);
  });

  it('says BLOCKED when the new session is refused too, after one renewal', async () => {
    const { search, portal, server } = await setUp();
    portal.refused.add('t1').add('t2');

    await expect(search()).rejects.toMatchObject({
      code: 'PORTAL_REFUSED',
      category: 'BLOCKED',
      details: { status: 401 },
    });

    expect(portal.sessionsGiven).toBe(2);
    expect(server.paths.filter((path) => path === '/api/search')).toHaveLength(2);
  });

  it('reads no new session for a request that was sent with the old one and comes back late', async () => {
    const late: (() => void)[] = [];
    const { search, portal, server } = await setUp({
      '/api/search': (request, response) => {
        const answer = () => response.writeHead(request.headers['ota-token'] === 't1' ? 403 : 200).end('{"found":1}');
        if (request.headers['ota-token'] === 't1' && late.length < 49) late.push(answer);
        else answer();
      },
    });

    const responses = Array.from({ length: 50 }, search);
    await Promise.race(responses);
    for (const answer of late) answer();

    expect((await Promise.all(responses)).every(({ status }) => status === 200)).toBe(true);
    expect(portal.sessionsGiven).toBe(2);
    expect(server.paths.filter((path) => path === '/api/search')).toHaveLength(100);
  });

  it('reads one session for 50 requests when the new one is refused as well, and none in the next half minute', async () => {
    const { search, portal, clock } = await setUp();
    for (let n = 1; n <= 9; n += 1) portal.refused.add(`t${n}`);

    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, search));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(portal.sessionsGiven).toBe(2);

    await clock.advance(29_999);
    for (let n = 0; n < 5; n += 1) await expect(search()).rejects.toMatchObject({ code: 'PORTAL_REFUSED' });
    expect(portal.sessionsGiven).toBe(2);

    await clock.advance(1);
    await expect(search()).rejects.toMatchObject({ code: 'PORTAL_REFUSED' });
    await expect(search()).rejects.toMatchObject({ code: 'PORTAL_REFUSED' });
    expect(portal.sessionsGiven).toBe(3);
  });

  it('asks a page that refuses to give a new session once in half a minute', async () => {
    let pages = 0;
    const { search, portal } = await setUp({
      '/myytavat-asunnot': (_request, response) => {
        pages += 1;
        response.writeHead(pages === 1 ? 200 : 403).end('token=t1');
      },
    });
    await search();
    portal.refused.add('t1');

    for (let n = 0; n < 4; n += 1) await expect(search()).rejects.toMatchObject({ category: 'BLOCKED' });

    expect(pages).toBe(2);
  });

  it('reads a new session when the old one is ten minutes old', async () => {
    const { search, portal, clock } = await setUp();
    await search();
    await clock.advance(599_999);
    await search();
    expect(portal.sessionsGiven).toBe(1);

    await clock.advance(1);
    await search();

    expect(portal.sessionsGiven).toBe(2);
  });

  it('says WRONG_PAGE when the search page has no tokens', async () => {
    const { search } = await setUp({ '/myytavat-asunnot': (_request, response) => response.end('<p>Huoltokatko</p>') });

    await expect(search()).rejects.toMatchObject({ code: 'SESSION_MISSING', category: 'WRONG_PAGE' });
  });

  it('does not fail for the others when the first who asked leaves', async () => {
    const { client, server, searchPageUrl } = await setUp();
    const leaving = new AbortController();
    const url = `${server.origin}/api/search`;

    const first = client.search({ url, searchPageUrl, city: 'Helsinki', signal: leaving.signal });
    const second = client.search({ url, searchPageUrl, city: 'Helsinki', signal });
    leaving.abort(new Error('stopped'));

    await expect(first).rejects.toThrow('stopped');
    await expect(second).resolves.toMatchObject({ status: 200 });
  });

  it.each([
    [404, {}, 'GONE', 'PAGE_GONE', undefined],
    [410, {}, 'GONE', 'PAGE_GONE', undefined],
    [401, {}, 'BLOCKED', 'PORTAL_REFUSED', undefined],
    [403, {}, 'BLOCKED', 'PORTAL_REFUSED', undefined],
    [429, {}, 'RATE_LIMIT', 'RATE_LIMITED', undefined],
    [429, { 'retry-after': '7' }, 'RATE_LIMIT', 'RATE_LIMITED', 7000],
    [429, { 'retry-after': '999999' }, 'RATE_LIMIT', 'RATE_LIMITED', 3_600_000],
    [503, { 'retry-after': 'Sun, 22 Nov 2026 03:01:00 GMT' }, 'RATE_LIMIT', 'RATE_LIMITED', 60_000],
    [503, {}, 'SERVER_ERROR', 'SERVER_FAILED', undefined],
    [500, {}, 'SERVER_ERROR', 'SERVER_FAILED', undefined],
    [418, {}, 'UNKNOWN', 'UNEXPECTED_STATUS', undefined],
    [304, {}, 'WRONG_PAGE', 'NOT_MODIFIED_UNASKED', undefined],
    [204, {}, 'UNKNOWN', 'UNEXPECTED_STATUS', undefined],
  ])('turns status %i %o of a listing page into %s', async (status, headers, category, code, retryAfterMs) => {
    const path = '/myytavat-asunnot/helsinki/12345678';
    const { listing } = await setUp({ [path]: (_request, response) => response.writeHead(status, headers).end() });

    const error: unknown = await listing(path).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ category, code, details: { status } });
    expect(error instanceof ScraperError ? error.details.retryAfterMs : null).toBe(retryAfterMs);
  });

  it('asks for a listing page again with what it was recognised by, and gives back that it is the same', async () => {
    const path = '/myytavat-asunnot/helsinki/12345678';
    const { listing, server } = await setUp({
      [path]: (_request, response) => response.writeHead(304, { etag: '"v1"', 'content-encoding': 'gzip' }).end(),
    });

    const response = await listing(path, { etag: '"v1"', lastModified: 'Sun, 22 Nov 2026 03:01:00 GMT' });

    expect(response).toMatchObject({ status: 304, bodyBytes: 0, body: '' });
    expect(server.headers[0]).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': 'Sun, 22 Nov 2026 03:01:00 GMT',
    });
  });

  it.each([
    ['another address of the same listing', '/myytavat-asunnot/espoo/12345678', null],
    ['the search page', '/myytavat-asunnot', { category: 'GONE', code: 'REDIRECTED_AWAY' }],
    ['the front page', '/', { category: 'GONE', code: 'REDIRECTED_AWAY' }],
    ['a page of another kind', '/tarkistus', { category: 'WRONG_PAGE', code: 'REDIRECTED_ELSEWHERE' }],
  ])('judges a listing that redirects to %s', async (_name, location, expected) => {
    const path = '/myytavat-asunnot/helsinki/12345678';
    const ok = (_request: IncomingMessage, response: ServerResponse) => response.end('page');
    const { listing } = await setUp({
      [path]: (_request, response) => response.writeHead(302, { location }).end(),
      '/': ok,
      '/tarkistus': ok,
      '/myytavat-asunnot/espoo/12345678': ok,
    });

    const outcome = listing(path);

    if (expected === null) await expect(outcome).resolves.toMatchObject({ status: 200, body: 'page' });
    else await expect(outcome).rejects.toMatchObject(expected);
  });
});
