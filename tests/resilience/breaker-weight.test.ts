import { expect, it } from 'vitest';
import { ScraperError } from '../../src/errors.ts';
import { breakerWeightOf } from '../../src/resilience/breaker-weight.ts';

const blockedWeight = 2;

function weightOf(code: string, category: ScraperError['category'], status?: number): number {
  const details = status === undefined ? {} : { status };
  return breakerWeightOf(new ScraperError(code, 'what happened', { category, details }), blockedWeight);
}

it('counts what the portal did, a refusal as often as configured', () => {
  expect(weightOf('PORTAL_ERROR', 'SERVER_ERROR', 500)).toBe(1);
  expect(weightOf('RATE_LIMITED', 'RATE_LIMIT', 429)).toBe(1);
  expect(weightOf('NETWORK_FAILED', 'NETWORK_ERROR')).toBe(1);
  expect(weightOf('BLOCK_PAGE', 'BLOCKED', 200)).toBe(blockedWeight);
});

it.each([
  ['LISTING_SHAPE_UNKNOWN', 'PARSING_ERROR', 200],
  ['PAGE_GONE', 'GONE', 404],
  ['ROBOTS_DISALLOWED', 'BLOCKED', undefined],
  ['BREAKER_OPEN', 'UNKNOWN', undefined],
  ['BUDGET_SPENT', 'RATE_LIMIT', undefined],
  ['QUIET_HOURS', 'RATE_LIMIT', undefined],
  ['DISK_FULL', 'STORAGE_ERROR', undefined],
  ['BROWSER_CRASHED', 'NETWORK_ERROR', undefined],
  ['BROWSER_HUNG', 'TIMEOUT', undefined],
  ['PROXY_FAILED', 'NETWORK_ERROR', undefined],
] as const)('counts %s (%s) as nothing: it says nothing of whether the portal is well', (code, category, status) => {
  expect(weightOf(code, category, status)).toBe(0);
});

it('counts what nobody expected only when the portal had answered', () => {
  expect(weightOf('UNEXPECTED', 'UNKNOWN')).toBe(0);
  expect(weightOf('UNEXPECTED', 'UNKNOWN', 418)).toBe(1);
  expect(breakerWeightOf(new Error('a fault of the program'), blockedWeight)).toBe(0);
});
