/**
 * The scanner against htmlparser2, with which pages were read before: the same events, and so the same record and issues,
 * on whole pages, on cut ones, on mutated ones and on markup put together at random. The seed is fixed: what differs
 * by a letter of a cut tag, in one markup of ten thousand, must not make a run of the tests fail once a year.
 */
import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import type { PageEvents } from '../../src/portal/page-scanner.ts';
import { scanPage } from '../../src/portal/page-scanner.ts';
import { withoutSilentElements } from '../../src/portal/silent-elements.ts';
import { listingPage } from './page-builder.ts';

type Event = readonly ['open' | 'text' | 'close', ...(string | boolean)[]];

const askedAttributes = ['class', 'href', 'rel', 'name', 'property', 'content', 'type', 'src'] as const;
const runs = { seed: 20_261_130, numRuns: 1_500 };

/** Texts that follow each other are one: into how many pieces one is cut says nothing. */
function addText(events: Event[], text: string): void {
  const last = events.at(-1);
  if (last?.[0] === 'text') events[events.length - 1] = ['text', `${String(last[1])}${text}`];
  else events.push(['text', text]);
}

function scannedEvents(html: string): readonly Event[] {
  const events: Event[] = [];
  const listener: PageEvents = {
    wantsText: true,
    open: (name, attributes) =>
      void events.push(['open', name.toLowerCase(), ...askedAttributes.map((each) => attributes.get(each) ?? false)]),
    text: (text) => addText(events, text),
    close: (name, isImplied) => void events.push(['close', name.toLowerCase(), isImplied]),
  };
  scanPage(html, listener);
  return events;
}

/**
 * By how far a tag has come that the end of the page cuts off, htmlparser2 takes its last letters for text. Real text
 * begins where the page or a tag ended, or with a `<` that began nothing.
 */
function isOfCutTag(html: string, text: string): boolean {
  const start = html.length - text.length;
  return start > 0 && html[start - 1] !== '>' && !text.startsWith('<');
}

function referenceEvents(html: string): readonly Event[] {
  const events: Event[] = [];
  const parser = new Parser(
    {
      onopentag: (name, attributes) =>
        void events.push(['open', name.toLowerCase(), ...askedAttributes.map((each) => attributes[each] ?? false)]),
      ontext: (text) => {
        const isLast = parser.endIndex === html.length - 1;
        if (!isLast || !isOfCutTag(html, text)) addText(events, text);
      },
      onclosetag: (name, isImplied) => void events.push(['close', name.toLowerCase(), isImplied]),
    },
    { decodeEntities: false },
  );
  parser.end(html);
  return events;
}

function expectSameEvents(html: string): void {
  expect(scannedEvents(html)).toEqual(referenceEvents(html));
}

const extra =
  '<svg viewBox="0 0 1 1"><title>Kartta</title><path d="M0"/><g><path/></g></svg><form><form><input></form></form>' +
  '<ul><li>a<li>b</ul><table><tr><td>1<td>2<tr><th>3</table><p>x<div>y</p></br><br/><IMG SRC=a.png><!-- dt --->' +
  '<a href=/x/1>a<a href="/x/2">b</a><select><option>1<option>2</select><textarea><dd></textarea><![CDATA[z]]>';
const page = listingPage({ extraBody: extra, head: '<script type="application/ld+json">{"a":"</b>"}</script>' });

const pieces = fc.constantFrom(
  ...['<dt>', '</dt>', '<dd class="x">', '</dd>', '<dl>', '</dl>', '<a href="/a">', '</a>', '<div\n id=1 class=b/>'],
  ...['</div>', '<p>', '</p>', '</br>', '<br/>', '<script>', '</script>', '</SCRIPT >', '<script src=a />', '<style>'],
  ...['</style>', '<title>', '</title>', '<textarea>', '</textarea', '<svg>', '</svg>', '<svg/>', '<path d="a>b"/>'],
  ...['<math>', '</math>', '<mi>', '</mi>', '<svg><foreignObject>', '</foreignObject>', '<form>', '</form>', '<image>'],
  ...['<!--', '-->', '--!>', '<!-->', '<!--->', '-', '<!doctype html>', '<!d', '<!', '<![CDATA[', ']]>', '<?x', '?>'],
  ...['<', '>', '</', '/', '=', '"', "'", ' ', '\t', '\n', 'class=', 'href', 'CLASS="A"', '&amp;', 'ä', '\0', 'teksti'],
  ...['<li>', '<tr>', '<td>', '</table>', '<select>', '<option>', '<h2>', '</h2>', '<body>', '</body>', '</html>'],
  ...['<custom-row>', '</custom-row>', '<P ', '<plaintext>', '</ p>', '<1>', '<x', '<meta name=a content="b">'],
);
const markup = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));

describe('the scanner of pages gives the events of htmlparser2', () => {
  it('for a whole page, and for one without its silent elements', () => {
    expectSameEvents(page);
    expectSameEvents(withoutSilentElements(page));
  });

  it('for a page that is cut off anywhere', () => {
    for (let length = 0; length < page.length; length += 7) expectSameEvents(page.slice(0, length));
  });

  it('for a page with a piece of it replaced', () => {
    const place = fc.integer({ min: 0, max: page.length });
    fc.assert(
      fc.property(place, place, fc.oneof(markup, fc.string({ unit: 'binary' })), (first, second, piece) => {
        const [from, to] = first < second ? [first, second] : [second, first];
        expectSameEvents(page.slice(0, from) + piece + page.slice(to));
      }),
      { ...runs, numRuns: 300 },
    );
  });

  it('for markup put together at random', () => {
    fc.assert(fc.property(markup, expectSameEvents), runs);
  });

  it('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), expectSameEvents), runs);
  });
});

describe('the scanner of pages', () => {
  it('cuts out no text that nobody wants', () => {
    const texts: string[] = [];
    const state = { wantsText: false };
    scanPage('<p>a</p><dd>b</dd><p>c</p>', {
      get wantsText() {
        return state.wantsText;
      },
      open: (name) => {
        state.wantsText = name === 'dd';
      },
      text: (text) => void texts.push(text),
      close: () => {
        state.wantsText = false;
      },
    });

    expect(texts).toEqual(['b']);
  });

  it('takes time in proportion to the page, whatever is repeated in it', () => {
    const shapes = [
      '<',
      '<a',
      '<a b',
      '</',
      '<!--',
      '<![CDATA[',
      '<div>',
      '<p><a>',
      '<script></',
      '<svg>',
      '<x =',
      '"',
    ];
    for (const shape of shapes) {
      const html = shape.repeat(Math.floor(200_000 / shape.length));
      const startedAt = process.cpuUsage();

      scanPage(html, { wantsText: true, open: () => {}, text: () => {}, close: () => {} });

      expect(process.cpuUsage(startedAt).user / 1000, shape).toBeLessThan(1_000);
    }
  });
});
