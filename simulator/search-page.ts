/**
 * The search page of the simulated portal: session tokens in metas, no card in its HTML, unrendered templates, and a
 * script that asks the search API and renders the cards, as the real page does in a browser.
 */
import { escapeHtml, scriptJson } from './finnish-format.ts';
import type { PageShell } from './page-shell.ts';
import type { SearchQuery } from './search-query.ts';
import { PAGE_SIZE } from './search-query.ts';
import { searchScript } from './search-script.ts';
import type { SessionTokens } from './session.ts';

export type CardMarkup = 'v2' | 'v3';

const emptyMessage = 'Näillä hakuparametreillä ei nyt löytynyt ilmoituksia';
export const failedMessage =
  'Pahoittelut, haussa tapahtui virhe. Koita ladata sivu uudelleen ja tehdä uusi haku. Jos ongelma jatkuu, olethan yhteydessä asiakaspalveluumme!';

/** The page as UTF-8 bytes. `failed` renders the state in which the search itself broke although the page loads. */
export function renderSearchPage(input: {
  readonly query: SearchQuery;
  readonly tokens: SessionTokens;
  readonly shell: PageShell;
  readonly markup: CardMarkup;
  readonly failed: boolean;
}): Buffer {
  const { query, tokens } = input;
  const vertical = query.dealType === 'sale' ? 'Myytävät asunnot' : 'Vuokra-asunnot';
  const place = query.cities.map((city) => city.name).join(', ') || 'Suomi';
  const head =
    `\n<meta name="api-token" content="${tokens.token}">\n<meta name="loaded" content="${tokens.loaded}">\n` +
    `<meta name="cuid" content="${tokens.cuid}">\n<meta name="ot-cmp-property-id" content="35383">\n` +
    `<script>var otAsunnot=${scriptJson(pageData(query))};window.page='search';</script>`;
  return input.shell.page({
    title: `${vertical}: ${place} - Oikotie, paikallinen vastine`,
    head,
    body: input.failed ? failedBody() : `${resultBody()}${templates()}${scriptOf(input.query, input.markup)}`,
    dealType: query.dealType,
  });
}

function pageData(query: SearchQuery) {
  return {
    params: {
      cardType: query.dealType === 'sale' ? 100 : 101,
      locations: query.cities.map((city) => [city.locationId, 6, city.name]),
    },
    additionalParams: {},
    analytics: { vertical: 'residential', subVertical: query.dealType },
    seoSellPopularCities: [],
    affiliateBrokers: [],
  };
}

function scriptOf(query: SearchQuery, markup: CardMarkup): string {
  return `<script>(${searchScript})(${scriptJson({ markup, pageSize: PAGE_SIZE, offset: query.offset, emptyMessage, failedMessage })});</script>`;
}

function resultBody(): string {
  return (
    '<section class="content search-result"><div class="search-result-controls"><span class="search-result-controls__found"></span>' +
    '<pagination-indication class="pagination-indication"></pagination-indication></div>' +
    '<div class="search-result__messages"></div><spinner class="search-result__spinner"></spinner>' +
    '<search-result-cards></search-result-cards><div class="pagination-place"></div></section>'
  );
}

function failedBody(): string {
  return (
    '<section class="content search-result"><span class="search-result-controls__found">0</span> Kohdetta' +
    `<div class="search-result__message"><span>${escapeHtml(failedMessage)}</span></div></section>`
  );
}

/** Templates stand in the page as the real ones do: text that looks like results but is none. */
function templates(): string {
  const wrap = (name: string, html: string) =>
    `\n<script type="text/ng-template" id="/template/${name}">\n${html}\n</script>\n`;
  const options = Array.from(
    { length: 40 },
    (_, index) => `<option value="${index}">Vaihtoehto ${index}</option>`,
  ).join('\n');
  return (
    wrap(
      'search/result',
      `<div class="search-result__message" ng-if="$ctrl.cards.length === 0"><span>${emptyMessage}</span></div>\n<div class="search-result__message" ng-if="$ctrl.fail"><span>${failedMessage}</span></div>\n<search-result-cards-v3 [cards]="$ctrl.cards"></search-result-cards-v3>`,
    ) +
    wrap(
      'pagination/pagination',
      '<div data-currentpage="{{$ctrl.page}}" class="pagination" ng-show="$ctrl.totalPages > 1"><button class="button" ng-disabled="$ctrl.page === 1"><span>Edellinen</span></button></div>',
    ) +
    wrap(
      'search/card',
      '<div class="cards-v3__card"><a class="ot-card-v3" href="{{card.url}}"><span class="heading">{{card.price}}</span></a></div>',
    ) +
    Array.from({ length: 8 }, (_, index) =>
      wrap(`search/form/form-${100 + index}`, `<div class="search-inputs"><select>\n${options}\n</select></div>`),
    ).join('')
  );
}
