import { describe, expect, it } from 'vitest';
import type { CityCounts, CityReceipt } from '../../src/quality/city-receipt.ts';
import { checkSums, isSuccessful, judgeCity } from '../../src/quality/judge-city.ts';

const wholeCity: CityCounts = {
  portalTotalStart: 100,
  portalTotalEnd: 100,
  searchPages: 5,
  failedSearchPages: 0,
  rereadPages: 0,
  isListComplete: true,
  discovered: 100,
  duplicateCards: 0,
  foreignCards: 0,
  new: 90,
  changed: 6,
  unchanged: 3,
  unfetched: 0,
  removed: 1,
  failed: 0,
  skipped: 0,
  pending: 0,
  goneCandidates: 0,
  requests: 107,
};

const asked = { listingLimit: null, isInterrupted: false, stopReason: null };

function receipt(counts: Partial<CityCounts>, listingLimit: number | null = null): CityReceipt {
  const all = { ...wholeCity, ...counts };
  return {
    ...all,
    ...judgeCity(all, { ...asked, listingLimit }),
    isQuarantined: false,
    drift: null,
    gone: 0,
    returned: 0,
    goneWaiting: 0,
    delistingNote: null,
    executionId: 'daily-2026-11-22',
    city: 'Helsinki',
    listingLimit,
    startedAtUtc: '2026-11-22T03:30:00.000Z',
    finishedAtUtc: '2026-11-22T04:30:00.000Z',
  };
}

describe('judging a city', () => {
  it('says why the rest of it was not asked, and what is left', () => {
    const counts = { ...wholeCity, new: 20, pending: 70, isListComplete: false };

    expect(judgeCity(counts, { ...asked, stopReason: 'the daily budget is spent' })).toEqual({
      verdict: 'partial',
      reason: 'the daily budget is spent; 70 listings not settled',
    });
    expect(judgeCity({ ...counts, searchPages: 0 }, { ...asked, stopReason: 'the breaker is open' })).toEqual({
      verdict: 'partial',
      reason: 'the breaker is open; 70 listings not settled',
    });
  });

  it('calls a city complete when every listing of its whole list is accounted for', () => {
    expect(judgeCity(wholeCity, asked)).toEqual({ verdict: 'complete', reason: null });
  });

  it.each([
    ['a failed listing', { new: 89, failed: 1 }, '1 listing failed'],
    ['a search page given up', { failedSearchPages: 1, isListComplete: false }, '1 search page could not be read'],
    ['a list not read to its end', { isListComplete: false }, 'the list was not read to its end'],
    ['listings that were never shown', { portalTotalEnd: 103 }, '3 of 103 listings were not seen'],
    ['listings that are not settled', { new: 88, pending: 2 }, '2 listings not settled'],
    [
      'a portal that lists nothing',
      { portalTotalStart: 0, portalTotalEnd: 0, discovered: 0, new: 0, changed: 0, unchanged: 0, removed: 0 },
      'the portal listed nothing',
    ],
  ] satisfies [string, Partial<CityCounts>, string][])('calls a city partial for %s', (_name, counts, reason) => {
    const judgement = judgeCity({ ...wholeCity, ...counts }, asked);

    expect(judgement.verdict).toBe('partial');
    expect(judgement.reason).toContain(reason);
  });

  it('calls a city failed when no search page could be read', () => {
    const counts = { ...wholeCity, searchPages: 0, failedSearchPages: 1, discovered: 0, new: 0, changed: 0 };

    const judgement = judgeCity({ ...counts, unchanged: 0, removed: 0, portalTotalEnd: null }, asked);

    expect(judgement).toEqual({ verdict: 'failed', reason: 'no search page could be read' });
  });

  it('calls a city foreign when most of its cards are of another municipality', () => {
    const judgement = judgeCity({ ...wholeCity, foreignCards: 101 }, asked);

    expect(judgement.verdict).toBe('foreign');
    expect(judgement.reason).toContain('101 of 201');
  });

  it('never calls a city complete when the sums do not add up', () => {
    const counts = { ...wholeCity, new: 89 };

    expect(checkSums(counts)).toContain('discovered 100, outcomes 99');
    expect(judgeCity(counts, asked).verdict).toBe('failed');
  });

  it('says that a stopped city was stopped', () => {
    const judgement = judgeCity(
      { ...wholeCity, new: 50, pending: 40, isListComplete: false },
      { ...asked, isInterrupted: true },
    );

    expect(judgement.verdict).toBe('partial');
    expect(judgement.reason).toContain('the run was stopped');
  });
});

describe('success of a city', () => {
  it('counts a city cut only by the listing limit that was asked for', () => {
    const limited = receipt(
      { discovered: 24, new: 10, changed: 0, unchanged: 0, removed: 0, skipped: 14, isListComplete: false },
      10,
    );

    expect(limited.verdict).toBe('partial');
    expect(limited.reason).toBe('listing limit 10 of 100');
    expect(isSuccessful(limited)).toBe(true);
  });

  it('does not count a limited city with a failed listing', () => {
    const limited = receipt(
      { discovered: 24, new: 9, changed: 0, unchanged: 0, removed: 0, failed: 1, skipped: 14, isListComplete: false },
      10,
    );

    expect(isSuccessful(limited)).toBe(false);
  });

  it('does not count a complete city whose changes are in quarantine', () => {
    expect(isSuccessful(receipt({}))).toBe(true);
    expect(isSuccessful({ ...receipt({}), isQuarantined: true })).toBe(false);
  });

  it('does not count a partial city', () => {
    expect(isSuccessful(receipt({ new: 89, failed: 1 }))).toBe(false);
  });
});
