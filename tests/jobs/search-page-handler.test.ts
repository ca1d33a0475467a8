import { describe, expect, it } from 'vitest';
import { createDiscovery } from '../../src/jobs/discovery.ts';
import type { JobRequest } from '../../src/jobs/job.ts';
import type { SearchPagePayload } from '../../src/jobs/payloads.ts';
import { createSearchPageHandler } from '../../src/jobs/search-page-handler.ts';
import type { KnownPage } from '../../src/jobs/series-store.ts';
import { portalThat, searchAnswer, searchCard } from './portal-answers.ts';

const clock = { now: () => Date.parse('2026-11-22T04:00:00Z'), sleep: async () => {}, after: () => () => {} };
const payload: SearchPagePayload = {
  executionId: 'daily-2026-11-22',
  city: 'Helsinki',
  searchUrl: 'https://asunnot.oikotie.fi/myytavat-asunnot?locations=%5B%5B64,6,%22Helsinki%22%5D%5D&cardType=100',
  page: 1,
  remaining: null,
};
type Answers = ReturnType<typeof portalThat>;
const handlerOf = (portal: Answers, known: ReadonlyMap<string, KnownPage> = new Map()) =>
  createSearchPageHandler({
    knownPages: { find: async (_city, ids) => new Map([...known].filter(([listingId]) => ids.includes(listingId))) },
    policyOf: () => ({ fetchesAll: false, refreshAfterMs: 7 * 86_400_000 }),
    discovery: createDiscovery({ portal, fetchModeOf: () => 'http', onModeChange: () => {} }),
    clock,
  });
const context = { signal: new AbortController().signal, attempt: 1 };

function cards(count: number, firstId = 20_000_001) {
  return Array.from({ length: count }, (_, index) => searchCard({ cardId: firstId + index }));
}

async function handle(body: string, more: Partial<SearchPagePayload> = {}) {
  const handler = handlerOf(portalThat(() => body));
  const { followUps } = await handler.run({ ...payload, ...more }, context);
  const jobs = followUps.flatMap((job: JobRequest) => [job, ...(job.children ?? [])]);
  const byKind = (kind: string) => jobs.filter((job: JobRequest) => job.kind === kind);
  const [listings, pages, writes] = [byKind('listing'), byKind('search-page'), byKind('store-search-page')];
  return { followUps, listings, pages, writes, checks: byKind('reconcile-list') };
}

describe('search-page job', () => {
  it('hands on every listing of the page and the next page', async () => {
    const { listings, pages, writes } = await handle(searchAnswer(60, cards(24)));

    expect(listings).toHaveLength(24);
    expect(listings[0]?.id).toBe('daily-2026-11-22.listing.helsinki.20000001');
    expect(pages).toMatchObject([{ payload: { page: 2, remaining: null }, priority: 1 }]);
    expect(writes).toMatchObject([{ payload: { portalTotal: 60, isLastPage: false } }]);
  });

  it('asks for the window of its page', async () => {
    const portal = portalThat(() => searchAnswer(60, cards(12)));
    const handler = handlerOf(portal);

    await handler.run({ ...payload, page: 3 }, context);

    expect(portal.asked[0]).toContain('offset=48');
    expect(portal.asked[0]).toContain('limit=24');
  });

  it('ends with the page that reaches the total, and with an empty page', async () => {
    const last = await handle(searchAnswer(60, cards(12)), { page: 3 });
    const empty = await handle(searchAnswer(60, []), { page: 2 });

    expect(last.pages).toEqual([]);
    expect(last.writes).toMatchObject([{ payload: { isLastPage: true } }]);
    expect(empty.pages).toEqual([]);
    expect(empty.writes).toMatchObject([{ payload: { isLastPage: true, listingIds: [] } }]);
  });

  it('has the list held against the total once its last page is written, and not when a limit cuts it', async () => {
    const first = await handle(searchAnswer(60, cards(24)));
    const last = await handle(searchAnswer(60, cards(12)), { page: 3 });
    const limited = await handle(searchAnswer(60, cards(12)), { page: 3, remaining: 20 });

    expect(first.checks).toEqual([]);
    expect(last.checks).toMatchObject([{ queue: 'store', children: [{ kind: 'store-search-page' }] }]);
    expect(limited.checks).toEqual([]);
    expect(limited.writes).toHaveLength(1);
  });

  it('reads pages again as far as it is told to, under names of their own', async () => {
    const reread = { pass: 2, untilPage: 2 };

    const begin = await handle(searchAnswer(60, cards(24)), { reread });
    const end = await handle(searchAnswer(60, cards(24)), { page: 2, reread });

    expect(begin.pages).toMatchObject([{ id: 'daily-2026-11-22.search-page.helsinki.2.pass-2', payload: { page: 2 } }]);
    expect(begin.checks).toEqual([]);
    expect(end.pages).toEqual([]);
    expect(end.checks).toHaveLength(1);
    expect(end.writes).toMatchObject([{ payload: { page: 2, pass: 2 } }]);
  });

  it('drops cards of another municipality and counts them', async () => {
    const mixed = [...cards(3), searchCard({ cardId: 20_000_999, city: 'Vantaa' })];

    const { listings, writes } = await handle(searchAnswer(4, mixed));

    expect(listings).toHaveLength(3);
    expect(writes).toMatchObject([{ payload: { foreignListingIds: ['20000999'] } }]);
  });

  it('keeps a city however its name is printed', async () => {
    const shouted = cards(1).map((card) => ({ ...card, location: { ...card.location, city: 'HELSINKI ' } }));

    expect((await handle(searchAnswer(1, shouted))).listings).toHaveLength(1);
  });

  it('stops at the listing limit and says what it left out', async () => {
    const { listings, pages, writes } = await handle(searchAnswer(60, cards(24)), { remaining: 10 });

    expect(listings).toHaveLength(10);
    expect(pages).toEqual([]);
    expect(writes).toMatchObject([{ payload: { isLastPage: false } }]);
    expect(writes).toMatchObject([{ payload: { skippedListingIds: expect.objectContaining({ length: 14 }) } }]);
  });

  it.each([
    ['an error envelope', '{"code":500,"message":"Virhe"}', 'WRONG_PAGE'],
    ['a block page', '<html><head><title>Access denied</title></head><body>captcha</body></html>', 'BLOCKED'],
    ['a shape it does not know', '{"results":[]}', 'PARSING_ERROR'],
    ['broken JSON', '{"found": 10, "cards": [', 'PARSING_ERROR'],
  ])('never reads %s as an empty list', async (_name, body, category) => {
    await expect(handle(body)).rejects.toMatchObject({ category });
  });

  it('records the page when it is given up', () => {
    const handler = handlerOf(portalThat(() => ''));

    const followUps = handler.onGivenUp?.(payload, {
      code: 'HTTP_500',
      category: 'SERVER_ERROR',
      message: 'the portal answered 500',
      status: 500,
      attempts: 4,
    });

    expect(followUps).toMatchObject([
      {
        kind: 'store-failure',
        payload: { listingId: null, page: 1, jobKind: 'search-page', attempts: 4, status: 500 },
      },
    ]);
  });
});
