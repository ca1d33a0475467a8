import { describe, expect, it } from 'vitest';
import type { Card } from '../../src/listings/card.ts';
import type { PageParts } from './page-builder.ts';
import { saleLabels, withLabels, withoutLabels } from './page-builder.ts';
import { emptyCard, read } from './read-page.ts';

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

  it('leaves no contact in any text of the record or its issues', () => {
    const phone = '040 991 1967';
    const labels = withLabels(saleLabels, {
      [`Soita ${phone}`]: 'heti',
      Lisätietoja: `puh. ${phone}`,
      Huoneita: `kysy ${phone}`,
      Vapautuu: `sopimuksen mukaan, ${phone}`,
    });

    const page = read({
      title: `Havupolku 7, ${phone}`,
      brokerCompany: `Välitys Oy ${phone}`,
      description: phone,
      labels,
    });

    expect(JSON.stringify(page)).not.toMatch(/991|1967/);
  });

  it('never reads the name of an agent', () => {
    const { record } = read({ agentName: 'Sanelma Varpula' }, { collectsPersonalData: true });

    expect(JSON.stringify(record)).not.toContain('Varpula');
  });
});
