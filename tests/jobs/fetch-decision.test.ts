import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FetchPolicy } from '../../src/jobs/fetch-decision.ts';
import { fetchReason, hashOfCard, refreshAgeMs } from '../../src/jobs/fetch-decision.ts';
import type { KnownPage } from '../../src/jobs/series-store.ts';
import type { Card } from '../../src/listings/card.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-11-22T04:00:00Z');
const policy: FetchPolicy = { fetchesAll: false, refreshAfterMs: 7 * dayMs };
const card: Card = {
  listingId: '20000001',
  url: 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/20000001',
  dealType: 'sale',
  cityAsPrinted: 'Helsinki',
  district: null,
  address: 'Testikatu 1',
  postalCode: null,
  latitude: null,
  longitude: null,
  priceEur: 200_000,
  rentEurMonth: null,
  areaM2: 50,
  rooms: 2,
  roomConfiguration: null,
  yearBuilt: null,
  newDevelopment: null,
  publishedAt: null,
  priceChangedAt: null,
  brokerCompany: null,
  status: '1',
};
const known = (more: Partial<KnownPage> = {}): KnownPage => ({
  etag: null,
  lastModified: null,
  parser: 'listing-page/1',
  cardHash: hashOfCard(card),
  fetchedAtMs: nowMs - dayMs,
  lastTryFailed: false,
  ...more,
});

describe('a listing page', () => {
  it('is not fetched when it is stored and its card is as it was', () => {
    expect(fetchReason(card, known(), policy, nowMs)).toBeNull();
  });

  it('is fetched when it is new, when its card says something else, when its last try failed, or when all are', () => {
    expect(fetchReason(card, null, policy, nowMs)).toBe('new');
    for (const change of [{ priceEur: 190_000 }, { status: '2' }, { priceChangedAt: '2026-11-22T01:00:00.000Z' }]) {
      expect(fetchReason({ ...card, ...change }, known(), policy, nowMs)).toBe('card_changed');
    }
    expect(fetchReason(card, known({ lastTryFailed: true }), policy, nowMs)).toBe('last_try_failed');
    expect(fetchReason(card, known(), { ...policy, fetchesAll: true }, nowMs)).toBe('asked_for_all');
  });

  it('is fetched again in the last quarter of its time, each listing at its own moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000_000, max: 99_999_999 }), fc.nat({ max: 10 * dayMs }), (id, ageMs) => {
        const listing = { ...card, listingId: String(id) };
        const page = known({ cardHash: hashOfCard(listing), fetchedAtMs: nowMs - ageMs });
        const reason = fetchReason(listing, page, policy, nowMs);
        const dueAtMs = refreshAgeMs(listing.listingId, policy);

        expect(dueAtMs).toBeLessThanOrEqual(policy.refreshAfterMs);
        expect(dueAtMs).toBeGreaterThanOrEqual(0.75 * policy.refreshAfterMs);
        expect(reason).toBe(ageMs >= dueAtMs ? 'refresh_due' : null);
      }),
    );
    const dueDays = Array.from(
      { length: 1_000 },
      (_, index) => refreshAgeMs(String(20_000_000 + index), policy) / dayMs,
    );
    expect(dueDays.filter((days) => days < 6.125).length).toBeGreaterThan(400);
    expect(dueDays.filter((days) => days >= 6.125).length).toBeGreaterThan(400);
  });

  it('is fetched again when a clock that was wrong has stored it in the future', () => {
    expect(fetchReason(card, known({ fetchedAtMs: nowMs + 60_000 }), policy, nowMs)).toBeNull();
    expect(fetchReason(card, known({ fetchedAtMs: nowMs + 30 * dayMs }), policy, nowMs)).toBe('refresh_due');
  });
});
