import { describe, expect, it } from 'vitest';
import type { ExecutionSummary } from '../../src/jobs/series-store.ts';
import { chooseExecution } from '../../workers/choose-execution.ts';

const helsinki = { city: 'Helsinki', listingLimit: null };
const espoo = { city: 'Espoo', listingLimit: null };

function storeWith(...executions: Partial<ExecutionSummary>[]) {
  return {
    executionsOfDay: async () =>
      executions.map((execution, index) => ({
        executionId: index === 0 ? 'daily-2026-11-22' : `daily-2026-11-22-${index + 1}`,
        status: 'completed' as const,
        startedAtUtc: '2026-11-22T03:30:00.000Z',
        resumedAtUtc: '2026-11-22T03:30:00.000Z',
        earlierTimeSeconds: 0,
        missingParts: [],
        cities: [helsinki, espoo],
        ...execution,
      })),
  };
}

describe('choosing the execution', () => {
  it('names the first execution of a day after the day', async () => {
    const chosen = await chooseExecution(storeWith(), '2026-11-22', [helsinki]);

    expect(chosen).toEqual({ executionId: 'daily-2026-11-22', nominalDay: '2026-11-22', isContinued: false });
  });

  it.each(['running', 'interrupted'] as const)('continues an execution that is %s', async (status) => {
    const chosen = await chooseExecution(storeWith({ status }), '2026-11-22', [espoo, helsinki]);

    expect(chosen).toMatchObject({ executionId: 'daily-2026-11-22', isContinued: true });
  });

  it.each(['completed', 'degraded', 'failed'] as const)('starts another after one that is %s', async (status) => {
    const chosen = await chooseExecution(storeWith({ status }), '2026-11-22', [helsinki, espoo]);

    expect(chosen).toMatchObject({ executionId: 'daily-2026-11-22-2', isContinued: false });
  });

  it('does not continue an execution of other cities or another limit', async () => {
    const store = storeWith({ status: 'interrupted' });

    const otherCities = await chooseExecution(store, '2026-11-22', [helsinki]);
    const otherLimit = await chooseExecution(store, '2026-11-22', [helsinki, { ...espoo, listingLimit: 10 }]);

    expect(otherCities.isContinued).toBe(false);
    expect(otherLimit.isContinued).toBe(false);
  });
});
