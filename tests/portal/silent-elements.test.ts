import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutSilentElements } from '../../src/portal/silent-elements.ts';

describe('cutting silent elements out of a page', () => {
  it.each([
    ['drawings', 'a<svg width="1"><path d="M0"/></svg>b', 'ab'],
    ['styles', 'a<style>dt { color: red }</style>b', 'ab'],
    ['scripts of others', 'a<script src="x.js"></script><script>var x = "<dt>";</script>b', 'ab'],
    ['menus and the footer', 'a<nav><a href="/">Etusivu</a></nav>b<footer class="page">Tietosuoja</footer>c', 'abc'],
  ])('drops %s', (_name, html, expected) => {
    expect(withoutSilentElements(html)).toBe(expected);
  });

  it.each([
    ['linked data', '<script type="application/ld+json">{"a":"<svg>"}</script>'],
    ["the page's own data", '<script>var otAsunnot={"html":"<svg>x</svg>"};</script>'],
    ['the breadcrumbs', '<nav><span class="listing-breadcrumbs__item">Helsinki</span></nav>'],
    ['a footer that holds rows', '<footer><dl><dt>Kunto</dt><dd>Hyvä</dd></dl></footer>'],
    ['an element that is cut off', 'a<script>var x = 1;'],
    ['elements whose names only begin alike', '<svgs>a</svgs><scripted>b</scripted>'],
    ['a page without any', '<dl><dt>Kunto</dt><dd>Hyvä</dd></dl>'],
  ])('keeps %s', (_name, html) => {
    expect(withoutSilentElements(html)).toBe(html);
  });

  it('goes on after an element it kept', () => {
    const html = '<script>otAsunnot</script>a<svg></svg>b<style></style>c';

    expect(withoutSilentElements(html)).toBe('<script>otAsunnot</script>abc');
  });

  it('never throws and never adds anything, whatever the text', () => {
    const pieces = fc.constantFrom(
      '<svg>',
      '</svg>',
      '<script ',
      '>',
      '</script>',
      '<style>',
      '</style>',
      'otAsunnot',
      'ä',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const html = parts.join('');
        expect(withoutSilentElements(html).length).toBeLessThanOrEqual(html.length);
      }),
    );
  });
});
