/** How the list of a city is read: by the JSON search, by a browser, and from one to the other and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RenderedPage } from '../../src/crawl/fetcher.ts';
import { ScraperError } from '../../src/errors.ts';
import type { ModeChange } from '../../src/jobs/discovery.ts';
import { createDiscovery } from '../../src/jobs/discovery.ts';
import type { DiscoveryState } from '../../src/jobs/discovery-mode.ts';
import { afterAnswer, afterBreak, afterBrowserPage, initialDiscovery } from '../../src/jobs/discovery-mode.ts';
import { readRenderedPage } from '../../src/jobs/read-search-page.ts';
import { readSearchUrl } from '../../src/portal/search-url.ts';
import { portalThat, searchAnswer, searchCard } from './portal-answers.ts';

const { search } = readSearchUrl(
  'https://asunnot.oikotie.fi/myytavat-asunnot?locations=%5B%5B64,6,%22Helsinki%22%5D%5D&cardType=100',
);
if (search === null) throw new Error('expected a search URL that can be read');
const signal = new AbortController().signal;
const good = searchAnswer(500, [searchCard({ cardId: 20_000_001 })]);

interface PageParts {
  readonly cards?: number;
  readonly found?: string;
  readonly pages?: string;
  readonly message?: string;
}

function pageHtml({ cards = 24, found = '', pages = '', message = '' }: PageParts): string {
  const links = Array.from(
    { length: cards },
    (_, index) =>
      `<a href="/myytavat-asunnot/helsinki/${20_000_001 + index}"><span>Keksittykatu 1, Keksintö, Helsinki</span></a>`,
  );
  return `<html><body><span class="search-result-controls__found">${found}</span>${pages}
    <div class="search-result__message">${message}</div>${links.join('')}</body></html>`;
}

function rendered(body: string, answers: readonly string[] = []): RenderedPage {
  const url = 'https://asunnot.oikotie.fi/myytavat-asunnot';
  const response = {
    url,
    finalUrl: url,
    status: 200,
    headers: {},
    body,
    bodyBytes: body.length,
    sha256: 'a'.repeat(64),
    durationMs: 5,
    fetchedAtUtc: '2026-11-22T04:00:00.000Z',
  };
  return { ...response, answers: answers.map((text) => ({ ...response, url: `${url}/api/search`, body: text })) };
}

/** A city in `auto` whose JSON search answers as `api` says, page after page; the browser always works. */
function autoCity(api: () => string) {
  const portal = portalThat(() => api());
  const changes: ModeChange[] = [];
  const discovery = createDiscovery({
    portal: { search: portal.search, searchPage: async () => rendered(pageHtml({ found: '500' })) },
    fetchModeOf: () => 'auto',
    onModeChange: (change) => changes.push(change),
  });
  const read = (page: number, executionId = 'daily-2026-11-22') =>
    discovery.read({ executionId, city: 'Helsinki', search: search as NonNullable<typeof search>, page, signal });
  return { portal, changes, read };
}

describe('discovery in auto', () => {
  it('reads by the browser while the search has an unknown shape, says so once, and goes back by itself', async () => {
    let body = '{"results":[]}';
    const { portal, changes, read } = autoCity(() => body);

    const modes: string[] = [];
    for (let page = 1; page <= 9; page += 1) modes.push((await read(page)).fetchMode);
    body = good;
    for (let page = 10; page <= 12; page += 1) modes.push((await read(page)).fetchMode);

    expect(modes).toEqual([...Array.from({ length: 10 }, () => 'browser'), 'http', 'http']);
    expect(portal.asked).toHaveLength(3);
    expect(changes).toMatchObject([
      { city: 'Helsinki', mode: 'browser', reason: expect.stringContaining('expected {found, cards[]}') },
      { city: 'Helsinki', mode: 'http' },
    ]);
  });

  it('begins anew with the JSON search in the next run', async () => {
    let body = '{"results":[]}';
    const { read } = autoCity(() => body);
    await read(1);
    body = good;

    expect((await read(1, 'daily-2026-11-23')).fetchMode).toBe('http');
  });

  it.each([
    ['SERVER_FAILED', 'SERVER_ERROR'],
    ['NETWORK_FAILED', 'NETWORK_ERROR'],
    ['REQUEST_TIMEOUT', 'TIMEOUT'],
    ['RATE_LIMITED', 'RATE_LIMIT'],
  ] as const)('leaves a portal in peace that answers %s', async (code, category) => {
    const { changes, read } = autoCity(() => {
      throw new ScraperError(code, 'the portal is in trouble', { category });
    });

    await expect(read(1)).rejects.toMatchObject({ code });
    expect(changes).toEqual([]);
  });

  it('takes the refusal of another address for what it is', async () => {
    const { read } = autoCity(() => {
      const details = { url: 'https://asunnot.oikotie.fi/myytavat-asunnot', status: 403 };
      throw new ScraperError('PORTAL_REFUSED', 'the session page is refused', { category: 'BLOCKED', details });
    });

    await expect(read(1)).rejects.toMatchObject({ code: 'PORTAL_REFUSED' });
  });
});

describe('the discovery mode', () => {
  const events = fc.array(fc.constantFrom('break', 'answer', 'page'), { maxLength: 400 });

  it('never keeps the search untried for more than 160 pages, and always returns to it after an answer', () => {
    fc.assert(
      fc.property(events, (sequence) => {
        let state: DiscoveryState = initialDiscovery;
        for (const event of sequence) {
          if (event === 'page') state = state.mode === 'browser' ? afterBrowserPage(state) : state;
          else state = event === 'break' ? afterBreak(state) : afterAnswer();
          expect(state.pagesUntilProbe).toBeLessThanOrEqual(160);
          expect(state.mode === 'browser').toBe(state.pagesUntilProbe > 0);
        }
      }),
    );
  });
});

describe('a page as a browser shows it', () => {
  const url = 'https://asunnot.oikotie.fi/myytavat-asunnot?pagination=2';
  const lastOf = (parts: PageParts, page: number) => readRenderedPage(rendered(pageHtml(parts)), url, page).isLastPage;

  it('ends the list by its total, else by its pages, else by a page that is not full', () => {
    const pages = '<pagination-indication>Sivu 2/3</pagination-indication>';

    expect([lastOf({ found: '48' }, 2), lastOf({ found: '49' }, 2)]).toEqual([true, false]);
    expect([lastOf({ pages }, 2), lastOf({ pages: pages.replace('2/3', '3/3') }, 3)]).toEqual([false, true]);
    expect([lastOf({}, 2), lastOf({ cards: 7 }, 2)]).toEqual([false, true]);
  });

  it('lists nothing when the portal shows another page than the one asked for', () => {
    const pages = '<pagination-indication>Sivu 3/3</pagination-indication>';

    expect(readRenderedPage(rendered(pageHtml({ pages })), url, 7)).toMatchObject({ cards: [], isLastPage: true });
  });

  it.each([
    ['the portal says it failed', 'Pahoittelut, haussa tapahtui virhe.', [], 'WRONG_PAGE'],
    ['its search got a block page', 'Pahoittelut, haussa tapahtui virhe.', ['<h1>Access denied</h1>'], 'BLOCKED'],
    ['its search got half an answer', 'Pahoittelut, haussa tapahtui virhe.', ['{"found": 10,'], 'PARSING_ERROR'],
    ['there is nothing on it', '', [], 'PARSING_ERROR'],
  ] as const)('is never an empty list when %s', (_name, message, answers, category) => {
    const page = rendered(pageHtml({ cards: 0, found: '0', message }), answers);

    expect(() => readRenderedPage(page, url, 1)).toThrow(expect.objectContaining({ category }));
  });
});
