/** The way to the portal against the simulator: every fault in its category, every request within the limits. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { systemClock } from '../../src/clock.ts';
import { createGate } from '../../src/crawl/gate.ts';
import { createPortalClient } from '../../src/crawl/portal-client.ts';
import { createSessionKeeper } from '../../src/crawl/session.ts';
import { readRobots } from '../../src/portal/robots.ts';
import { parseSearchPage } from '../../src/portal/search-page.ts';
import { locationApiUrl, readSearchUrl, searchApiUrl } from '../../src/portal/search-url.ts';
import { createTestFetcher } from './test-fetcher.ts';

const { signal } = new AbortController();

async function setUp(cityIntervalMs = 0, portalIntervalMs = 0, requestTimeoutMs = 10_000) {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  const { fetcher, log } = createTestFetcher({
    gate: createGate({ clock: systemClock, portalIntervalMs, cityIntervalMs: () => cityIntervalMs }),
    robots: { readRobots, userAgentToken: 'oikotie-collector', ttlMs: 60_000 },
    requestTimeoutMs,
    maxBodyBytes: 2_000_000,
  });
  const session = createSessionKeeper({
    fetcher,
    clock: systemClock,
    readSession: (html) => {
      const page = parseSearchPage(html);
      return page.kind === 'search_page' ? page.session : null;
    },
  });
  const client = createPortalClient({ fetcher, session, clock: systemClock });
  return { simulator, log, client, fetcher, ...requestsOf(simulator, client) };
}

function requestsOf(simulator: RunningSimulator, client: ReturnType<typeof createPortalClient>) {
  const searchPageUrl = simulator.searchUrl('Helsinki', 'sale');
  const query = readSearchUrl(searchPageUrl).search;
  if (query === null) throw new Error('the simulator gave a search URL that cannot be read');
  const url = searchApiUrl(simulator.origin, query, { offset: 0 });
  return {
    search: (city = 'Helsinki') => client.search({ url, searchPageUrl, city, signal }),
    location: (name: string) =>
      client.location({ url: locationApiUrl(simulator.origin, name), searchPageUrl, city: 'Helsinki', signal }),
    listing: (url: string) => client.listing({ url, validators: null, city: 'Helsinki', signal }),
  };
}

/** A hang is waited for in full; anything else has the time it needs on a busy machine. */
function timeoutFor(fault: string): number {
  return fault === 'hang' ? 1_000 : 10_000;
}

/** Address of the first listing of a search answer. */
function firstListingUrl(body: string): string {
  const url = /"url":"([^"]+)"/.exec(body)?.[1]?.replaceAll('\\/', '/');
  if (url === undefined) throw new Error('the search answer has no listing');
  return url;
}

describe('portal client against the simulator', () => {
  it('searches, reads a listing and resolves a city', async () => {
    const { search, listing, location, simulator } = await setUp();

    const answer = await search();
    const page = await listing(new URL(firstListingUrl(answer.body), simulator.origin).href);
    const resolved = await location('Espoo');

    expect(JSON.parse(answer.body)).toHaveProperty('cards');
    expect(page.body).toContain('Velaton hinta');
    expect(resolved.body).toContain('39');
  });

  it('goes on with a new session when the portal forgets the old one', async () => {
    const { search, simulator, log } = await setUp();
    await search();
    simulator.expireSessions();

    const answer = await search();

    expect(answer.status).toBe(200);
    expect(log.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'robots 200',
      'session 200',
      'search 200',
      expect.stringMatching(/^search 40[13]$/),
      'session 200',
      'search 200',
    ]);
  });

  it('reads one new session for 50 requests that find the old one forgotten', async () => {
    const { search, simulator } = await setUp();
    await search();
    simulator.expireSessions();

    const answers = await Promise.all(Array.from({ length: 50 }, () => search()));

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const kinds = simulator.requestLog.entries().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'session')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'search')).toHaveLength(101);
  });

  it.each([
    ['http_401', undefined, 'BLOCKED'],
    ['http_403', undefined, 'BLOCKED'],
    ['http_429', undefined, 'RATE_LIMIT'],
    ['http_503_retry_after', undefined, 'RATE_LIMIT'],
    ['http_500', undefined, 'SERVER_ERROR'],
    ['hang', undefined, 'TIMEOUT'],
    ['connection_reset', undefined, 'NETWORK_ERROR'],
    ['truncated', 'short_body', 'NETWORK_ERROR'],
    ['huge_body', undefined, 'PARSING_ERROR'],
    ['redirect_elsewhere', 'evil', 'PARSING_ERROR'],
    ['redirect_elsewhere', 'loopback', 'PARSING_ERROR'],
    ['removed', 'not_found', 'GONE'],
    ['removed', 'gone', 'GONE'],
    ['removed', 'redirect', 'GONE'],
    ['block_page', 'challenge_403', 'BLOCKED'],
  ] as const)('turns %s (%s) of a listing page into %s', async (type, variant, category) => {
    const { search, listing, simulator } = await setUp(0, 0, timeoutFor(type));
    const url = new URL(firstListingUrl((await search()).body), simulator.origin).href;
    simulator.faults.add({ type, kinds: ['listing'], ...(variant === undefined ? {} : { variant }) });

    await expect(listing(url)).rejects.toMatchObject({ category });
  });

  it.each([
    ['http_401', 'BLOCKED', 2],
    ['http_403', 'BLOCKED', 2],
    ['http_429', 'RATE_LIMIT', 1],
    ['http_500', 'SERVER_ERROR', 1],
    ['hang', 'TIMEOUT', 1],
    ['truncated', 'NETWORK_ERROR', 1],
  ] as const)('turns %s of the search API into %s after %i requests', async (type, category, requests) => {
    const { search, simulator, log } = await setUp(0, 0, timeoutFor(type));
    simulator.faults.add({ type, kinds: ['search'] });

    await expect(search()).rejects.toMatchObject({ category });

    expect(log.filter(({ kind }) => kind === 'search')).toHaveLength(requests);
  });

  it('obeys the robots.txt and the Crawl-delay of the portal', async () => {
    const { fetcher, simulator, search, log } = await setUp();
    simulator.settings.crawlDelaySeconds = 0.3;
    const robots = await fetcher.fetch({ url: `${simulator.origin}/robots.txt`, kind: 'robots', city: null, signal });
    const disallowed = /Disallow: (\/\S+)/.exec(robots.body)?.[1] ?? '/nothing';

    const refused = fetcher.fetch({ url: simulator.origin + disallowed, kind: 'listing', city: null, signal });
    await expect(refused).rejects.toMatchObject({ code: 'ROBOTS_DISALLOWED' });
    await search();

    const [asked, session, answer] = log.slice(-3).map(({ sentAtUtc }) => Date.parse(sentAtUtc));
    expect((session ?? 0) - (asked ?? 0)).toBeGreaterThanOrEqual(300);
    expect((answer ?? 0) - (session ?? 0)).toBeGreaterThanOrEqual(300);
  });

  it('keeps the limits for requests of every kind and city, and logs every request the portal saw', async () => {
    const { simulator, search, log } = await setUp(200, 60);

    await Promise.all(['Helsinki', 'Espoo', 'Vantaa'].flatMap((city) => Array.from({ length: 4 }, () => search(city))));

    expect(log.length).toBeGreaterThanOrEqual(14);
    expect(simulator.requestLog.entries().map(({ path }) => simulator.origin + path)).toEqual(
      log.map(({ url }) => url),
    );
    expect(smallestGapMs(log)).toBeGreaterThanOrEqual(60);
    for (const city of ['Helsinki', 'Espoo', 'Vantaa']) {
      expect(smallestGapMs(log.filter((entry) => entry.city === city))).toBeGreaterThanOrEqual(200);
    }
  });
});

function smallestGapMs(entries: readonly { readonly sentAtUtc: string }[]): number {
  const times = entries.map(({ sentAtUtc }) => Date.parse(sentAtUtc)).toSorted((a, b) => a - b);
  return Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}
