import { describe, expect, it } from 'vitest';
import { checkLocationId, knownLocationIds } from '../../src/portal/known-location-ids.ts';
import { dealTypeOf, listingIdOf, listingUrl, readListingUrl } from '../../src/portal/listing-url.ts';
import type { SearchQuery } from '../../src/portal/search-url.ts';
import { locationApiUrl, readSearchUrl, searchApiUrl, searchPageUrl } from '../../src/portal/search-url.ts';

const origin = 'https://asunnot.oikotie.fi';

function searchOf(url: string): SearchQuery {
  const { search } = readSearchUrl(url);
  if (search === null) throw new Error(`expected a search: ${url}`);
  return search;
}

describe('reading a search URL', () => {
  it.each([
    [`${origin}/myytavat-asunnot?locations=%5B%5B64,6,%22Helsinki%22%5D%5D&cardType=100`],
    [`${origin}/myytavat-asunnot?locations=[[64,6,"Helsinki"]]&cardType=100`],
    [`${origin}/myytavat-asunnot/?pagination=2&locations=%5B%5B64%2C6%2C%22Helsinki%22%5D%5D`],
  ])('finds place and card type in %s', (url) => {
    expect(readSearchUrl(url)).toEqual({
      search: {
        origin,
        path: '/myytavat-asunnot',
        dealType: 'sale',
        cardType: 100,
        locations: [{ id: 64, type: 6, name: 'Helsinki' }],
        params: [],
      },
      problems: [],
    });
  });

  it('reads rentals and passes known parameters through', () => {
    const search = searchOf(
      `http://127.0.0.1:8080/vuokra-asunnot?cardType=101&roomCount[]=1&roomCount[]=2&price[max]=900`,
    );

    expect(search).toMatchObject({ origin: 'http://127.0.0.1:8080', dealType: 'rent', cardType: 101, locations: [] });
    expect(search.params).toEqual([
      ['roomCount[]', '1'],
      ['roomCount[]', '2'],
      ['price[max]', '900'],
    ]);
  });

  it.each([
    ['nonsense'],
    [`${origin}/artikkelit`],
    [`${origin}/myytavat-asunnot/helsinki`],
    [`${origin}/myytavat-asunnot?locations=[[64,6]]`],
    [`${origin}/myytavat-asunnot?locations=[[64,6,"Hel`],
    [`${origin}/myytavat-asunnot?cardType=sata`],
  ])('refuses %s with one sentence', (url) => {
    const { search, problems } = readSearchUrl(url);

    expect(search).toBeNull();
    expect(problems).toHaveLength(1);
  });

  it('warns of a parameter it does not know', () => {
    const { search, problems } = readSearchUrl(`${origin}/myytavat-asunnot?huoneita=3`);

    expect(search?.params).toEqual([]);
    expect(problems).toEqual(['huoneita: not a known search parameter; it is left out']);
  });
});

describe('making search URLs', () => {
  const search = searchOf(`${origin}/myytavat-asunnot?locations=[[39,6,"Espoo"]]&roomCount[]=3`);
  const locations = 'locations=%5B%5B39,6,%22Espoo%22%5D%5D';

  it('makes the URL of a page that reads back to the same search', () => {
    const url = searchPageUrl(search, 7);

    expect(url).toBe(`${origin}/myytavat-asunnot?pagination=7&${locations}&cardType=100&roomCount%5B%5D=3`);
    expect(readSearchUrl(url)).toEqual({ search, problems: [] });
  });

  it('makes the URL of the search API', () => {
    const query = `cardType=100&limit=24&offset=48&${locations}&sortBy=published_sort_desc&roomCount%5B%5D=3`;

    expect(searchApiUrl('http://127.0.0.1:1', search, { offset: 48 })).toBe(`http://127.0.0.1:1/api/search?${query}`);
  });

  it('keeps the order that the search asks for', () => {
    const sorted = searchOf(`${origin}/myytavat-asunnot?sortBy=price_asc`);

    expect(searchApiUrl(origin, sorted, { offset: 0, limit: 0 })).toBe(
      `${origin}/api/search?cardType=100&limit=0&offset=0&sortBy=price_asc`,
    );
  });

  it('makes the URL of the location resolver', () => {
    expect(locationApiUrl(origin, 'jyväskylä')).toBe(`${origin}/api/3.0/location?query=jyv%C3%A4skyl%C3%A4`);
  });
});

describe('listing URLs', () => {
  it.each([
    [`${origin}/myytavat-asunnot/helsinki/20000002`, '20000002'],
    [`${origin}/myytavat-asunnot/helsinki/20000002?src=x&origin=y#kuvat`, '20000002'],
    ['/vuokra-asunnot/espoo/17704131/', '17704131'],
    ['/myytavat-asunnot/kohde/8347145', '8347145'],
    ['/myytavat-uudisasunnot/vantaa/17000001', '17000001'],
  ])('%s is of listing %s', (url, id) => {
    expect(listingIdOf(url)).toBe(id);
  });

  it.each([
    [`${origin}/myytavat-asunnot`],
    ['/myytavat-asunnot/helsinki'],
    ['/myytavat-asunnot/helsinki/20000002x'],
    ['/myytavat-asunnot/helsinki/abc'],
    ['/myytavat-asunnot/00730'],
    ['/myytavat-asunnot/turku/20100'],
    ['/myytavat-asunnot/helsinki/20000002/kuvat'],
    ['/nayttoesite/20000002'],
    ['javascript:/myytavat-asunnot/helsinki/20000002'],
    ['https://[broken'],
    [''],
  ])('%s is no listing', (url) => {
    expect(listingIdOf(url)).toBeNull();
    expect(readListingUrl(url)).toBeNull();
  });

  it('loses its query and gets the origin it has not', () => {
    expect(readListingUrl('/vuokra-asunnot/espoo/17704131/?src=x', 'http://127.0.0.1:9')).toEqual({
      url: 'http://127.0.0.1:9/vuokra-asunnot/espoo/17704131',
      listingId: '17704131',
      dealType: 'rent',
    });
  });

  it('can be made from an id and a city', () => {
    expect(listingUrl(origin, 'sale', 'Jyväskylä', '20000003')).toBe(`${origin}/myytavat-asunnot/jyvaskyla/20000003`);
    expect(listingUrl(origin, 'rent', null, '20000003')).toBe(`${origin}/vuokra-asunnot/kohde/20000003`);
  });

  it('say whether they are of a sale or a rental', () => {
    expect(dealTypeOf('/myytavat-asunnot/x/20000003')).toBe('sale');
    expect(dealTypeOf('/vuokra-asunnot/x/20000003')).toBe('rent');
    expect(dealTypeOf('/artikkelit/x')).toBeNull();
  });
});

describe('location ids', () => {
  it('know the ids that are verified', () => {
    const verified = knownLocationIds.filter(({ confidence }) => confidence === 'verified');

    expect(verified.map(({ id, name }) => [id, name])).toEqual([
      [64, 'Helsinki'],
      [39, 'Espoo'],
      [65, 'Vantaa'],
      [130, 'Kauniainen'],
      [147, 'Kirkkonummi'],
    ]);
  });

  it.each([
    [64, 'Helsinki', { kind: 'verified' }],
    [71, 'Tampere', { kind: 'unverified' }],
    [49, 'Espoo', { kind: 'municipality_number', knownId: 39 }],
    [92, 'vantaa ', { kind: 'municipality_number', knownId: 65 }],
    [837, 'Tampere', { kind: 'municipality_number', knownId: 71 }],
    [65, 'Helsinki', { kind: 'mismatch', knownId: 64 }],
    [1, 'Utopia', { kind: 'not_known' }],
  ])('%i for %s is judged', (id, name, verdict) => {
    expect(checkLocationId(id, name)).toEqual(verdict);
  });
});
