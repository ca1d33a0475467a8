import { describe, expect, it } from 'vitest';
import { parseLocationResponse } from '../../src/portal/location-response.ts';
import type { SearchCards } from '../../src/portal/search-response.ts';
import { parseSearchResponse } from '../../src/portal/search-response.ts';

const newCard = {
  cardId: 71000001,
  cardType: 100,
  cardSubType: 1,
  url: 'https://asunnot.oikotie.fi/myytavat-asunnot/espoo/71000001?origin=search',
  status: 1,
  data: {
    description: 'Koti',
    rooms: 3,
    roomConfiguration: '3h+k+s',
    price: '245\u00a0951,51\u00a0€',
    size: '74,5 m²',
    buildYear: '1974',
    sizeMin: 74.5,
    newDevelopment: false,
  },
  location: {
    address: 'Havupolku 7',
    district: 'Kuusikko',
    city: 'Espoo ',
    zipCode: '02999',
    latitude: 60.2,
    longitude: 24.6,
  },
  meta: { published: '2026-07-31 11:23:45', contractType: 1, priceChanged: null },
  company: { companyName: 'Kotikuusi LKV Oy', realtorName: 'Aino Kaislanen' },
};

const oldCard = {
  id: 71000002,
  rooms: 1,
  roomConfiguration: '1h, kt',
  price: '872 € / kk',
  published: '2016-04-30T12:18:09Z',
  size: 32.5,
  sizeMin: null,
  cardType: 101,
  contractType: 2,
  buildingData: { address: 'Lepikkotie 6 B', district: 'Suvela', city: 'Jyväskylä', year: 2016 },
  coordinates: { latitude: 62.2, longitude: 25.7 },
  brand: { name: 'Kaarna LKV' },
};

function answer(...cards: readonly unknown[]): string {
  return JSON.stringify({ found: 14628, start: 0, cards, secondaryCards: [] });
}

function cardsOf(text: string): SearchCards {
  const response = parseSearchResponse(text);
  if (response.kind !== 'cards') throw new Error(`expected cards, got ${JSON.stringify(response)}`);
  return response;
}

describe('a search answer', () => {
  it('of the newer shape is read into cards', () => {
    const response = cardsOf(answer(newCard));

    expect(response).toMatchObject({ shape: 'search', portalTotal: 14628, start: 0, brokenCards: 0, issues: [] });
    expect(response.cards).toEqual([
      {
        listingId: '71000001',
        url: 'https://asunnot.oikotie.fi/myytavat-asunnot/espoo/71000001',
        dealType: 'sale',
        cityAsPrinted: 'Espoo',
        district: 'Kuusikko',
        address: 'Havupolku 7',
        postalCode: '02999',
        latitude: 60.2,
        longitude: 24.6,
        priceEur: 245951.51,
        rentEurMonth: null,
        areaM2: 74.5,
        rooms: 3,
        roomConfiguration: '3h+k+s',
        yearBuilt: 1974,
        newDevelopment: false,
        publishedAt: '2026-07-31T08:23:45.000Z',
        priceChangedAt: null,
        brokerCompany: 'Kotikuusi LKV Oy',
        status: '1',
      },
    ]);
  });

  it('of the older shape is read into cards, with a URL made for it', () => {
    const response = cardsOf(JSON.stringify({ cards: [oldCard], found: 3, start: 1 }));

    expect(response).toMatchObject({ shape: 'cards', portalTotal: 3, start: 1, issues: [] });
    expect(response.cards[0]).toMatchObject({
      listingId: '71000002',
      url: 'https://asunnot.oikotie.fi/vuokra-asunnot/jyvaskyla/71000002',
      dealType: 'rent',
      priceEur: null,
      rentEurMonth: 872,
      areaM2: 32.5,
      publishedAt: '2016-04-30T12:18:09.000Z',
      brokerCompany: 'Kaarna LKV',
    });
  });

  it('takes the first area of a pair when there is no numeric one', () => {
    const card = { ...newCard, data: { ...newCard.data, sizeMin: null, size: '58 m² / 80 m²' } };

    expect(cardsOf(answer(card)).cards[0]?.areaM2).toBe(58);
  });

  it('loses one broken card, not the page', () => {
    const response = cardsOf(answer(newCard, { ...newCard, cardId: 'x' }, null, 'text', { ...oldCard, id: {} }));

    expect(response.cards).toHaveLength(1);
    expect(response.brokenCards).toBe(4);
    expect(response.issues.every((issue) => issue.field?.startsWith('cards['))).toBe(true);
  });

  it('loses one broken field, not the card', () => {
    const card = { ...newCard, data: { ...newCard.data, rooms: {}, price: 'kysy' }, location: 'Espoo', company: [] };

    const response = cardsOf(answer(card));

    expect(response.cards[0]).toMatchObject({ listingId: '71000001', rooms: null, priceEur: null, areaM2: 74.5 });
    expect(response.issues.map((issue) => issue.field)).toEqual(
      expect.arrayContaining(['cards[0].data.rooms', 'cards[0].location', 'cards[0].priceEur']),
    );
  });

  it.each([
    ['price', null],
    ['price', '0 €'],
    ['size', null],
  ])('takes the card without its %s %j', (field, value) => {
    const card = { ...newCard, data: { ...newCard.data, [field]: value } };

    const response = cardsOf(answer(card));

    expect(response.cards).toHaveLength(1);
    expect(response.issues).toEqual([]);
  });

  it('goes by the id in the URL and says so when the card has another', () => {
    const response = cardsOf(answer({ ...newCard, cardId: 79999999 }));

    expect(response.cards[0]?.listingId).toBe('71000001');
    expect(response.issues.map((issue) => issue.code)).toEqual(['CONFLICTING_VALUES']);
  });

  it('drops and counts the cards of other places', () => {
    const response = cardsOf(JSON.stringify({ found: 0, start: 0, cards: [], secondaryCards: [newCard, newCard] }));

    expect(response).toMatchObject({ cards: [], shape: 'search', droppedSecondaryCards: 2, portalTotal: 0 });
  });
});

describe('an answer that is no list of cards', () => {
  it.each([
    ['{"code":500,"message":"Virhe"}', { kind: 'error_envelope', code: '500', message: 'Virhe' }],
    ['{"code":"E1","found":3,"cards":[]}', { kind: 'error_envelope', code: 'E1', message: '' }],
    ['{"found":0,"cards":[],"message":"Virhe"}', { kind: 'error_envelope', code: 'none', message: 'Virhe' }],
  ])('%s is an error envelope', (text, expected) => {
    expect(parseSearchResponse(text)).toEqual(expected);
  });

  it('can be a block page', () => {
    const html = '<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1></body></html>';

    expect(parseSearchResponse(html).kind).toBe('blocked');
    expect(parseLocationResponse(html).kind).toBe('blocked');
  });

  it.each([
    [''],
    ['null'],
    ['[]'],
    ['{}'],
    ['{"found":3}'],
    ['{"cards":[]}'],
    ['{"found":-1,"cards":[]}'],
    ['{"found":"monta","cards":[]}'],
    [answer(newCard).slice(0, -30)],
    ['<html><body>Tervetuloa</body></html>'],
  ])('%s is unknown, not an empty list', (text) => {
    expect(parseSearchResponse(text)).toMatchObject({ kind: 'unknown', issues: [{ code: 'UNEXPECTED_SHAPE' }] });
  });
});

describe('an answer of the location resolver', () => {
  it('is read into places with their parents', () => {
    const text = JSON.stringify([
      {
        card: { name: 'Espoo', cardId: 39, cardType: 6, coordinates: null },
        parent: { name: 'Uusimaa', cardId: 2, cardType: 7, coordinates: null },
      },
      { card: { name: 'Espoon keskus', cardId: '1750', cardType: 4 }, parent: null },
      { card: { name: 'rikki' } },
    ]);

    expect(parseLocationResponse(text)).toMatchObject({
      kind: 'locations',
      locations: [
        { id: 39, type: 6, name: 'Espoo', parentName: 'Uusimaa' },
        { id: 1750, type: 4, name: 'Espoon keskus', parentName: null },
      ],
      issues: [{ code: 'UNEXPECTED_SHAPE', field: '[2]' }],
    });
  });

  it.each([['{}'], ['x'], ['{"code":403,"message":"no"}']])('%s is no list of places', (text) => {
    expect(parseLocationResponse(text).kind).not.toBe('locations');
  });
});
