import { describe, expect, it } from 'vitest';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import { listingPage } from './page-builder.ts';
import { contextOf } from './read-page.ts';

describe('pages that are no listing', () => {
  const context = contextOf({});
  const shell = (body: string, head = '') =>
    `<!doctype html><html lang="fi"><head><title>Havupolku 7, Helsinki</title>${head}</head><body>${body}</body></html>`;

  it.each([
    ['<h1>Kohde on poistunut</h1>', 'removed', 'Kohde on poistunut'],
    ['<h1>Kohde on <b>poistunut</b></h1><p>Katso muut kohteet.</p>', 'removed', 'Kohde on poistunut'],
    ['<div><h1>Kohde on myyty</h1><p>Kohde on myyty eikä se ole enää nähtävillä.</p></div>', 'sold', 'Kohde on myyty'],
    ['<span class="badge">Myyty</span>', 'sold', 'Myyty'],
  ])('%s is a page of a removed listing', (body, reason, evidence) => {
    expect(parseListingPage(shell(body), context)).toEqual({ kind: 'removed', reason, evidence });
  });

  it.each([
    { description: 'Talo myyty aiemmin. Kohde on myyty kerran ennenkin.' },
    { extraBody: '<script>var texts = ["Kohde on poistunut"];</script>' },
    { extraBody: '<p>Kohde on poistunut</p>' },
  ])('a page with a price table is a listing, whatever else it says', (parts) => {
    expect(parseListingPage(listingPage(parts), context).kind).toBe('listing');
  });

  it('words in a script or a hidden element do not make a page removed or blocked', () => {
    const body =
      '<script>"Kohde on poistunut captcha"</script><div style="display:none">Access denied</div><p>Tervetuloa</p>';

    expect(parseListingPage(shell(body), context).kind).toBe('unknown');
  });

  it.each([
    ['<h1>Access Denied</h1>', ''],
    ['<p>Vahvista, että et ole robotti: oletko robotti?</p>', ''],
    ['<p>Hetki…</p>', '<script src="https://x.invalid/captcha.js"></script>'],
  ])('%s is a block page', (body, head) => {
    expect(parseListingPage(shell(body, head), context).kind).toBe('blocked');
  });

  it('an error page is an error state', () => {
    const message = 'Pahoittelut, sivulla tapahtui virhe.';

    expect(parseListingPage(shell(`<p>${message}</p>`), context)).toEqual({ kind: 'error_state', message });
  });

  it('a page that is cut off anywhere is unknown', () => {
    const html = listingPage();

    for (let length = 0; length < html.lastIndexOf('</body'); length += 97) {
      expect(parseListingPage(html.slice(0, length), context).kind, `cut at ${length}`).toBe('unknown');
    }
  });

  it.each([
    ['latin1 as UTF-8', (html: string) => Buffer.from(html, 'latin1').toString('utf8')],
    ['UTF-8 as latin1', (html: string) => Buffer.from(html, 'utf8').toString('latin1')],
  ])('a page decoded from %s is unknown', (_name, spoil) => {
    expect(parseListingPage(spoil(listingPage()), context).kind).toBe('unknown');
  });

  it('a page that names another listing is unknown', () => {
    const reading = parseListingPage(listingPage({ namedId: '71000002' }), context);

    expect(reading).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('71000002') });
  });

  it.each([
    'https://asunnot.oikotie.fi/myytavat-asunnot',
    'nonsense',
    'https://asunnot.oikotie.fi/artikkelit/x/71000001',
  ])('refuses %s as the URL of a listing', (url) => {
    expect(parseListingPage(listingPage(), { ...context, url }).kind).toBe('unknown');
  });

  it.each(['', '<', '{"code":1}', '<html></html>', '\0\0', '<dt>'.repeat(5000)])('nonsense is unknown', (html) => {
    expect(parseListingPage(html, context).kind).toBe('unknown');
  });
});

describe('malformed markup', () => {
  it.each([
    ['unclosed cells', (html: string) => html.replaceAll('</dd>', '').replaceAll('</dt>', '')],
    [
      'upper case tags',
      (html: string) => html.replace(/<(\/?)(d[tdl]|div)\b/g, (_all, slash, tag) => `<${slash}${tag.toUpperCase()}`),
    ],
    ['no body end', (html: string) => html.replace('</body>', '')],
    ['unquoted attributes', (html: string) => html.replaceAll('class="info-table__title"', 'class=info-table__title')],
    ['stray end tags', (html: string) => html.replaceAll('</dl>', '</dl></span></p></section>')],
  ])('with %s still gives the whole record', (_name, spoil) => {
    const reading = parseListingPage(spoil(listingPage()), contextOf({}));

    expect(reading).toMatchObject({ kind: 'listing', issues: [], record: { priceEur: 200000, areaM2: 50, rooms: 2 } });
  });
});
