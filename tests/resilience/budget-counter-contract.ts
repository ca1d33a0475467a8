/**
 * What every adapter of the BudgetCounter must do. Several counters on one state stand for several processes.
 */
import { describe, expect, it } from 'vitest';
import type { BudgetCounter, BudgetRequest } from '../../src/resilience/budget-counter.ts';

const request: BudgetRequest = { day: '2026-11-22', city: 'Helsinki', cityLimit: null, portalLimit: null };

/** Requests let through when `count` are asked for at the same moment, shared out over the counters. */
async function takenOf(counters: readonly BudgetCounter[], count: number, asked: BudgetRequest): Promise<number> {
  const takes = counters.flatMap((counter, first) => {
    const share = Math.ceil((count - first) / counters.length);
    return Array.from({ length: share }, () => counter.take(asked));
  });
  const answers = await Promise.all(takes);
  return answers.filter(({ isTaken }) => isTaken).length;
}

/** Describes the contract. @param create counters that share one state, empty at first */
export function describeBudgetCounter(
  name: string,
  create: (count: number) => Promise<readonly BudgetCounter[]>,
): void {
  const createOne = async (): Promise<BudgetCounter> => {
    const [counter] = await create(1);
    if (counter === undefined) throw new Error('expected one counter, got none');
    return counter;
  };

  describe(`budget counter: ${name}`, () => {
    it('lets everything through without a limit', async () => {
      expect(await takenOf(await create(1), 50, request)).toBe(50);
    });

    it("stops at the city's limit, says so, and lets another city go on", async () => {
      const counter = await createOne();

      expect(await takenOf([counter], 5, { ...request, cityLimit: 3 })).toBe(3);
      expect(await counter.take({ ...request, cityLimit: 3 })).toEqual({ isTaken: false, spent: 'city' });
      expect(await counter.take({ ...request, city: 'Espoo', cityLimit: 3 })).toEqual({ isTaken: true });
    });

    it("stops every city at the portal's limit, requests for no city included, and names it before the city's", async () => {
      const counter = await createOne();
      const limits = { cityLimit: 2, portalLimit: 4 };

      await takenOf([counter], 2, { ...request, ...limits });
      await takenOf([counter], 2, { ...request, ...limits, city: null });

      expect(await counter.take({ ...request, ...limits })).toEqual({ isTaken: false, spent: 'portal' });
      expect(await counter.take({ ...request, ...limits, city: 'Espoo' })).toEqual({ isTaken: false, spent: 'portal' });
    });

    it('counts a refused request in neither budget', async () => {
      const counter = await createOne();

      await takenOf([counter], 10, { ...request, cityLimit: 1, portalLimit: 3 });

      expect(await takenOf([counter], 10, { ...request, city: 'Espoo', portalLimit: 3 })).toBe(2);
    });

    it('starts anew with the next day', async () => {
      const counter = await createOne();
      await takenOf([counter], 3, { ...request, cityLimit: 2, portalLimit: 2 });

      expect(await takenOf([counter], 3, { ...request, day: '2026-11-23', cityLimit: 2, portalLimit: 2 })).toBe(2);
    });

    it('lets exactly as many through as are left, however many ask at once', async () => {
      const counters = await create(3);

      expect(await takenOf(counters, 200, { ...request, cityLimit: 70, portalLimit: 90 })).toBe(70);
      expect(await takenOf(counters, 200, { ...request, city: 'Espoo', cityLimit: 70, portalLimit: 90 })).toBe(20);
    });
  });
}
