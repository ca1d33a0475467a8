import { describe, expect, it } from 'vitest';
import type { Card } from '../../src/listings/card.ts';
import type { ListingRecord } from '../../src/listings/fields.ts';
import type { Issue } from '../../src/listings/issue.ts';
import type { ListingPageContext } from '../../src/portal/listing-page.ts';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import type { PageParts } from './page-builder.ts';
import { listingPage, pageUrl, rentLabels, saleLabels, withLabels, withoutLabels } from './page-builder.ts';

const emptyCard: Card = {
  listingId: '71000001',
  url: pageUrl(),
  dealType: 'sale',
  cityAsPrinted: 'Helsinki',
  district: null,
  address: null,
  postalCode: null,
  latitude: null,
  longitude: null,
  priceEur: null,
  rentEurMonth: null,
  areaM2: null,
  rooms: null,
  roomConfiguration: null,
  yearBuilt: null,
  newDevelopment: null,
  publishedAt: null,
  priceChangedAt: null,
  brokerCompany: null,
  status: null,
};

function contextOf(parts: PageParts, changes: Partial<ListingPageContext> = {}): ListingPageContext {
  return { url: pageUrl(parts), city: 'Helsinki', card: null, collectsPersonalData: false, ...changes };
}

/** The record and issues of a page that must be a listing. */
function read(
  parts: PageParts,
  changes: Partial<ListingPageContext> = {},
): { readonly record: ListingRecord; readonly issues: readonly Issue[]; readonly codes: readonly string[] } {
  const reading = parseListingPage(listingPage(parts), contextOf(parts, changes));
  if (reading.kind !== 'listing') throw new Error(`expected a listing, got ${JSON.stringify(reading)}`);
  return { ...reading, codes: reading.issues.map((issue) => `${issue.code} ${issue.field}`) };
}

describe('a listing for sale', () => {
  it('is read into typed fields without an issue', () => {
    const { record, issues } = read({});

    expect(issues).toEqual([]);
    expect(record).toMatchObject({
      listingId: '71000001',
      url: 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/71000001',
      dealType: 'sale',
      city: 'Helsinki',
      cityAsPrinted: 'Helsinki',
      district: 'Kuusikko',
      address: 'Havupolku 7 B 12',
      postalCode: '00999',
      latitude: 60.25,
      longitude: 24.95,
      title: 'Havupolku 7 B 12, Kuusikko, Helsinki',
      description: 'Valoisa koti.',
      buildingType: 'apartment_building',
      priceEur: 200000,
      priceBasis: 'debt_free_price',
      salePriceEur: 180000,
      debtShareEur: 20000,
      pricePerM2Eur: 4000,
      maintenanceFeeEurMonth: 250.5,
      areaM2: 50,
      rooms: 2,
      floor: 3,
      floorCount: 5,
      yearBuilt: 1974,
      brokerCompany: 'Kotikuusi LKV Oy',
      publishedAt: '2026-07-31T08:23:45.000Z',
      rentEurMonth: null,
    });
  });

  it('falls back to the sale price and says so', () => {
    const { record } = read({ labels: withoutLabels(saleLabels, 'Velaton hinta', 'Velkaosuus', 'Neliöhinta') });

    expect(record).toMatchObject({ priceEur: 180000, priceBasis: 'sale_price', debtFreePriceEur: null });
  });

  it('keeps a right-of-occupancy flat at its fee', () => {
    const labels = withLabels(withoutLabels(saleLabels, 'Velaton hinta', 'Velkaosuus', 'Neliöhinta', 'Myyntihinta'), {
      Asumistyyppi: 'Asumisoikeus',
      Asumisoikeusmaksu: '950 €',
      'Asuinpinta-ala': '71 m²',
    });

    const { record, issues } = read({ labels });

    expect(record).toMatchObject({
      priceEur: 950,
      priceBasis: 'right_of_occupancy_fee',
      habitationType: 'right_of_occupancy',
    });
    expect(issues).toEqual([]);
  });

  it('reads the plot, its lease and its yearly rent', () => {
    const labels = withLabels(saleLabels, {
      'Tontin koko': '3,35 ha',
      'Tontin vuokra': 'Tontin vuokran määrä: 67075.84 € / vuosi.',
      'Vuokra-aika': 'Tontin vuokrasopimus päättyy: 31.12.2070',
      'Tontin vuokravastike': '/ kk',
    });

    const { record, issues } = read({ labels });

    expect(record).toMatchObject({
      plotAreaM2: 33500,
      plotRentEurYear: 67075.84,
      plotLeaseEndsOn: '2070-12-31',
      plotRentFeeEurMonth: null,
      rentEurMonth: null,
    });
    expect(issues).toEqual([]);
  });

  it('keeps words about availability beside the day', () => {
    const { record, issues } = read({
      labels: withLabels(saleLabels, { Vapautuu: '01.07.2027', Valmistumisaika: 'Arviolta 12/2027' }),
    });

    expect(record).toMatchObject({ availability: '01.07.2027', availableFrom: '2027-07-01', completesOn: null });
    expect(record.otherDetailsJson['Valmistumisaika']).toBe('Arviolta 12/2027');
    expect(issues).toEqual([]);
  });
});

describe('a listing for rent', () => {
  const rent = { dealType: 'rent' } as const;

  it.each(['Vuokra', 'Kuukausivuokra', 'Vuokra/kk', 'Kokonaisvuokra'])('has its rent under %s', (label) => {
    const labels = [...withoutLabels(rentLabels, 'Vuokra'), [label, '656,67 € / kk'] as const];

    const { record, issues } = read({ ...rent, labels });

    expect(record).toMatchObject({ dealType: 'rent', rentEurMonth: 656.67, priceEur: null, priceBasis: null });
    expect(issues).toEqual([]);
  });

  it('does not take the length of the tenancy for a plot lease', () => {
    const { record, issues } = read({ ...rent, labels: withLabels(rentLabels, { 'Vuokra-aika': 'Toistaiseksi' }) });

    expect(record.plotLeaseEndsOn).toBeNull();
    expect(issues).toEqual([]);
  });

  it('flags rents that differ from each other', () => {
    const { record, codes } = read({ ...rent, labels: withLabels(rentLabels, { Kokonaisvuokra: '700 € / kk' }) });

    expect(record.rentEurMonth).toBe(656.67);
    expect(codes).toEqual(['CONFLICTING_VALUES rentEurMonth']);
  });
});

describe('labels', () => {
  it('keeps every label as printed, with its lines', () => {
    const labels = withLabels(saleLabels, { 'Aivan uusi tieto': 'yksi\n  kaksi\u00a0kolme\n\n' });

    const { record } = read({ labels });

    expect(record.otherDetailsJson['Aivan uusi tieto']).toBe('yksi\nkaksi kolme');
    expect(record.otherDetailsJson['Sijainti']).toBe('Havupolku\n7 B 12,\n00999\nHelsinki');
    expect(Object.keys(record.otherDetailsJson)).toHaveLength(saleLabels.length + 1);
  });

  it('keeps both values of a label that stands twice', () => {
    const { record, codes } = read({ labels: [...saleLabels, ['Hoitovastike', '300 € / kk']] });

    expect(record.otherDetailsJson).toMatchObject({ Hoitovastike: '250,50 € / kk', 'Hoitovastike (2)': '300 € / kk' });
    expect(record.maintenanceFeeEurMonth).toBe(250.5);
    expect(codes).toEqual(['DUPLICATE_LABEL null']);
  });

  it('does not mind the same label twice with the same value', () => {
    const { issues } = read({ topFacts: [['Hoitovastike', '250,50 € / kk']] });

    expect(issues).toEqual([]);
  });

  it('reads entities, NBSP and links in values', () => {
    const row =
      '<dl><div class="key-value-items__item"><dt>Sijainti</dt><dd><a href="/x">Lep&auml;tie</a>\n 12 A,\n<a href="/myytavat-asunnot/00999">00999</a>\n<a href="/y">Helsinki</a></dd>' +
      '<dt>Vesimaksu</dt><dd>1&nbsp;015,50&nbsp;&euro; / kk</dd></div></dl>';
    const labels = withoutLabels(saleLabels, 'Sijainti');

    const { record } = read({ labels, extraBody: row });

    expect(record).toMatchObject({ address: 'Lepätie 12 A', postalCode: '00999', waterFeeEurMonth: 1015.5 });
  });

  it('reads rows that are told by class alone', () => {
    const extraBody =
      '<div><span class="info-table__title">Vesimaksu</span><span class="info-table__value">20 € / kk</span></div>';

    expect(read({ extraBody }).record.waterFeeEurMonth).toBe(20);
  });

  it('leaves an unknown word empty, keeps it in the labels and says so', () => {
    const { record, codes } = read({ labels: withLabels(saleLabels, { 'Rakennuksen tyyppi': 'Jurtta' }) });

    expect(record.buildingType).toBeNull();
    expect(record.otherDetailsJson['Rakennuksen tyyppi']).toBe('Jurtta');
    expect(codes).toEqual(['UNKNOWN_WORD buildingType']);
  });

  it('tells of a price label that is missing', () => {
    const labels = withoutLabels(saleLabels, 'Velaton hinta', 'Myyntihinta', 'Velkaosuus', 'Neliöhinta');

    expect(read({ labels }).codes).toEqual(['MISSING_ELEMENT priceEur']);
  });

  it('tells of a debt-free price that is missing beside its price per m2', () => {
    const labels = withoutLabels(saleLabels, 'Velaton hinta');

    const { record, codes } = read({ labels: [...labels, ['Velaton hinta yhteensä', '200 000 €']] });

    expect(record).toMatchObject({ priceEur: 180000, priceBasis: 'sale_price' });
    expect(codes).toEqual(['MISSING_ELEMENT debtFreePriceEur']);
  });

  it('never reads the cards of other listings on the page', () => {
    const extraBody =
      '<section><h2>Samankaltaisia asuntoja lähialueilta</h2><dl><dt>Vesimaksu</dt><dd>99 € / kk</dd></dl></section>' +
      '<a href="/myytavat-asunnot/espoo/79999999?src=x"><dl><dt>Saunan kustannukset</dt><dd>99 € / kk</dd></dl></a>';

    const { record } = read({ extraBody });

    expect(record).toMatchObject({ waterFeeEurMonth: null, saunaFeeEurMonth: null });
    expect(Object.keys(record.otherDetailsJson)).toHaveLength(saleLabels.length);
  });
});

describe('checks', () => {
  it.each([
    ['IDENTITY_VIOLATED pricePerM2Eur', { Neliöhinta: '4 000,02 € / m²' }],
    ['IDENTITY_VIOLATED debtFreePriceEur', { Velkaosuus: '20 001 €' }],
    ['IMPLAUSIBLE_VALUE rooms', { Huoneita: '0' }],
    ['IMPLAUSIBLE_VALUE yearBuilt', { Rakennusvuosi: '1492' }],
    ['IMPLAUSIBLE_VALUE floor', { Kerros: '34 / 4' }],
    ['UNREADABLE_VALUE maintenanceFeeEurMonth', { Hoitovastike: 'kysy' }],
  ])('finds %s', (code, changes) => {
    expect(read({ labels: withLabels(saleLabels, changes) }).codes).toEqual([code]);
  });

  it('keeps implausible values', () => {
    const labels = withLabels(withoutLabels(saleLabels, 'Neliöhinta'), { 'Asuinpinta-ala': '1 m²' });

    const { record, codes } = read({ labels });

    expect(record.areaM2).toBe(1);
    expect(codes).toEqual(['IMPLAUSIBLE_VALUE areaM2']);
  });

  it('flags coordinates outside of Finland', () => {
    const { record, codes } = read({ coordinates: ['24.95', '60.25'] });

    expect(record.latitude).toBe(24.95);
    expect(codes).toEqual(['IMPLAUSIBLE_VALUE latitude', 'IMPLAUSIBLE_VALUE longitude']);
  });

  it.each(['HELSINKI', 'helsinki', 'Helsinki ', 'Helsinki 00720'])('takes %j for Helsinki', (printed) => {
    const { record, issues } = read({ labels: withLabels(saleLabels, { Kaupunki: printed }) });

    expect(record.cityAsPrinted).toBe(printed.trim());
    expect(issues).toEqual([]);
  });

  it('flags a page of another municipality', () => {
    const { record, codes } = read({ labels: withLabels(saleLabels, { Kaupunki: 'Espoo' }) });

    expect(record).toMatchObject({ city: 'Helsinki', cityAsPrinted: 'Espoo' });
    expect(codes).toEqual(['FOREIGN_CITY cityAsPrinted']);
  });
});

describe('the card', () => {
  const card: Card = {
    ...emptyCard,
    priceEur: 200000,
    areaM2: 50,
    latitude: 60.1,
    longitude: 24.1,
    publishedAt: '2026-07-01T00:00:00.000Z',
    priceChangedAt: '2026-08-01T00:00:00.000Z',
    brokerCompany: 'Kaarna LKV',
    district: 'Toinen',
  };

  it('fills only what the page does not say', () => {
    const parts: PageParts = { coordinates: null, brokerCompany: null, namedId: null };

    const { record, issues } = read(parts, { card });

    expect(record).toMatchObject({
      latitude: 60.1,
      longitude: 24.1,
      brokerCompany: 'Kaarna LKV',
      publishedAt: '2026-07-01T00:00:00.000Z',
      priceChangedAt: '2026-08-01T00:00:00.000Z',
      district: 'Kuusikko',
    });
    expect(issues).toEqual([]);
  });

  it('is told when it says another price or area', () => {
    const { record, codes } = read({}, { card: { ...card, priceEur: 210000, areaM2: 52 } });

    expect(record).toMatchObject({ priceEur: 200000, areaM2: 50 });
    expect(codes).toEqual(['CONFLICTING_VALUES priceEur', 'CONFLICTING_VALUES areaM2']);
  });

  it('does not fill a price that the page stopped to print', () => {
    const labels = withoutLabels(saleLabels, 'Velaton hinta', 'Myyntihinta', 'Velkaosuus', 'Neliöhinta');

    expect(read({ labels }, { card }).record.priceEur).toBeNull();
  });
});

describe('data beside the labels', () => {
  it('stands in for missing labels', () => {
    const residence = {
      '@type': 'Residence',
      address: { streetAddress: 'Lepikkotie 4', addressLocality: 'Helsinki', postalCode: '00998' },
      geo: { latitude: 60.3, longitude: 25.1 },
      numberOfRooms: 4,
    };
    const event = { '@type': 'Event', startDate: '2026-08-01', address: { streetAddress: 'Muualla 1' } };
    const head = [event, residence].map(
      (block) => `<script type="application/ld+json">${JSON.stringify(block)}</script>`,
    );
    const labels = withoutLabels(saleLabels, 'Sijainti', 'Kaupunki', 'Huoneita');

    const { record } = read({ labels, coordinates: null, head: head.join(''), title: 'Koti' });

    expect(record).toMatchObject({
      address: 'Lepikkotie 4',
      cityAsPrinted: 'Helsinki',
      postalCode: '00998',
      latitude: 60.3,
      longitude: 25.1,
      rooms: 4,
    });
  });

  it('may be broken without harm', () => {
    const head =
      '<script type="application/ld+json">{"geo": {</script><script>window.otAsunnot={"analytics":{x}}</script>';

    expect(read({ head, namedId: null }).record).toMatchObject({ priceEur: 200000, publishedAt: null });
  });
});

describe('texts', () => {
  it('keeps quotes, emoji, right-to-left text and SQL', () => {
    const description = `"Ihana" & 'kaunis' 🌿 שלום Robert'); DROP TABLE listings;-- <b>`;

    expect(read({ description }).record.description).toBe(description);
  });

  it('removes NUL and says so', () => {
    const { record, codes } = read({ description: 'ennen\0jälkeen' });

    expect(record.description).toBe('ennenjälkeen');
    expect(codes).toEqual(['TEXT_REFUSED description']);
  });

  it('cuts a text of ten megabytes off and says so', () => {
    const { record, codes } = read({ description: 'ä'.repeat(10_000_000) });

    expect(record.description).toHaveLength(1_000_000);
    expect(codes).toEqual(['TEXT_REFUSED description']);
  });

  it('masks contacts unless personal data is collected', () => {
    const parts: PageParts = {
      description: 'Soita 040 991 1967 tai kirjoita aino@kaisla.invalid.',
      labels: withLabels(saleLabels, { Tiedustelut: 'Aino Kaislanen, 0400 123 456' }),
    };

    const masked = read(parts).record;
    const kept = read(parts, { collectsPersonalData: true }).record;

    expect(masked.description).toBe('Soita [redacted] tai kirjoita [redacted].');
    expect(masked.otherDetailsJson['Tiedustelut']).toBe('[redacted]');
    expect(kept.description).toBe(parts.description);
    expect(kept.otherDetailsJson['Tiedustelut']).toBe('Aino Kaislanen, 0400 123 456');
  });

  it('never reads the name of an agent', () => {
    const { record } = read({ agentName: 'Sanelma Varpula' }, { collectsPersonalData: true });

    expect(JSON.stringify(record)).not.toContain('Varpula');
  });
});

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
