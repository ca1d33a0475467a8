import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskContacts, maskValue } from '../../src/portal/personal-data.ts';

describe('masking contacts', () => {
  it.each([
    ['Soita 040 123 4567 heti', 'Soita [redacted] heti'],
    ['puh. 050-123 4567.', 'puh. [redacted].'],
    ['+358 40 123 4567', '[redacted]'],
    ['+358 (0)40 123 4567', '[redacted]'],
    ['00358401234567', '[redacted]'],
    ['(09) 123 4567', '[redacted]'],
    ['09 1234 5678, 0400 123 456', '[redacted], [redacted]'],
    ['040/1234567', '[redacted]'],
    ['020 7191 919', '[redacted]'],
    ['puh. 123 4567', 'puh. [redacted]'],
    ['040 991 1967', '[redacted]'],
    ['aino.kaisla@valitys.invalid', '[redacted]'],
    ['aino(at)valitys.invalid', '[redacted]'],
    ['aino [at] valitys.invalid', '[redacted]'],
    ['Äiti.Öljy@kaupunki.invalid tai 0441234567', '[redacted] tai [redacted]'],
  ])('%s becomes %s', (text, expected) => {
    expect(maskContacts(text)).toBe(expected);
  });

  it.each([
    ['91-45-31-53'],
    ['091-045-0031-0053'],
    ['9104500310053'],
    ['09104500310053'],
    ['2 000 000 €'],
    ['0 200 300 €'],
    ['284 184,52 € / vuosi'],
    ['01.07.2025'],
    ['06.11.2070'],
    ['2004-1991'],
    ['vuosina 2019 2020'],
    ['05 2024'],
    ['Y-tunnus 0123456-7'],
    ['00730 Helsinki'],
    ['Sähkönkulutus 12 000 kWh/v, n. 91€/ kk'],
    ['Särkitie 3b A 12, 00210'],
    ['0.25 km, 300 m, klo 09.00-16.30'],
    ['saldo 2 350 643,14 € / laina-aika päättyy: 31.12.2048'],
    ['ala 0,5 - 1,5 m, 1 158 m²'],
    ['Taloyhtiöllä 30 päivän lunastusoikeus.'],
  ])('%s stays as it is', (text) => {
    expect(maskContacts(text)).toBe(text);
  });

  it('takes the whole value of labels that hold contact persons', () => {
    expect(maskValue('isannointi', 'Kotipihan Isännöinti Oy, Onni Sammalsuo')).toBe('[redacted]');
  });

  it('leaves ids alone although they look like numbers of phones', () => {
    expect(maskValue('kohdenumero', '0401234567')).toBe('0401234567');
  });

  it('never touches amounts, days and cadastral ids', () => {
    const amount = fc.integer({ min: 0, max: 99_999_999 }).map((eur) => `${eur.toLocaleString('fi-FI')} €`);
    const day = fc
      .date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10).split('-').reverse().join('.'));
    const cadastral = fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.nat(999), fc.nat(9999), fc.nat(9999))
      .map((parts) => parts.join('-'));
    fc.assert(
      fc.property(fc.oneof(amount, day, cadastral), (text) => {
        expect(maskContacts(`ennen ${text} jälkeen`)).toBe(`ennen ${text} jälkeen`);
      }),
    );
  });

  it('is quick on long texts that nearly match', () => {
    const text = `${'a'.repeat(200_000)} @ ${'0 4 0 '.repeat(50_000)}`;

    expect(maskContacts(text).length).toBeGreaterThan(0);
  });
});
