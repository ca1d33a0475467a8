/** The interface for programs: what it answers, in which shape, and page by page. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '@readme/openapi-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { apiRouteList } from '../../dashboard/api/api.ts';
import { openApiDocument } from '../../dashboard/api/openapi.ts';
import type { PublishedSeries } from '../../src/storage/published-series.ts';
import { createPublishedSeries } from '../../src/storage/published-series.ts';
import { runCity } from '../storage/city-run.ts';
import { fillSeries, nowMs } from './api-series.ts';
import type { RunningTestDashboard, Visitor } from './running-dashboard.ts';
import { startTestDashboard } from './running-dashboard.ts';

let dashboard: RunningTestDashboard;
let vera: Visitor;
let series: PublishedSeries;
let reads = 0;

const pageShape = z.object({
  items: z.array(z.looseObject({})),
  next: z.string().nullable(),
  total: z.number().nullable(),
});

beforeAll(async () => {
  dashboard = await startTestDashboard({
    nowMs: () => nowMs,
    fill: fillSeries,
    parts: ({ databasePath, outputDirectory, dashboard: config }) => {
      series = createPublishedSeries({ databasePath, memoryLimit: '256MB', threads: 1, connections: 2 });
      const counted: PublishedSeries = {
        ...series,
        read: (work) => {
          reads += 1;
          return series.read(work);
        },
      };
      return { series: counted, config, datasetsFolder: datasetIn(join(databasePath, '..', outputDirectory)) };
    },
  });
  vera = await dashboard.visitor('vera');
});
afterAll(async () => {
  await series.close();
  await dashboard.close();
});

function datasetIn(folder: string): string {
  mkdirSync(join(folder, 'daily-2026-11-21'), { recursive: true });
  const manifest = {
    ...{ format: 'oikotie-dataset/1', version: 'daily-2026-11-21', generatedAtUtc: '2026-11-21T06:00:00.000Z' },
    ...{ executionId: 'daily-2026-11-21', nominalDay: '2026-11-21', status: 'completed', schemaVersion: 17 },
    program: { name: 'oikotie', version: '0.1.0' },
    ...{ licence: '', tables: [{ name: 'listings', rows: 3 }], receipts: [] },
    files: [{ path: 'listings.csv', bytes: 10, sha256: 'ab'.repeat(32), rows: 3 }],
  };
  writeFileSync(join(folder, 'daily-2026-11-21', 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

async function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await vera.get(`/api/v1${path}`, { accept: 'application/json', ...headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
}

/** Every row of a list, taken `limit` at a time. */
async function walk(path: string, limit: number): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let next: string | null = `/api/v1${path}${path.includes('?') ? '&' : '?'}limit=${limit}`;
  while (next !== null) {
    const page = pageShape.parse(await (await vera.get(next)).json());
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    next = page.next;
  }
  return items;
}

const inPaths: Readonly<Record<string, string>> = { city: 'helsinki', executionId: 'daily-2026-11-21', listingId: '1' };
const pathOf = (path: string) => path.replace(/:(\w+)/g, (_match, name: string) => inPaths[name] ?? '');

describe('each answer', () => {
  it.each(apiRouteList.map((route) => [route.path, route] as const))(
    '%s has the shape it promises',
    async (_, route) => {
      const { status, body } = await ask(pathOf(route.path));

      expect([status, body]).toEqual([200, route.answer.parse(body)]);
      const lists = Object.values(z.record(z.string(), z.unknown()).parse(body)).filter((value) =>
        Array.isArray(value),
      );
      const listing1HasNoLaterOne = route.name === 'getListingHistory' ? 1 : 0;
      expect(lists.filter((list) => list.length === 0)).toHaveLength(listing1HasNoLaterOne);
    },
  );

  it('gives numbers as numbers, times in UTC and what is not known as null', async () => {
    const { body } = await ask('/listings/1');

    expect(body.listing).toMatchObject({
      ...{ listingId: '1', priceEur: 190.5, areaM2: 50, rooms: 2, district: null, title: '<script>alert(1)</script>' },
      ...{ fetchedAtUtc: '2026-11-22T03:02:00.000Z', otherDetails: { Kunto: 'Hyvä', Huoneita: '2' }, issues: [] },
    });
  });

  it('says of each city how the day stands', async () => {
    const { body } = await ask('/status');

    expect([body.nominalDay, body.completeCities, body.cities.length]).toEqual(['2026-11-22', 1, 2]);
    const { body: coverage } = await ask('/coverage-days?fromDay=2026-11-20&city=ESPOO');
    expect(coverage.days.map((day: { nominalDay: string; state: string }) => [day.nominalDay, day.state])).toEqual([
      ['2026-11-21', 'complete'],
      ['2026-11-22', 'missed'],
    ]);
  });

  it('says 404 for a listing, an execution and an answer that are not there', async () => {
    for (const path of ['/listings/99', '/listings/99/history', '/listings/99/lineage', '/nothing']) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
    const { headers, body } = await ask('/executions/none/audit-report');
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({
      ...{ type: '/api/v1/docs#not-found', title: 'Not Found', status: 404 },
      ...{ detail: expect.stringContaining('such as daily-'), instance: '/api/v1/executions/none/audit-report' },
    });
  });
});

describe('a list', () => {
  it.each(['newest', 'cheapest', 'dearest', 'largest', 'id'])(
    'is the same in pages of one, ordered by %s',
    async (sort) => {
      const { body } = await ask(`/listings?sort=${sort}&count=true`);

      expect(body.total).toBe(3);
      expect(await walk(`/listings?sort=${sort}`, 1)).toEqual(body.items);
    },
  );

  it.each(['/executions', '/audit-events', '/price-events', '/market-times', '/cities/Helsinki/receipts'])(
    'is the same in pages of one: %s',
    async (path) => {
      expect(await walk(path, 1)).toEqual((await ask(path)).body.items);
    },
  );

  it('filters, and counts what it filters', async () => {
    const ids = async (query: string) =>
      (await ask(`/listings?sort=id&${query}`)).body.items.map((item: { listingId: string }) => item.listingId);

    expect(await ids('city=espoo')).toEqual(['3']);
    expect(await ids('maxPriceEur=195&minPriceEur=100')).toEqual(['1']);
    expect(await ids('dealType=rent&minPriceEur=900')).toEqual(['3']);
    expect(await ids('text=KEKSITTYKATU%202')).toEqual(['2']);
    expect(await ids('fetchedSince=2026-11-22T00:00:00Z')).toEqual(['1']);
    expect(await ids('isOffered=false')).toEqual([]);
    expect((await ask('/audit-events?severity=ERROR')).body.items).toMatchObject([{ eventId: 'event-3' }]);
    expect((await ask('/audit-events?since=2026-11-21T03:02:00Z&sort=oldest')).body.items).toHaveLength(2);
  });

  it('shows the listings of an instant as they were then', async () => {
    const { body } = await ask('/listings?sort=id&asOf=2026-11-21T23:00:00%2B02:00');

    expect(body.items.map((item: { listingId: string; priceEur: number }) => [item.listingId, item.priceEur])).toEqual([
      ['1', 200],
      ['2', 200],
      ['3', 200],
    ]);
    expect((await ask('/listings?asOf=2026-11-21T00:00:00Z')).body.items).toEqual([]);
  });

  it('refuses a cursor of another question or of nobody', async () => {
    const { body, headers } = await ask('/listings?limit=1');
    expect(headers.get('link')).toBe(`<${body.next}>; rel="next"`);
    const cursor = new URL(body.next, 'http://x').searchParams.get('cursor') ?? '';

    for (const path of [
      `/listings?city=Espoo&cursor=${cursor}`,
      `/executions?cursor=${cursor}`,
      '/listings?cursor=AAAA',
    ]) {
      expect((await ask(path)).body.type).toBe('/api/v1/docs#invalid-cursor');
    }
    const last = cursor.endsWith('A') ? 'B' : 'A';
    expect((await ask(`/listings?limit=1&cursor=${cursor.slice(0, 30)}${last}${cursor.slice(31)}`)).status).toBe(400);
  });

  it.each([
    ['/listings?citi=Espoo', '"citi": expected a known parameter, got an unknown one; did you mean city?'],
    [
      '/status?city=Espoo',
      '"city": expected a known parameter, got an unknown one; leave it out: this answer takes none',
    ],
    ['/listings?city=Espoo&city=Helsinki', 'city: expected it once, got it 2 times'],
    ['/listings?limit=1001', 'limit: expected a whole number from 1 to 1000, got "1001"'],
    ['/listings?sort=price', 'sort: expected newest, cheapest, dearest, largest, id, got "price"'],
    ['/listings?asOf=2026-02-31T00:00:00Z', 'asOf: expected an instant with its zone'],
    ['/listings?asOf=2026-11-21T00:00:00Z&isOffered=true', 'isOffered: expected no such filter beside the others'],
    ['/executions?fromDay=tomorrow', 'fromDay: expected a day such as 2026-11-22, got "tomorrow"'],
    ['/coverage-days?fromDay=2020-01-01', 'fromDay: expected 1 to 400 days until toDay, got 2518'],
  ])('refuses %s with a sentence', async (path, sentence) => {
    const { status, body } = await ask(path);

    expect([status, body.detail]).toEqual([400, expect.stringContaining(sentence)]);
  });
});

describe('all listings as lines', () => {
  it('are the rows of the pages, one a line', async () => {
    const { text, headers } = await vera
      .get('/api/v1/listings', { accept: 'application/x-ndjson' })
      .then(async (response) => ({ text: await response.text(), headers: response.headers }));

    expect(headers.get('content-type')).toContain('application/x-ndjson');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const byId = (one: { listingId: string }, other: { listingId: string }) =>
      one.listingId < other.listingId ? -1 : 1;
    expect(lines.sort(byId)).toEqual((await ask('/listings?sort=id')).body.items);
  });

  it('are filtered as pages are, and refuse what only pages have', async () => {
    const asLines = { accept: 'application/x-ndjson' };
    const espoo = await vera.get('/api/v1/listings?city=Espoo&asOf=2026-11-21T20:00:00Z', asLines);

    expect((await espoo.text()).split('\n').filter((line) => line !== '')).toHaveLength(1);
    expect((await vera.get('/api/v1/listings?limit=2', asLines)).status).toBe(400);
  });
});

describe('what has not changed', () => {
  it('is answered 304 without a look into the database, until something is published', async () => {
    const first = await ask('/listings');
    const tag = first.headers.get('etag') ?? '';
    const before = reads;

    const again = await ask('/listings', { 'if-none-match': tag });

    expect([again.status, again.text, reads]).toEqual([304, '', before]);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    expect(Date.parse(first.headers.get('last-modified') ?? '')).toBeGreaterThan(0);
    await runCity(dashboard.store, 22, { city: 'Espoo', pages: ['3', '4'] });
    await dashboard.publish();
    const changed = await ask('/listings', { 'if-none-match': tag });
    expect([changed.status, changed.body.items.length]).toEqual([200, 4]);
  });
});

describe('the document', () => {
  it('is valid OpenAPI and names every answer', async () => {
    const { body } = await ask('/openapi.json');

    // The validator resolves references in what it is given.
    expect(await validate(structuredClone(body))).toMatchObject({ valid: true });
    expect(Object.keys(body.paths)).toHaveLength(apiRouteList.length);
    expect(body.components.schemas.ListListingsAnswer).toBeDefined();
    expect(openApiDocument(apiRouteList, '1.2.3').info.version).toBe('1.2.3');
  });

  it('is there for people, too, with every parameter, and asks no other host', async () => {
    const page = await vera.page('/api/v1/docs');

    for (const { name, inQuery } of apiRouteList) {
      expect(page).toContain(`id="${name}"`);
      for (const parameter of Object.keys(inQuery)) expect(page).toContain(`<code>${parameter}</code>`);
    }
    expect(page).toContain('<code>pricePerM2Eur</code></th><td>EUR/m2</td>');
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    expect(await vera.page('/api/v1/docs')).toContain('id="not-found"');
  });
});
