import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAmount, readMonthlyEur, readPerM2Eur, readTotalEur, readYearlyEur } from '../../src/portal/read-amount.ts';
import { readAreaM2, readAreaPair } from '../../src/portal/read-area.ts';
import { readFloor, readInteger, readYear, readYesNo } from '../../src/portal/read-count.ts';
import { daysIn, readDay, readDayOrWords, readInstant } from '../../src/portal/read-date.ts';
import { readEnergyClass } from '../../src/portal/read-energy-class.ts';
import {
  readBuildingType,
  readCondition,
  readHabitationType,
  readHoldingForm,
  readPlotOwnership,
} from '../../src/portal/read-word.ts';
import type { Reader } from '../../src/portal/reading.ts';

const nbsp = '\u00a0';

/** Value and issue codes, so that one line of a table shows both. */
function outcome(read: Reader<unknown>, text: string): readonly unknown[] {
  const { value, issues } = read(text, 'field');
  return [value, ...issues.map((issue) => issue.code)];
}

describe('sums paid once', () => {
  it.each([
    ['209 000 €', 209000],
    [`1${nbsp}234${nbsp}567${nbsp}€`, 1234567],
    ['3 980 000 €', 3980000],
    ['245 951,51 €', 245951.51],
    ['1\u202f250\u202f000 €', 1250000],
    ['alk. 199 000 €', 199000],
    ['350 000,- €', 350000],
    ['209000', 209000],
    ['1.234,56 €', 1234.56],
    ['1.234.567 €', 1234567],
    ['1,234.56 €', 1234.56],
    ['67.500 €', 67500],
    ['0 €', 0],
  ])('reads %s', (text, expected) => {
    expect(outcome(readTotalEur, text)).toEqual([expected]);
  });

  it.each([
    ['-5 000 €'],
    ['100 000 - 120 000 €'],
    ['10 € tai 20 €'],
    ['1,234 €'],
    ['12 34 €'],
    ['650 € / kk'],
    ['kysy'],
    ['1,2 M€'],
  ])('leaves %s empty and says so', (text) => {
    expect(outcome(readTotalEur, text)).toEqual([null, 'UNREADABLE_VALUE']);
  });

  it.each([[''], ['-'], ['€'], ['/ kk'], [`/${nbsp}kk`], ['€ / kk'], ['–']])(
    'takes %j for a value that was left out',
    (text) => {
      expect(outcome(readTotalEur, text)).toEqual([null]);
    },
  );
});

describe('amounts with a period', () => {
  it.each([
    ['656,67 € / kk', 656.67],
    [`200${nbsp}€ / kk`, 200],
    ['361,60 € / kk', 361.6],
    ['26,00 € kuukaudessa', 26],
    ['15,00 EUR/kk', 15],
    ['12,00 e / kk', 12],
    ['23,50 €/hlö/kk', 23.5],
    ['23 € / hlö / kk', 23],
    ['1 200,12 € / kk', 1200.12],
    ['850 €', 850],
    ['1 200 € / vuosi', 100],
    ['100 € / v', 8.33],
  ])('reads %s as a monthly amount', (text, expected) => {
    expect(outcome(readMonthlyEur, text)).toEqual([expected]);
  });

  it.each([
    ['284 184,52 € / vuosi', 284184.52],
    ['Tontin vuokran määrä: 349656 € / vuosi.', 349656],
    ['Tontin vuokran määrä: 67075.84 € / vuosi.', 67075.84],
    ['67075.84 € / vuosi', 67075.84],
    ['54905.4 EUR/v.', 54905.4],
    ['5 557,38 € / v', 5557.38],
    ['100 € / kk', 1200],
  ])('reads %s as a yearly amount', (text, expected) => {
    expect(outcome(readYearlyEur, text)).toEqual([expected]);
  });

  it('refuses an amount per visit as a monthly fee', () => {
    expect(outcome(readMonthlyEur, '7,50 €/kerta')).toEqual([null, 'UNREADABLE_VALUE']);
  });

  it('refuses a yearly field without a period', () => {
    expect(outcome(readYearlyEur, '1 200 €')).toEqual([null, 'UNREADABLE_VALUE']);
  });

  it.each([
    ['2 882,76 € / m²', 2882.76],
    [`18${nbsp}173,52${nbsp}€${nbsp}/${nbsp}m²`, 18173.52],
    ['5 750 €/m2', 5750],
  ])('reads %s as a price per square metre', (text, expected) => {
    expect(outcome(readPerM2Eur, text)).toEqual([expected]);
  });

  it('reads back every amount that is printed the Finnish way', () => {
    const spaces = fc.constantFrom(' ', nbsp, '\u202f');
    const period = fc.constantFrom(['', 'none'], [' / kk', 'month'], ['/kk', 'month'], [' / vuosi', 'year']);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_99 }), spaces, period, (cents, space, [unit, expected]) => {
        const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, space);
        const decimals = cents % 100 === 0 ? '' : `,${String(cents % 100).padStart(2, '0')}`;

        const { value, issues } = readAmount(`${whole}${decimals}${space}€${unit}`, 'priceEur');

        expect(issues).toEqual([]);
        expect(value).toEqual({ eur: cents / 100, period: expected });
      }),
    );
  });
});

describe('areas', () => {
  it.each([
    ['72,5 m²', 72.5],
    [`66${nbsp}m²`, 66],
    ['1 158 m²', 1158],
    ['2 044,1 m²', 2044.1],
    ['3,35 ha', 33500],
    ['2,74 ha', 27400],
    ['125/162 m²', 125],
    ['58 m² / 80 m²', 58],
    ['n. 45 m2', 45],
    ['31', 31],
    ['72.5 m²', 72.5],
    ['0 m²', 0],
    ['72,5 m² (arvio)', 72.5],
  ])('reads %s', (text, expected) => {
    expect(outcome(readAreaM2, text)).toEqual([expected]);
  });

  it('gives living and total area of a pair', () => {
    expect(readAreaPair('125/162 m²', 'areaM2').value).toEqual({ areaM2: 125, totalAreaM2: 162 });
  });

  it.each([['67.500 m²'], ['50-60 m²'], ['iso'], ['12 kpl']])('leaves %s empty and says so', (text) => {
    expect(outcome(readAreaM2, text)).toEqual([null, 'UNREADABLE_VALUE']);
  });
});

describe('dates', () => {
  it.each([
    ['01.07.2025', ['2025-07-01']],
    ['31.12.2075', ['2075-12-31']],
    ['2023-09-29', ['2023-09-29']],
    ['Tontin vuokrasopimus päättyy: 31.12.2070', ['2070-12-31']],
    ['31.02.2070', []],
    ['1.1.2020 ja 2.1.2020', ['2020-01-01', '2020-01-02']],
  ])('finds the days of %s', (text, expected) => {
    expect(daysIn(text)).toEqual(expected);
  });

  it.each([['Arviolta 12/2027'], ['Heti vapaa'], ['01.07.2025 mennessä'], ['']])(
    'takes %j for words, not for a day',
    (text) => {
      expect(outcome(readDayOrWords, text)).toEqual([null]);
    },
  );

  it('says so when a field of days holds none', () => {
    expect(outcome(readDay, 'toistaiseksi')).toEqual([null, 'UNREADABLE_VALUE']);
  });

  it.each([
    ['2026-07-31 11:23:45', '2026-07-31T08:23:45.000Z'],
    ['2026-01-15 11:23:45', '2026-01-15T09:23:45.000Z'],
    ['2016-04-30T12:18:09Z', '2016-04-30T12:18:09.000Z'],
    ['2026-07-31T11:23:45+03:00', '2026-07-31T08:23:45.000Z'],
    ['2026-03-29 02:59:59', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29 04:00:00', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25 04:00:00', '2026-10-25T02:00:00.000Z'],
    ['2026-07-31', '2026-07-30T21:00:00.000Z'],
  ])('reads the instant %s', (text, expected) => {
    expect(outcome(readInstant, text)).toEqual([expected]);
  });

  it('reads every Finnish day back', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true }),
        (date) => {
          const iso = date.toISOString().slice(0, 10);

          expect(readDay(iso.split('-').reverse().join('.'), 'day').value).toBe(iso);
        },
      ),
    );
  });
});

describe('counts, floors and words', () => {
  it.each([
    ['1 / 2', { floor: 1, floorCount: 2 }],
    ['7/7', { floor: 7, floorCount: 7 }],
    ['3', { floor: 3, floorCount: null }],
    ['0 / 5', { floor: 0, floorCount: 5 }],
    ['/ 5', { floor: null, floorCount: 5 }],
  ])('reads the floor %s', (text, expected) => {
    expect(outcome(readFloor, text)).toEqual([expected]);
  });

  it('keeps and flags a floor above the top floor', () => {
    expect(outcome(readFloor, '34 / 4')).toEqual([{ floor: 34, floorCount: 4 }, 'IMPLAUSIBLE_VALUE']);
  });

  it.each([
    [readInteger, '3', 3],
    [readInteger, '1 024', 1024],
    [readInteger, '324 kpl', 324],
    [readYear, '1986', 1986],
    [readYear, '1911 (peruskorjattu)', 1911],
    [readYesNo, 'Kyllä', true],
    [readYesNo, 'Ei', false],
    [readYesNo, 'Kyllä, lasitettu', true],
  ])('%o reads %s', (read: Reader<unknown>, text, expected) => {
    expect(outcome(read, text)).toEqual([expected]);
  });

  it.each([
    [readInteger, 'kolme', 'UNREADABLE_VALUE'],
    [readYear, '1986-1987', 'UNREADABLE_VALUE'],
    [readYear, 'Arviolta 2027', 'UNREADABLE_VALUE'],
    [readYesNo, 'Ei tietoa', 'UNKNOWN_WORD'],
    [readBuildingType, 'Linna', 'UNKNOWN_WORD'],
  ])('%o leaves %s empty and says so', (read: Reader<unknown>, text, code) => {
    expect(outcome(read, text)).toEqual([null, code]);
  });

  it.each([
    [readBuildingType, 'Kerrostalo', 'apartment_building'],
    [readBuildingType, 'PUUTALO-OSAKE', 'wooden_building_share'],
    [readBuildingType, 'Muu', 'other'],
    [readHabitationType, 'Asumisoikeus', 'right_of_occupancy'],
    [readHabitationType, 'Omistus', 'ownership'],
    [readHoldingForm, 'Kiinteistö', 'real_estate'],
    [readCondition, 'Hyvä', 'good'],
    [readPlotOwnership, 'Valinnainen vuokratontti', 'optional_rental'],
    [readPlotOwnership, 'Vuokralla', 'rented'],
  ])('%o knows the word %s', (read: Reader<unknown>, text, expected) => {
    expect(outcome(read, text)).toEqual([expected]);
  });
});

describe('energy class', () => {
  it.each([
    ['D2018 Voimassa 21.06.2035.', { energyClass: 'D2018', validUntil: '2035-06-21' }],
    [
      'Energialuokka: C2018, Energiatodistuksen voimassaoloaika: 14.12.2033',
      { energyClass: 'C2018', validUntil: '2033-12-14' },
    ],
    ['B2018 Voimassa 12.03.2034 saakka.', { energyClass: 'B2018', validUntil: '2034-03-12' }],
    ['F2007', { energyClass: 'F2007', validUntil: null }],
    ['D', { energyClass: 'D', validUntil: null }],
    ['Ei lain edellyttämää energiatodistusta', null],
    ['Kohteella ei energiatodistuslain nojalla tarvitse olla energiatodistusta', null],
  ])('reads %s', (text, expected) => {
    expect(outcome(readEnergyClass, text)).toEqual([expected]);
  });

  it('does not choose between two classes', () => {
    expect(outcome(readEnergyClass, 'B2018, C2018')).toEqual([
      { energyClass: null, validUntil: null },
      'UNREADABLE_VALUE',
    ]);
  });
});

it('no reader throws on any text', () => {
  const readers: readonly Reader<unknown>[] = [
    ...[readAmount, readTotalEur, readMonthlyEur, readYearlyEur, readPerM2Eur, readAreaM2, readAreaPair, readDay],
    ...[readDayOrWords, readInstant, readInteger, readYear, readFloor, readYesNo, readEnergyClass, readBuildingType],
    ...[readHabitationType, readHoldingForm, readCondition, readPlotOwnership],
  ];
  const numberish = fc.string({ unit: fc.constantFrom(...'0123456789 .,/-€kmA²\u00a0'), maxLength: 60 });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), numberish), (text) => {
      for (const read of readers) {
        const { value, issues } = read(text, 'field');
        expect(value === undefined || Number.isNaN(value)).toBe(false);
        expect(Array.isArray(issues)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
