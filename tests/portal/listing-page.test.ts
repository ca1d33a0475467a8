import { describe, expect, it } from 'vitest';
import { rentLabels, saleLabels, withLabels, withoutLabels } from './page-builder.ts';
import { read } from './read-page.ts';

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
    ['IMPLAUSIBLE_VALUE floorCount', { Kerros: '3 / 80' }],
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
