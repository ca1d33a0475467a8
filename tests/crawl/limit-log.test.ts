/** The log of limits: what was in force since when, whoever changed it. */
import { expect, it } from 'vitest';
import { createLimitLog } from '../../src/crawl/limit-log.ts';
import type { LimitRecord } from '../../src/crawl/request-log.ts';
import { createFakeClock } from './fake-clock.ts';

const startMs = Date.UTC(2026, 10, 25, 12);
const atSecond = (second: number) => new Date(startMs + second * 1_000).toISOString();

function createLog() {
  const clock = createFakeClock(startMs);
  const records: LimitRecord[] = [];
  const log = createLimitLog({
    clock,
    executionId: 'daily-2026-11-25',
    record: (record) => records.push(record),
    configured: new Map([['Espoo', { intervalMs: 1_000, dailyRequestBudget: null }]]),
  });
  const told = () => records.map(({ fromUtc, intervalMs }) => [fromUtc, intervalMs]);
  return { clock, log, told };
}

it('a stricter limit of an operator counts from when it was seen, a looser one from when it was set', () => {
  const { clock, log, told } = createLog();

  clock.set(startMs + 10_000);
  log.reset('Espoo', 2_000, startMs + 9_000);
  clock.set(startMs + 20_000);
  log.reset('Espoo', 500, startMs + 19_000);
  // The same again is no change.
  log.reset('Espoo', 500, startMs + 19_500);

  expect(told()).toEqual([
    [atSecond(0), 1_000],
    [atSecond(10), 2_000],
    [atSecond(19), 500],
  ]);
});

it('a longer Crawl-delay stays in force when an operator sets less, and the other way round', () => {
  const { clock, log, told } = createLog();

  log.widened('Espoo', 3_000);
  clock.set(startMs + 10_000);
  log.reset('Espoo', 500, startMs + 10_000);
  log.reset('Espoo', 4_000, startMs + 10_000);
  log.widened('Espoo', 100);
  log.reset('Espoo', 500, startMs + 10_000);

  expect(told().map(([, intervalMs]) => intervalMs)).toEqual([1_000, 3_000, 4_000, 500]);
});
