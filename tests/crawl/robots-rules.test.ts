/** Robots rules: asked once, kept, and strict when the portal is in trouble. */
import { describe, expect, it } from 'vitest';
import type { FetchedResponse, FetchRequest } from '../../src/crawl/fetcher.ts';
import type { Gate } from '../../src/crawl/gate.ts';
import { createGate } from '../../src/crawl/gate.ts';
import type { RobotsDecision } from '../../src/crawl/request-log.ts';
import type { RobotsFile } from '../../src/crawl/robots-rules.ts';
import { createRobotsRules, productTokenOf } from '../../src/crawl/robots-rules.ts';
import { ScraperError } from '../../src/errors.ts';
import { createFakeClock } from './fake-clock.ts';
import { serve } from './misbehaving-server.ts';
import { createTestFetcher } from './test-fetcher.ts';

const page = new URL('https://asunnot.oikotie.fi/myytavat-asunnot');
const secret = new URL('https://asunnot.oikotie.fi/salaisuus');
const { signal } = new AbortController();

/** Lines `disallow <path>` and `delay <milliseconds>`: a stand-in for the real format, which is read elsewhere. */
function readTestRobots(text: string): RobotsFile {
  const paths = [...text.matchAll(/disallow (\S+)/g)].map(([, path]) => path ?? '');
  const delay = /delay (\d+)/.exec(text)?.[1];
  return {
    isAllowed: (url) => !paths.includes(new URL(url).pathname),
    crawlDelayMs: delay === undefined ? null : Number(delay),
  };
}

function answer(status: number, body = '', headers: Readonly<Record<string, string>> = {}): FetchedResponse {
  const url = 'https://asunnot.oikotie.fi/robots.txt';
  return {
    url,
    finalUrl: url,
    status,
    headers,
    body,
    bodyBytes: body.length,
    sha256: '',
    durationMs: 1,
    fetchedAtUtc: '',
  };
}

function setUp(answers: readonly (FetchedResponse | Error)[]) {
  const clock = createFakeClock();
  const asked: FetchRequest[] = [];
  const widened: [string | null, number][] = [];
  const decided: [RobotsDecision, string | null][] = [];
  const realGate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 0 });
  const gate: Gate = { ...realGate, widen: (city, intervalMs) => widened.push([city, intervalMs]) };
  const rules = createRobotsRules({
    fetch: async (request) => {
      asked.push(request);
      const next = answers[Math.min(asked.length, answers.length) - 1];
      if (next === undefined || next instanceof Error) throw next ?? new Error('no answer prepared');
      return next;
    },
    readRobots: readTestRobots,
    userAgentToken: 'oikotie-collector',
    ttlMs: 3_600_000,
    onDecision: (decision, city) => decided.push([decision, city]),
    gate,
    clock,
  });
  return { clock, asked, widened, decided, rules };
}

describe('robots rules', () => {
  it('lets allowed pages pass and refuses the others, with one fetch for all who ask at once', async () => {
    const { rules, asked } = setUp([answer(200, 'disallow /salaisuus')]);

    const checks = await Promise.allSettled([
      rules.check(page, 'Helsinki', signal),
      rules.check(secret, 'Espoo', signal),
      rules.check(page, null, signal),
    ]);

    expect(checks.map((check) => check.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(checks[1]).toMatchObject({ reason: { code: 'ROBOTS_DISALLOWED', category: 'BLOCKED' } });
    expect(asked).toMatchObject([{ url: 'https://asunnot.oikotie.fi/robots.txt', kind: 'robots', city: 'Helsinki' }]);
  });

  it('tells of each decision, a robots.txt that cannot be had included', async () => {
    const { rules, decided, clock } = setUp([answer(200, 'disallow /salaisuus'), answer(500)]);

    await rules.check(page, 'Helsinki', signal);
    await expect(rules.check(secret, 'Espoo', signal)).rejects.toThrow();
    await clock.advance(3_600_000);
    await expect(rules.check(page, null, signal)).rejects.toThrow();

    expect(decided).toEqual([
      ['allowed', 'Helsinki'],
      ['disallowed', 'Espoo'],
      ['unavailable', null],
    ]);
  });

  it.each(['QUIET_HOURS', 'BUDGET_SPENT'])(
    'passes on %s as it is and holds nothing against the portal',
    async (code) => {
      const own = new ScraperError(code, 'not now', { category: 'RATE_LIMIT', details: { retryAfterMs: 5 } });
      const { rules, decided } = setUp([own, answer(200)]);

      await expect(rules.check(page, 'Helsinki', signal)).rejects.toBe(own);

      await expect(rules.check(page, 'Helsinki', signal)).resolves.toBeUndefined();
      expect(decided).toEqual([['allowed', 'Helsinki']]);
    },
  );

  it('asks again when its time is over', async () => {
    const { rules, asked, clock } = setUp([answer(200), answer(200, 'disallow /myytavat-asunnot')]);
    await rules.check(page, null, signal);
    await clock.advance(3_599_999);
    await rules.check(page, null, signal);

    await clock.advance(1);

    await expect(rules.check(page, null, signal)).rejects.toMatchObject({ code: 'ROBOTS_DISALLOWED' });
    expect(asked).toHaveLength(2);
  });

  it('widens the gate to the Crawl-delay', async () => {
    const { rules, widened } = setUp([answer(200, 'delay 2500')]);

    await rules.check(page, null, signal);

    expect(widened).toEqual([[null, 2500]]);
  });

  it.each([404, 403, 410])('allows everything when robots.txt answers %i', async (status) => {
    const { rules } = setUp([answer(status)]);

    await expect(rules.check(secret, null, signal)).resolves.toBeUndefined();
  });

  it.each([
    ['status 500', answer(500), 'SERVER_ERROR'],
    ['status 429', answer(429, '', { 'retry-after': '120' }), 'RATE_LIMIT'],
    [
      'a network error',
      new ScraperError('NETWORK_FAILED', 'no network', { category: 'NETWORK_ERROR' }),
      'NETWORK_ERROR',
    ],
  ])('disallows everything after %s and says when it asks again', async (_name, failure, category) => {
    const { rules, asked, clock } = setUp([failure, answer(200)]);

    const refused = rules.check(page, null, signal);

    await expect(refused).rejects.toMatchObject({ code: 'ROBOTS_UNREACHABLE', category });
    await expect(rules.check(page, null, signal)).rejects.toMatchObject({ code: 'ROBOTS_UNREACHABLE' });
    expect(asked).toHaveLength(1);
    await clock.advance(category === 'RATE_LIMIT' ? 120_000 : 10_000);
    await expect(rules.check(page, null, signal)).resolves.toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('waits longer after each failure, at most five minutes', async () => {
    const { rules, clock } = setUp([answer(503)]);
    const waits: unknown[] = [];

    for (let n = 0; n < 8; n += 1) {
      const error: unknown = await rules.check(page, null, signal).catch((caught: unknown) => caught);
      const waitMs = error instanceof ScraperError ? (error.details.retryAfterMs ?? 0) : 0;
      waits.push(waitMs);
      await clock.advance(waitMs);
    }

    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  it('does not take a stopped run for an unreachable robots.txt', async () => {
    const controller = new AbortController();
    const { rules, asked } = setUp([answer(200)]);
    controller.abort(new Error('stopped'));

    await expect(rules.check(page, null, controller.signal)).rejects.toThrow('stopped');
    await expect(rules.check(page, null, signal)).resolves.toBeUndefined();

    expect(asked).toHaveLength(1);
  });

  it('holds for every step of a redirect, and its own fetch is in the log', async () => {
    const server = await serve({
      '/robots.txt': (_request, response) => response.end('disallow /salaisuus'),
      '/a': (_request, response) => response.writeHead(302, { location: '/salaisuus' }).end(),
      '/salaisuus': (_request, response) => response.end('secret'),
    });
    const { get, log } = createTestFetcher({
      robots: { readRobots: readTestRobots, userAgentToken: 'oikotie-collector', ttlMs: 60_000 },
    });

    await expect(get(`${server.origin}/a`)).rejects.toMatchObject({ code: 'ROBOTS_DISALLOWED' });

    expect(server.paths).toEqual(['/robots.txt', '/a']);
    expect(log.map((entry) => [entry.kind, entry.city, entry.status])).toEqual([
      ['robots', null, 200],
      ['listing', 'Helsinki', 302],
    ]);
  });

  it('finds the product token in a user agent', () => {
    expect(productTokenOf('oikotie-collector/0.1 (+mailto:a@example.org)')).toBe('oikotie-collector');
    expect(productTokenOf(' Other (x)')).toBe('Other');
  });
});
