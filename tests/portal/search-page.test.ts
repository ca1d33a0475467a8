import { describe, expect, it } from 'vitest';
import type { SearchPage } from '../../src/portal/search-page.ts';
import { parseSearchPage } from '../../src/portal/search-page.ts';

const token = 'ab12'.repeat(16);
const cuid = 'cd34'.repeat(10);
const tags = `<meta name="api-token" content="${token}"><meta  name="loaded" content="1765715199" ><meta name="cuid" content="${cuid}">`;
const failed = 'Pahoittelut, haussa tapahtui virhe. Koita ladata sivu uudelleen.';

function searchPage(
  body: string,
  head: string = tags,
  title = 'Myytävät asunnot: Helsinki 8 512 kpl - Oikotie',
): string {
  return `<!doctype html><html><head><title>${title}</title>${head}</head><body>${body}</body></html>`;
}

function card(id: number, markup: 'v2' | 'v3', price = '245 000 €'): string {
  return (
    `<div class="cards-${markup}__card"><a class="ot-card-${markup}" href="/myytavat-asunnot/helsinki/${id}?src=list">` +
    `<span class="badge">Uusi</span><div class="card-${markup}-text-container__text">Havupolku 7, Kuusikko, Helsinki</div>` +
    `<span class="heading">${price}</span><span class="heading">50,5 m²</span><span>1974</span></a></div>`
  );
}

function read(html: string): SearchPage {
  const page = parseSearchPage(html);
  if (page.kind !== 'search_page') throw new Error(`expected a search page, got ${JSON.stringify(page)}`);
  return page;
}

describe('a search page', () => {
  it('gives its session, and the count of its title', () => {
    expect(read(searchPage('<main></main>'))).toEqual({
      kind: 'search_page',
      session: { token, loaded: '1765715199', cuid },
      portalTotal: 8512,
      messages: [],
      cards: [],
      pagination: null,
      issues: [],
    });
  });

  it('prefers the rendered count', () => {
    const body = '<span class="search-result-controls__found">8 499</span><span>Kohdetta</span>';

    expect(read(searchPage(body)).portalTotal).toBe(8499);
  });

  it('without one of its tags has no session and says so', () => {
    const page = read(searchPage(card(71000001, 'v3'), tags.replace('cuid', 'other')));

    expect(page.session).toBeNull();
    expect(page.issues.map((issue) => issue.code)).toEqual(['MISSING_ELEMENT']);
  });

  it('reads a price with entities in it, as a browser writes them', () => {
    const page = read(searchPage(card(71000001, 'v3', '245&nbsp;000&nbsp;€')));

    expect(page.cards).toMatchObject([{ priceEur: 245_000 }]);
  });

  it.each(['v2', 'v3'] as const)('gives its cards in %s markup', (markup) => {
    const page = read(searchPage(card(71000001, markup) + card(71000002, markup) + card(71000001, markup)));

    expect(page.cards.map(({ listingId }) => listingId)).toEqual(['71000001', '71000002']);
    expect(page.cards[0]).toMatchObject({
      url: 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/71000001',
      dealType: 'sale',
      address: 'Havupolku 7',
      district: 'Kuusikko',
      cityAsPrinted: 'Helsinki',
      priceEur: 245000,
      areaM2: 50.5,
      yearBuilt: 1974,
    });
  });

  it('never gives hidden or off-site links', () => {
    const body =
      `<div style="display: none">${card(71000001, 'v3')}</div><div aria-hidden="true">${card(71000002, 'v3')}</div>` +
      `<a href="https://trap.invalid/myytavat-asunnot/helsinki/71000003">x</a><template>${card(71000004, 'v3')}</template>` +
      `<script type="text/ng-template">${card(71000005, 'v3')}</script>${card(71000006, 'v3')}`;

    expect(read(searchPage(body)).cards.map(({ listingId }) => listingId)).toEqual(['71000006']);
  });

  it.each([
    ['in one block', (cards: string) => `<section><h2>Samankaltaisia asuntoja lähialueilta</h2>${cards}</section>`],
    [
      'with its title in a wrapper',
      (cards: string) =>
        `<section><div><h2>Samankaltaisia asuntoja lähialueilta</h2></div><div>${cards}</div></section>`,
    ],
  ])('drops the similar homes nearby, %s', (_name, block) => {
    const body = `<main><div>${card(71000001, 'v3')}</div>${block(card(72000001, 'v3'))}<div>${card(71000002, 'v3')}</div></main>`;

    expect(read(searchPage(body)).cards.map(({ listingId }) => listingId)).toEqual(['71000001', '71000002']);
  });

  it('knows that a disabled button leads nowhere', () => {
    const body = (disabled: string) =>
      `<div data-currentpage="3" class="pagination"><button class="button" ${disabled}><span>Seuraava</span></button></div>` +
      '<pagination-indication><span>Sivu</span><span>3/3</span></pagination-indication>';

    expect(read(searchPage(body('disabled'))).pagination).toEqual({ page: 3, lastPage: 3, hasNext: false });
    expect(read(searchPage(body(''))).pagination).toEqual({ page: 3, lastPage: 3, hasNext: true });
  });

  it('tells an empty search from a failed one', () => {
    const message = (text: string) => `<div class="search-result__message"><span>${text}</span></div>`;
    const empty = 'Näillä hakuparametreillä ei nyt löytynyt ilmoituksia';

    expect(read(searchPage(message(empty))).messages).toEqual([empty]);
    expect(parseSearchPage(searchPage(message(failed)))).toEqual({ kind: 'error_state', message: failed });
  });

  it('does not take an unrendered template for a failure', () => {
    const body = `<script type="text/ng-template"><div class="search-result__message">${failed}</div></script>`;

    expect(parseSearchPage(searchPage(body)).kind).toBe('search_page');
  });
});

describe('a page that is no search page', () => {
  it('can be a block page', () => {
    expect(parseSearchPage(searchPage('<h1>Request blocked</h1>', '', 'x')).kind).toBe('blocked');
  });

  it('can be an error page', () => {
    expect(parseSearchPage(searchPage(`<p>${failed}</p>`, '', 'x')).kind).toBe('error_state');
  });

  it.each([
    [''],
    ['{"found":0}'],
    [searchPage('<p>Tervetuloa</p>', '', 'x')],
    [searchPage(card(71000001, 'v3')).slice(0, -30)],
    [searchPage('', `${tags}<link rel="canonical" href="https://asunnot.oikotie.fi/myytavat-asunnot/x/71000001">`)],
  ])('can be unknown', (html) => {
    expect(parseSearchPage(html).kind).toBe('unknown');
  });
});
