import { describe, expect, it } from 'vitest';
import { listingFieldNames } from '../../src/listings/fields.ts';
import { isListingRecord, problemOfRecord } from '../../src/listings/record-shape.ts';

const record: Record<string, unknown> = {
  ...Object.fromEntries(listingFieldNames.map((name) => [name, null])),
  listingId: '20000001',
  url: 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/20000001',
  dealType: 'sale',
  city: 'Helsinki',
  areaM2: 72.5,
  rooms: 3,
  hasSauna: true,
  plotLeaseEndsOn: '2075-12-31',
  publishedAt: '2026-11-20T08:00:00.000Z',
  otherDetailsJson: { Kunto: 'Hyvä' },
};

describe('shape of a record', () => {
  it('accepts a record after its way through JSON', () => {
    expect(isListingRecord(JSON.parse(JSON.stringify(record)))).toBe(true);
  });

  it.each([
    ['listingId', null],
    ['url', 7],
    ['dealType', 'lease'],
    ['areaM2', '72,5 m²'],
    ['areaM2', Number.NaN],
    ['rooms', 3.5],
    ['hasSauna', 'Kyllä'],
    ['plotLeaseEndsOn', '31.12.2075'],
    ['publishedAt', '2026-11-20 10:00:00'],
    ['otherDetailsJson', { Kunto: 1 }],
    ['otherDetailsJson', ['Kunto']],
  ])('refuses %s with %o and names the field', (name, value) => {
    expect(problemOfRecord({ ...record, [name]: value })).toContain(name);
  });

  it('refuses a field that is missing, and one that the contract does not have', () => {
    const { areaM2, ...withoutArea } = record;

    expect(areaM2).toBe(72.5);
    expect(problemOfRecord(withoutArea)).toContain('areaM2');
    expect(problemOfRecord({ ...record, agentName: 'x' })).toContain('agentName');
  });

  it.each([[null], ['text'], [[]]])('refuses %o, which is no record', (value) => {
    expect(isListingRecord(value)).toBe(false);
  });
});
