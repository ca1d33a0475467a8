import { expect, it } from 'vitest';
import { createMemoryBudgetCounter } from '../../src/resilience/budget-counter.ts';
import { describeBudgetCounter } from './budget-counter-contract.ts';

const empty = { day: '2026-11-22', portal: 0, cities: new Map<string, number>() };

describeBudgetCounter('memory', async (count) => {
  const counter = createMemoryBudgetCounter(empty);
  return Array.from({ length: count }, () => counter);
});

it('goes on from what the day has already seen', async () => {
  const counter = createMemoryBudgetCounter({ day: '2026-11-22', portal: 7, cities: new Map([['Helsinki', 4]]) });
  const request = { day: '2026-11-22', city: 'Helsinki', cityLimit: 5, portalLimit: null };

  expect(await counter.take(request)).toEqual({ isTaken: true });
  expect(await counter.take(request)).toEqual({ isTaken: false, spent: 'city' });
});
