/**
 * Recorded input, read from a folder beside the repository; skipped with a message where that folder is absent.
 * Nothing of it is copied here: only numbers, ids and words of enumerations are expected.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ListingRecord } from '../../src/listings/fields.ts';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import { parseLocationResponse } from '../../src/portal/location-response.ts';
import { readMonthlyEur, readTotalEur } from '../../src/portal/read-amount.ts';
import { readFloor } from '../../src/portal/read-count.ts';
import { readBuildingType } from '../../src/portal/read-word.ts';
import { parseSearchPage } from '../../src/portal/search-page.ts';
import { parseSearchResponse } from '../../src/portal/search-response.ts';
import { readSearchUrl } from '../../src/portal/search-url.ts';
import { listingPage } from './page-builder.ts';

const folder = '../shared/samples';
const isAbsent = !existsSync(folder);
const because = isAbsent ? ` (skipped: ${folder} is absent)` : '';

function sample(path: string): string {
  return readFileSync(`${folder}/${path}`, 'utf8');
}

/** The labels of the recorded listings are keys (`velaton_hinta`); some pages get them as the site prints them. */
function printedLabel(key: string): string {
  const umlauts: readonly (readonly [string, string])[] = [
    ['myyntihinta', 'Myyntihinta'],
    ['neliohinta', 'Neliöhinta'],
    ['yhtiovastike_yhteensa', 'Yhtiövastike yhteensä'],
    ['energialuokka', 'Energialuokka'],
    ['paaomavastike', 'Pääomavastike'],
    ['lammitys', 'Lämmitys'],
    ['tontin_vuokra_paattyy', 'Tontin vuokra päättyy'],
    ['velaton_hinta', 'Velaton hinta'],
    ['isannointi', 'Isännöinti'],
  ];
  return umlauts.find(([name]) => name === key)?.[1] ?? key;
}

const detailsSchema = z.object({
  listings: z.array(
    z.object({
      url: z.string(),
      title: z.string(),
      description: z.string(),
      details: z.record(z.string(), z.string()),
    }),
  ),
});

/** id: price, basis, sale price, area, rooms, floor, floors, year, plot m2, fee, energy class. Written by hand. */
const expectedHomes: Readonly<Record<string, readonly unknown[]>> = {
  '23328035': [209000, 'debt_free_price', 209000, 72.5, 3, 1, 2, 1986, 1158, 200, 'D2018'],
  '23328023': [260000, 'debt_free_price', 245951.51, 66, 3, 2, 3, 1961, 33500, 352, 'C2018'],
  '23327829': [495000, 'debt_free_price', 495000, 66, 3, 2, 5, 1911, 2044.1, 361.6, 'D2013'],
  '23327989': [145000, 'debt_free_price', 123070.07, 70.5, 3, 1, 6, 1971, 1783.4, 423, 'F2007'],
  '23249694': [647000, 'sale_price', 647000, 125, 6, null, null, 1981, 901, null, null],
  '23327806': [3980000, 'debt_free_price', 3075736.69, 219, 6, 7, 7, 2024, 3442, 919.8, 'B2018'],
  '23259575': [349900, 'debt_free_price', 349900, 75.5, 4, 1, 1, 1982, 1286, 453, 'F2013'],
  '23327763': [324000, 'debt_free_price', 309885.11, 110, 4, null, null, 1968, 3275.2, 800, 'E2013'],
  // Two energy classes are printed; none is chosen.
  '23291887': [263000, 'debt_free_price', 246609.98, 71, 3, 1, 4, 1959, 27400, 339.69, null],
  '16731909': [484000, 'debt_free_price', 166120, 81.5, 4, 3, 6, 2023, 1449, 719.64, 'B2018'],
  '23327667': [345000, 'debt_free_price', 291855.07, 60, 3, 2, 3, 1957, 787, 474, 'G2018'],
  '23327609': [355000, 'debt_free_price', 347138.85, 93.5, 4, 3, 3, 1992, 5930, 778.4, 'D2018'],
};

const expectedOthers: Readonly<Record<string, Partial<ListingRecord>>> = {
  '23328035': {
    energyCertificateValidUntil: '2035-06-21',
    availableFrom: '2025-07-01',
    buildingType: 'semi_detached_house',
    condition: 'satisfactory',
    hasEnergyCertificate: true,
    heatingCostEurMonth: 91,
  },
  '23328023': {
    debtShareEur: 14048.49,
    plotRentEurYear: 284184.52,
    plotLeaseEndsOn: '2075-12-31',
    plotOwnership: 'rented',
    saunaFeeEurMonth: 26,
    energyCertificateValidUntil: '2033-12-14',
    hasElevator: false,
    yearInUse: 1961,
  },
  '23249694': { holdingForm: 'real_estate', buildingType: 'detached_house', pricePerM2Eur: null, totalAreaM2: 250 },
  '23327806': {
    plotOwnership: 'optional_rental',
    plotRedemptionEur: 346461.72,
    plotRentFeeEurMonth: 1200.12,
    totalFeeEurMonth: 4294.97,
    energyCertificateValidUntil: '2034-03-12',
  },
  '23291887': { plotRentEurYear: 349656, plotLeaseEndsOn: '2070-12-31', saunaFeeEurMonth: 18.5 },
  '23327609': { plotRentEurYear: 67075.84, plotLeaseEndsOn: '2055-12-31' },
  '16731909': {
    availability: 'Heti vapaa',
    availableFrom: null,
    completesOn: '2023-09-29',
    plotRentFeeEurMonth: null,
    newDevelopment: true,
  },
};

describe.skipIf(isAbsent)(`recorded listings${because}`, () => {
  const { listings } = isAbsent
    ? { listings: [] }
    : detailsSchema.parse(JSON.parse(sample('datasets/detail_labels_12.json')));

  it.each(listings.map((listing, index) => ({ ...listing, index })))(
    '$url is read right',
    ({ url, title, description, details, index }) => {
      const id = url.slice(-8);
      const printsLabels = index % 2 === 0;
      const labels = Object.entries(details).map(
        ([key, value]) => [printsLabels ? printedLabel(key) : key, value] as const,
      );
      const html = listingPage({ listingId: id, title, description, labels });

      const reading = parseListingPage(html, { url, city: 'Helsinki', card: null, collectsPersonalData: false });

      if (reading.kind !== 'listing') throw new Error(`expected a listing, got ${JSON.stringify(reading)}`);
      const { record, issues } = reading;
      expect([
        ...[record.priceEur, record.priceBasis, record.salePriceEur, record.areaM2, record.rooms, record.floor],
        ...[record.floorCount, record.yearBuilt, record.plotAreaM2, record.maintenanceFeeEurMonth, record.energyClass],
      ]).toEqual(expectedHomes[id]);
      expect(record).toMatchObject(expectedOthers[id] ?? {});
      expect(record.address).toBe(title.split(',')[0]);
      expect(record).toMatchObject({ listingId: id, cityAsPrinted: 'Helsinki', title, habitationType: 'ownership' });
      expect(Object.keys(record.otherDetailsJson)).toHaveLength(labels.length);
      const expectedCodes = id === '23291887' ? ['UNREADABLE_VALUE energyClass'] : [];
      expect(issues.map((issue) => `${issue.code} ${issue.field}`)).toEqual(expectedCodes);
    },
  );

  it('are the ones that values are expected for', () => {
    expect(listings.map(({ url }) => url.slice(-8)).sort()).toEqual(Object.keys(expectedHomes).sort());
  });
});

describe.skipIf(isAbsent)(`recorded search page and answers${because}`, () => {
  it('the search page of 2025-12-14 has tokens and a count, no cards, and has not failed', () => {
    expect(parseSearchPage(sample('html/search_page_2025-12-14.html'))).toMatchObject({
      kind: 'search_page',
      session: {
        token: expect.stringMatching(/^23a9dcdc[0-9a-f]{56}$/),
        loaded: '1765715199',
        cuid: expect.stringMatching(/^0c0d4949[0-9a-f]{32}$/),
      },
      portalTotal: 32926,
      messages: [],
      cards: [],
      issues: [],
    });
  });

  it.each(['json/api_cards_2016_real.json', 'json/api_cards_2016_real.wire.json'])('%s has one new flat', (path) => {
    const response = parseSearchResponse(sample(path));

    expect(response).toMatchObject({ kind: 'cards', shape: 'cards', portalTotal: 51321, start: 1, issues: [] });
    expect(response).toMatchObject({
      cards: [
        {
          listingId: '13039686',
          url: 'https://asunnot.oikotie.fi/myytavat-asunnot/tampere/13039686',
          priceEur: 122800,
          areaM2: 32.5,
          rooms: 1,
          yearBuilt: 2016,
          newDevelopment: true,
          publishedAt: '2016-04-30T12:18:09.000Z',
          latitude: 61.43212,
        },
      ],
    });
  });

  it('the partial answer of 2019 loses its collapsed parts only', () => {
    const response = parseSearchResponse(sample('json/api_cards_2019_real_partial.json'));

    expect(response).toMatchObject({
      kind: 'cards',
      cards: [{ listingId: '14908576', priceEur: 38000, areaM2: 12, cityAsPrinted: null }],
    });
    expect(response.kind === 'cards' && response.issues.map((issue) => issue.field)).toEqual([
      'cards[0].buildingData',
      'cards[0].coordinates',
      'cards[0].brand',
    ]);
  });

  it('the newer shape is read', () => {
    expect(parseSearchResponse(sample('json/api_search_new_shape.CONSTRUCTED.json'))).toMatchObject({
      kind: 'cards',
      shape: 'search',
      portalTotal: 14628,
      issues: [],
      cards: [{ listingId: '24618443', priceEur: 209000, areaM2: 31, yearBuilt: 2020, postalCode: '02200' }],
    });
  });

  it.each([
    'json/api_card_detail_2016_real_espoo_plot.json',
    'json/asuntovahti_rows_2026.json',
    'json/location_ids_postcodes.json',
  ])('%s is not taken for cards or places', (path) => {
    expect(parseSearchResponse(sample(path)).kind).toBe('unknown');
    expect(parseLocationResponse(sample(path)).kind).toBe('unknown');
  });

  it('the URLs of the recorded configuration are searches', () => {
    const config = z
      .object({ tasks: z.array(z.object({ url: z.string() })) })
      .parse(JSON.parse(sample('config/seed_config.json')));

    expect(config.tasks.map(({ url }) => readSearchUrl(url).problems)).toEqual([[], []]);
  });
});

describe.skipIf(isAbsent)(`recorded values${because}`, () => {
  it('every price of 100 sales is read to the euro', () => {
    const rows = z
      .array(z.object({ price: z.string() }))
      .parse(JSON.parse(sample('datasets/sale_cards_helsinki_2025-07_100.json')));

    for (const { price } of rows) {
      expect(readTotalEur(price, 'priceEur')).toEqual({ value: Number(price.replace(/\D/g, '')), issues: [] });
    }
    expect(rows).toHaveLength(100);
  });

  it('every rent, floor and building type of 515 rentals is read', () => {
    const schema = z.array(
      z.object({ price: z.number().nullable(), floor: z.string().nullable(), house: z.string().nullable() }),
    );
    const rows = schema.parse(JSON.parse(sample('datasets/rentals_helsinki_2023_every_8th.json')));

    for (const { price, floor, house } of rows) {
      if (price !== null)
        expect(readMonthlyEur(`${price} € / kk`, 'rentEurMonth')).toEqual({ value: price, issues: [] });
      if (floor !== null) expect(readFloor(floor, 'floor').value?.floor).toBe(Number(floor.split('/')[0]));
      if (house !== null) expect(readBuildingType(house, 'buildingType').value).not.toBeNull();
    }
    expect(rows).toHaveLength(515);
  });
});
