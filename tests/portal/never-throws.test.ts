import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import { parseLocationResponse } from '../../src/portal/location-response.ts';
import { readRobots } from '../../src/portal/robots.ts';
import { parseSearchPage } from '../../src/portal/search-page.ts';
import { parseSearchResponse } from '../../src/portal/search-response.ts';
import { readSearchUrl } from '../../src/portal/search-url.ts';
import { listingPage, pageUrl, saleLabels } from './page-builder.ts';

const context = { url: pageUrl(), city: 'Helsinki', card: null, collectsPersonalData: false };

const markup = fc
  .array(
    fc.constantFrom(
      ...[
        '<dt>',
        '</dt>',
        '<dd>',
        '</dd>',
        '<a href="',
        '">',
        '<script>',
        '</script>',
        '<!--',
        '-->',
        '<',
        '>',
        '&',
        '\0',
      ],
      ...[
        'Velaton hinta',
        '1 €',
        'Vuokra',
        '</html>',
        '<svg>',
        '<title>',
        '&#0;',
        '&euro',
        ']]>',
        '<![CDATA[',
        '</body>',
      ],
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

describe('parsers never throw', () => {
  it('on a listing page with a piece of it replaced', () => {
    const html = listingPage();
    const place = fc.integer({ min: 0, max: html.length });
    fc.assert(
      fc.property(place, place, fc.oneof(markup, fc.string({ unit: 'binary' })), (first, second, piece) => {
        const [from, to] = first < second ? [first, second] : [second, first];

        const reading = parseListingPage(html.slice(0, from) + piece + html.slice(to), context);

        expect(['listing', 'removed', 'blocked', 'error_state', 'unknown']).toContain(reading.kind);
      }),
      { numRuns: 400 },
    );
  });

  it('and are quick on texts made to be slow', () => {
    const runs = [' ', ',', ':', '1 ', '_', '(', '0 4 ', 'a', '\n ', 'ei', '.', '1.'].map((part) =>
      part.repeat(100_000 / part.length),
    );
    for (const run of runs) {
      const labels = [...saleLabels, [`Uusi ${run} x`, `1${run}\n${run}@ x`] as const];
      const html = listingPage({ labels, description: `1${run}\n${run}(at) x`, title: `1${run}- x` });
      const startedAt = process.cpuUsage();

      parseListingPage(html.replace('50 m²', `5${run} x`).replace('Helsinki</dd>', `1${run}</dd>`), context);
      parseSearchPage(html);

      expect(process.cpuUsage(startedAt).user / 1000, JSON.stringify(run.slice(0, 4))).toBeLessThan(2_000);
    }
  });

  it('on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), markup), (text) => {
        parseListingPage(text, { ...context, url: text });
        parseSearchPage(text);
        parseSearchResponse(text);
        parseLocationResponse(text);
        readSearchUrl(text);
        readRobots(text, 'oikotie').isAllowed(text);
      }),
      { numRuns: 300 },
    );
  });

  it('on any JSON, which is never read as an empty list by mistake', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseSearchResponse(text).kind).not.toBe('cards');
      }),
      { numRuns: 300 },
    );
  });

  it('on cards of any shape', () => {
    const card = fc.record(
      {
        cardId: fc.oneof(fc.integer({ min: 1, max: 99_999_999 }), fc.jsonValue()),
        url: fc.oneof(fc.constant(pageUrl()), fc.jsonValue()),
        data: fc.jsonValue(),
        location: fc.jsonValue(),
        meta: fc.jsonValue(),
        company: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(card), (cards) => {
        const response = parseSearchResponse(JSON.stringify({ found: cards.length, cards, secondaryCards: [] }));

        expect(response.kind === 'cards' && response.cards.length + response.brokenCards).toBe(cards.length);
      }),
      { numRuns: 300 },
    );
  });
});
