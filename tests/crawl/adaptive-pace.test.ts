import { describe, expect, it } from 'vitest';
import type { PaceStep } from '../../src/crawl/adaptive-pace.ts';
import { createAdaptivePace } from '../../src/crawl/adaptive-pace.ts';
import type { RequestLogEntry } from '../../src/crawl/request-log.ts';

function entryOf(second: number, city: string | null, fields: Partial<RequestLogEntry> = {}): RequestLogEntry {
  return {
    sentAtUtc: new Date(Date.UTC(2026, 10, 22, 4) + second * 1000).toISOString(),
    executionId: 'daily-2026-11-22',
    city,
    kind: 'listing',
    url: 'https://asunnot.oikotie.fi/1',
    status: 200,
    durationMs: 300,
    bodyBytes: 1,
    errorCategory: null,
    nodeId: 'node',
    ...fields,
  };
}

describe('adaptive pace', () => {
  it('slows the sick city down and, in a sea of good answers, neither the portal nor another city', () => {
    const steps: PaceStep[] = [];
    const pace = createAdaptivePace({ maxFactor: 8, onStep: (step) => steps.push(step) });

    for (let second = 0; second < 300; second += 1) {
      pace.observe(entryOf(second, 'Espoo'));
      if (second % 20 === 0) pace.observe(entryOf(second, 'Helsinki', { status: 500, errorCategory: 'SERVER_ERROR' }));
    }

    expect(pace.factorOf('Helsinki')).toBeGreaterThan(1);
    expect(pace.factorOf('Espoo')).toBe(1);
    expect(pace.factorOf(null)).toBe(1);
    expect(new Set(steps.map(({ city }) => city))).toEqual(new Set(['Helsinki']));
  });

  it.each([
    ['a timeout', { status: null, errorCategory: 'TIMEOUT' } as const],
    ['a 429', { status: 429, errorCategory: 'RATE_LIMIT' } as const],
    ['a 503', { status: 503, errorCategory: 'SERVER_ERROR' } as const],
  ])('counts %s as trouble and tells of steps, not of requests', (_what, fields) => {
    const steps: PaceStep[] = [];
    const pace = createAdaptivePace({ maxFactor: 8, onStep: (step) => steps.push(step) });

    for (let second = 0; second < 100; second += 1) pace.observe(entryOf(second, null, fields));

    expect(steps.map(({ factor }) => factor)).toEqual([2, 4, 8]);
  });

  it.each([404, 403, 302])('does not take a %i for trouble of the portal', (status) => {
    const pace = createAdaptivePace({ maxFactor: 8, onStep: () => expect.unreachable() });

    for (let second = 0; second < 50; second += 1) pace.observe(entryOf(second, 'Helsinki', { status }));

    expect(pace.factorOf('Helsinki')).toBe(1);
  });
});
