/**
 * The healthy simulated portal over real HTTP: pages and answers have the shapes and sizes of the real ones.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allLabels } from '../../simulator/listing.ts';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { createWorld } from '../../simulator/world.ts';
import { jsonOf, rawGet, sessionHeaders } from './raw-client.ts';

let simulator: RunningSimulator;
let headers: Readonly<Record<string, string>>;

beforeAll(async () => {
  simulator = await startSimulator();
  headers = await sessionHeaders(simulator.searchUrl('Helsinki', 'sale'));
});
afterAll(() => simulator.close());

function locationsOf(id: number, name: string): string {
  return `locations=${encodeURIComponent(`[[${id},6,"${name}"]]`)}`;
}

async function search(query: string, path = '/api/search'): Promise<Record<string, unknown>> {
  const response = await rawGet(`${simulator.origin}${path}?${query}`, { headers });
  expect(response.status).toBe(200);
  // The tests below check the fields they use.
  return jsonOf(response) as Record<string, unknown>;
}

describe('search page', () => {
  it('hands out the three tokens, holds no card and has the trap link first in the body', async () => {
    const page = (await rawGet(simulator.searchUrl('Espoo', 'rent'))).body.toString('utf8');

    expect(page).toMatch(/<meta name="api-token" content="[0-9a-f]{64}">/);
    expect(page).toMatch(/<meta name="loaded" content="\d{10}">/);
    expect(page).toMatch(/<meta name="cuid" content="[0-9a-f]{40}">/);
    expect(page).not.toMatch(/href="[^"]*\/vuokra-asunnot\/[^"]*\/\d{8}/);
    expect(page).toMatch(/<body[^>]*>\s*<a href="\/trap\/[^"]*" rel="nofollow" style="display: none"/);
    expect(page).toContain('<script type="text/ng-template"');
    expect(page).toContain('id="sp_message_iframe_1301048"');
  });

  it('counts every visit of the trap', async () => {
    await rawGet(`${simulator.origin}/trap/most-visited`);

    const hits = simulator.requestLog.entries().filter((entry) => entry.kind === 'trap');

    expect(hits.length).toBeGreaterThan(0);
  });
});

describe('search API', () => {
  it('answers the new shape with 24 cards by default and cards of other cities apart', async () => {
    const answer = await search(`${locationsOf(64, 'Helsinki')}&cardType=100`);

    expect(answer).toMatchObject({ found: 120, start: 0 });
    expect(answer['cards']).toHaveLength(24);
    expect(JSON.stringify(answer['secondaryCards'])).not.toMatch(/"city":"helsinki"/i);
    expect((answer['cards'] as readonly unknown[])[0]).toMatchObject({
      cardId: expect.any(Number),
      url: expect.stringMatching(/\/myytavat-asunnot\/helsinki\/\d{8}$/),
      data: { price: expect.stringMatching(/\u00a0€$/), sizeMin: expect.any(Number) },
      location: { zipCode: expect.stringMatching(/^00\d{3}$/) },
      meta: { published: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) },
    });
  });

  it('answers the old shape on its old path', async () => {
    const answer = await search(`${locationsOf(39, 'Espoo')}&cardType=101&limit=5`, '/api/cards');

    expect(answer).toMatchObject({ found: 40, start: 0 });
    expect(answer).not.toHaveProperty('secondaryCards');
    expect((answer['cards'] as readonly unknown[])[0]).toMatchObject({
      id: expect.any(Number),
      contractType: 2,
      published: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      buildingData: { address: expect.any(String) },
    });
  });

  it('honours limits up to 100, caps bigger ones, and answers limit=0 with the count alone', async () => {
    const sizes = [0, 50, 100, 5000].map(async (limit) => {
      const answer = await search(`${locationsOf(64, 'Helsinki')}&cardType=100&limit=${limit}`);
      return (answer['cards'] as readonly unknown[]).length;
    });

    expect(await Promise.all(sizes)).toEqual([0, 50, 100, 100]);
  });

  it('lists every listing exactly once over all pages', async () => {
    const ids: number[] = [];
    for (let offset = 0; offset < 144; offset += 24) {
      const answer = await search(`${locationsOf(64, 'Helsinki')}&cardType=100&limit=24&offset=${offset}`);
      ids.push(...(answer['cards'] as readonly { readonly cardId: number }[]).map((card) => card.cardId));
    }

    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBe(120);
  });

  it('goes by the id when id and name of a place disagree, and finds nothing for an unknown id', async () => {
    const mismatch = await search(`${locationsOf(49, 'Espoo')}&cardType=100`);
    const unknown = await search(`${locationsOf(987654, 'Espoo')}&cardType=100`);

    expect(JSON.stringify(mismatch['cards'])).toContain('/hausjarvi/');
    expect(JSON.stringify(mismatch['cards'])).not.toContain('/espoo/');
    expect(unknown).toMatchObject({ found: 0, cards: [] });
  });

  it('sorts by price when asked', async () => {
    const answer = await search(`${locationsOf(64, 'Helsinki')}&cardType=101&limit=60&sortBy=price_asc`);

    const prices = (answer['cards'] as readonly { readonly data: { readonly price: string } }[]).map((card) =>
      Number(card.data.price.replace(/[^\d,]/g, '').replace(',', '.')),
    );

    expect(prices).toEqual([...prices].sort((a, b) => a - b));
  });

  it('refuses a request without tokens with 401 and one with stale tokens with 403', async () => {
    const own = await startSimulator({ world: createWorld({ cities: [] }) });
    try {
      const staleHeaders = await sessionHeaders(`${own.origin}/myytavat-asunnot`);
      const without = await rawGet(`${own.origin}/api/search`);
      const fresh = await rawGet(`${own.origin}/api/search`, { headers: staleHeaders });
      own.expireSessions();
      const stale = await rawGet(`${own.origin}/api/search`, { headers: staleHeaders });

      expect([without.status, fresh.status, stale.status]).toEqual([401, 200, 403]);
    } finally {
      await own.close();
    }
  });

  it('lets tokens age by its clock', async () => {
    let nowMs = Date.parse('2026-11-21T08:00:00Z');
    const own = await startSimulator({ now: () => nowMs, settings: { tokenLifetimeMs: 60_000 } });
    try {
      const tokens = await sessionHeaders(own.searchUrl('Helsinki', 'sale'));
      nowMs += 61_000;

      const response = await rawGet(`${own.origin}/api/search`, { headers: tokens });

      expect(response.status).toBe(403);
    } finally {
      await own.close();
    }
  });
});

describe('location resolver and robots.txt', () => {
  it('gives the id of a city by the start of its name', async () => {
    const answer = jsonOf(await rawGet(`${simulator.origin}/api/3.0/location?query=espoo`, { headers }));

    expect(answer).toEqual([
      {
        card: { name: 'Espoo', cardId: 39, cardType: 6, coordinates: null },
        parent: { name: 'Suomi', cardId: 1, cardType: 9, coordinates: null },
      },
    ]);
  });

  it('allows everything but the trap and the admin API, with a crawl delay when one is set', async () => {
    const plain = (await rawGet(`${simulator.origin}/robots.txt`)).body.toString('utf8');
    simulator.settings.crawlDelaySeconds = 2;
    const delayed = (await rawGet(`${simulator.origin}/robots.txt`)).body.toString('utf8');
    simulator.settings.crawlDelaySeconds = null;

    expect(plain).toBe('User-agent: *\nDisallow: /api/admin\nDisallow: /trap\nAllow: /\n');
    expect(delayed).toContain('Crawl-delay: 2');
  });
});

describe('listing page', () => {
  it('is 60 to 100 KB and prints every label of the truth in its tables', async () => {
    for (const record of simulator.world.truth('Vantaa', 'sale', simulator.origin)) {
      const { body } = await rawGet(record.url);
      const page = body.toString('utf8');
      const labels = [...page.matchAll(/<dt class="info-table__title">([^<]+)<\/dt>\s*<dd/g)].map((match) => match[1]);

      expect(body.length).toBeGreaterThan(60_000);
      expect(body.length).toBeLessThan(100_000);
      // One more stands in a script, where it is only text.
      expect(labels.filter((label) => label !== 'Malli')).toEqual(Object.keys(record.otherDetailsJson));
    }
  });

  it('has 39 to 100 labels a page and over 140 different ones in all', () => {
    const records = simulator.world.truth('Helsinki', 'sale');

    const counts = records.map((record) => Object.keys(record.otherDetailsJson).length);

    expect(Math.min(...counts)).toBeGreaterThanOrEqual(39);
    expect(Math.max(...counts)).toBeLessThanOrEqual(100);
    expect(allLabels.length).toBeGreaterThan(140);
  });

  it('masks contacts in the truth and prints them on the page', async () => {
    const record = simulator.world
      .truth('Helsinki', 'sale', simulator.origin)
      .find((candidate) => candidate.description?.includes('[redacted]') && candidate.otherDetailsJson['Isännöinti']);

    const page = (await rawGet(record?.url ?? '')).body.toString('utf8');

    expect(record?.otherDetailsJson['Isännöinti']).toBe('[redacted]');
    expect(page).not.toContain('[redacted]');
    expect(page).toMatch(/@valitys\.invalid/);
  });

  it('answers a wrong city in the path and 404 for an id never given out', async () => {
    const [record] = simulator.world.truth('Tampere', 'sale', simulator.origin);

    const wrongCity = await rawGet(`${simulator.origin}/myytavat-asunnot/oulu/${record?.listingId}`);
    const unknown = await rawGet(`${simulator.origin}/myytavat-asunnot/oulu/11111111`);

    expect([wrongCity.status, unknown.status]).toEqual([200, 404]);
  });
});

describe('request log', () => {
  it('keeps arrival, kind, city, status, user agent and bytes of each request', async () => {
    const [record] = simulator.world.truth('Espoo', 'sale', simulator.origin);
    simulator.requestLog.clear();

    await rawGet(record?.url ?? '', { headers: { 'user-agent': 'test/1' } });
    await rawGet(`${simulator.origin}/__control/state`);

    const [entry, ...others] = simulator.requestLog.entries();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ kind: 'listing', city: 'Espoo', status: 200, userAgent: 'test/1', fault: null });
    expect(entry?.bytes).toBeGreaterThan(60_000);
    expect(Math.abs((entry?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  });
});
