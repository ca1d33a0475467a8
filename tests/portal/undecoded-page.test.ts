import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/crawl/body.ts';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import { listingPage } from './page-builder.ts';
import { contextOf } from './read-page.ts';

const html = 'text/html; charset=utf-8';
const parts = {
  description: 'Valoisa koti Töölössä, 5 € & meri 🏠 \u00a0ראשון',
  title: 'Käpylä – kerrostalo 🏠',
};

function expectSameReading(bytes: Buffer): void {
  const page = textOf(bytes, html);

  expect(parseListingPage(page, contextOf(parts))).toEqual(parseListingPage(page.whole(), contextOf(parts)));
}

describe('a page that is read by its bytes says the same as its text', () => {
  it('with letters, signs and emoji in its labels, texts and attributes', () => {
    const page = listingPage(parts);

    const reading = parseListingPage(textOf(Buffer.from(page), html), contextOf(parts));

    expect(reading).toMatchObject({
      kind: 'listing',
      record: { description: expect.stringContaining('Töölössä, 5 €') },
    });
    expectSameReading(Buffer.from(page));
  });

  it('with a text that is longer than most', () => {
    const long = { ...parts, description: `${'Töölön meri 🏠 '.repeat(1_000)}loppu` };
    const page = Buffer.from(listingPage(long));

    const reading = parseListingPage(textOf(page, html), contextOf(long));

    expect(reading).toMatchObject({ kind: 'listing', record: { description: long.description } });
    expectSameReading(page);
  });

  it('with bytes that are no characters, anywhere', () => {
    const page = Buffer.from(listingPage(parts));
    const place = fc.integer({ min: 0, max: page.length });
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: 'binary', maxLength: 12 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(place, piece, (at, bytes) => {
        expectSameReading(Buffer.concat([page.subarray(0, at), bytes, page.subarray(at)]));
      }),
      { numRuns: 300 },
    );
  });
});
