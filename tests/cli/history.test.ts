import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { momentOf } from '../../cli/grammar/grammar.ts';
import { runHistory } from '../../cli/history.ts';
import { runListings } from '../../cli/listings.ts';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { runCity } from '../storage/city-run.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, openForWriting } from '../storage/samples.ts';
import { terminal } from './terminal-texts.ts';

let folder: TestFolder;
let databasePath: string;

const home = { address: 'Erätie 12 A 5', district: 'Tapanila', floor: 3, areaM2: 54.5 } as const;

/** A home that gets cheaper, is gone for a day, comes back, is gone for good and is listed again under the id 2. */
beforeAll(async () => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  const database = await openForWriting(databasePath);
  const store = createSeriesStore({ database, clock: systemClock });
  const other = { pages: ['9'], fields: { address: 'Muutie 1' } };
  await runCity(store, 1, { pages: ['1'], fields: { ...home, priceEur: 209_000 } });
  await runCity(store, 1, other);
  const cheaper = {
    ...home,
    priceEur: 199_000,
    description: 'Nyt \u001b[31mheti',
    otherDetailsJson: { Kunto: 'Uusi' },
  };
  await runCity(store, 2, { pages: ['1'], cards: ['9'], fields: cheaper });
  for (const day of [3, 4]) await runCity(store, day, { cards: ['9'] });
  await runCity(store, 5, { pages: ['1'], cards: ['9'], fields: cheaper });
  await runCity(store, 6, { cards: ['9'], gone: { 1: 'LISTING_SOLD' } });
  await runCity(store, 7, { pages: ['2'], cards: ['9'], fields: { ...home, priceEur: 220_000 } });
  await runCity(store, 8, { cards: ['2', '9'], gone: {} });
  await database.close();
});

afterAll(() => folder.remove());

describe('oikotie history', () => {
  it('tells what happened to a listing, with the times of Helsinki', async () => {
    const { io, texts } = terminal();

    const code = await runHistory({ databasePath, listingId: '1', json: false }, io);

    expect(code).toBe(0);
    expect(texts.stdout.split('\n')).toEqual([
      'Listing 1: Erätie 12 A 5, Tapanila, Helsinki',
      'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/1',
      '',
      '2026-11-01 05:02  first seen',
      '                  first price: 209,000 €',
      '2026-11-02 05:02  price cut: 209,000 -> 199,000 € (-10,000 €, -4.78 %)',
      '                  description: changed',
      '                  price_eur: 209,000 -> 199,000',
      '                  other_details_json: Kunto: Hyvä -> Uusi; Huoneita: 2 -> none',
      '2026-11-03 05:00  gone',
      '2026-11-05 05:02  offered again',
      '2026-11-06 05:02  gone (sold)',
      '',
      'On the market 3.0 days until 2026-11-06 05:02, listed 2026-11-01 05:02.',
      'Later listing of its home: 2 (score 0.95: same street, number and flat, same area, same number of',
      '  rooms, same floor)',
      '',
    ]);
  });

  it('counts the days of the earlier listing of a home', async () => {
    const { io, texts } = terminal();

    await runHistory({ databasePath, listingId: '2', json: false }, io);

    expect(texts.stdout).toMatch(
      /On the market [\d.]+ days so far, listed 2026-11-07 05:02; with the\s+earlier listing of its home/,
    );
    expect(texts.stdout).toContain('Earlier listing of its home: 1 (score 0.95');
  });

  it('gives everything as JSON', async () => {
    const { io, texts } = terminal();

    await runHistory({ databasePath, listingId: '1', json: true }, io);

    expect(JSON.parse(texts.stdout)).toMatchObject({
      listingId: '1',
      listing: { gone_reason: 'sold' },
      versions: [
        { price_eur: 209_000, valid_from: '2026-11-01T03:02:00.000Z', end_reason: 'changed' },
        { price_eur: 199_000, end_reason: 'gone', other_details_json: { Kunto: 'Uusi' } },
        { valid_to: '2026-11-06T03:02:00.000Z' },
      ],
      priceEvents: [{ kind: 'first' }, { kind: 'cut', amount_eur: -10_000 }],
      marketTimes: { earlier_listings: 0 },
      earlier: [],
      later: [{ listing_id: '2', score: 0.95 }],
    });
  });

  it('says that a listing is not there, and how to find one', async () => {
    const { io, texts } = terminal();

    expect(await runHistory({ databasePath, listingId: '77', json: false }, io)).toBe(2);
    expect(texts.stdout).toBe('');
    expect(texts.stderr).toMatch(/^history of "77": expected .+; see: oikotie listings\n$/);
  });
});

describe('oikotie listings --as-of', () => {
  const idsAt = async (asOf: string) => {
    const { io, texts } = terminal();
    await runListings({ databasePath, asOf: momentOf(asOf), limit: 20, json: true }, io);
    const rows = JSON.parse(texts.stdout) as readonly { listing_id: string; price_eur: number }[];
    return rows.map((row) => `${row.listing_id} ${row.price_eur}`).sort();
  };

  it('shows what was offered at an instant, or at the end of a day in Helsinki', async () => {
    expect(await idsAt('2026-10-31')).toEqual([]);
    expect(await idsAt('2026-11-01')).toEqual(['1 209000', '9 200']);
    expect(await idsAt('2026-11-02T03:01:00Z')).toEqual(['1 209000', '9 200']);
    expect(await idsAt('2026-11-02T05:02:00+02:00')).toEqual(['1 199000', '9 200']);
    expect(await idsAt('2026-11-04')).toEqual(['9 200']);
    expect(await idsAt('2026-11-07')).toEqual(['2 220000', '9 200']);
  });

  it('says of which time the table is', async () => {
    const { io, texts } = terminal();

    await runListings({ databasePath, asOf: momentOf('2026-11-01'), limit: 1, json: false }, io);

    expect(texts.stderr).toBe('1 of 2 listings, as of 2026-11-01T21:59:59.999Z\n');
    expect(texts.stdout).toContain('2026-11-01');
  });

  it.each(['yesterday', '2026-02-30', '2026-11-02T03:01', '2026-02-30T10:00:00Z', '2026-11-02T25:00:00Z'])(
    'refuses %s',
    (text) => {
      expect(() => momentOf(text)).toThrow(/^expected a (day|calendar day)/);
    },
  );
});
