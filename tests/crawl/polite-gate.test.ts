/** The gate in front of the gate: what it refuses, when, in which words, and that a refusal costs nobody anything. */
import { describe, expect, it } from 'vitest';
import { createGate } from '../../src/crawl/gate.ts';
import type { PoliteGateOptions } from '../../src/crawl/polite-gate.ts';
import { createPoliteGate } from '../../src/crawl/polite-gate.ts';
import { createMemoryBudgetCounter } from '../../src/resilience/budget-counter.ts';
import { createQuietHours } from '../../src/resilience/quiet-hours.ts';
import { createFakeClock } from './fake-clock.ts';

const { signal } = new AbortController();
const hourMs = 3_600_000;

/** A polite gate at 06:59 in Helsinki on 2026-11-22, with one request a second and a city. */
function setUp(options: Partial<PoliteGateOptions> = {}) {
  const clock = createFakeClock(Date.UTC(2026, 10, 22, 4, 59));
  const departurePatienceMs = 2000;
  const inner = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1000, departurePatienceMs });
  const quietHours = createQuietHours([]);
  const gate = createPoliteGate({ gate: inner, clock, quietHours, budget: null, ...options });
  return { clock, gate };
}

function budgetOf(portalLimit: number | null, cityLimit: number | null) {
  const counter = createMemoryBudgetCounter({ day: '2026-11-22', portal: 0, cities: new Map() });
  return { counter, portalLimit, cityLimit: () => cityLimit };
}

describe('polite gate in quiet hours', () => {
  it('says when to come again, and tells of it once in each quiet time', async () => {
    const told: number[] = [];
    const quietHours = createQuietHours(['07:00-09:00']);
    const { clock, gate } = setUp({ quietHours, onQuiet: (untilMs) => told.push(untilMs) });
    await clock.advance(90_000);

    for (const city of ['Helsinki', 'Espoo', null]) {
      await expect(gate.enter(city, signal)).rejects.toMatchObject({
        code: 'QUIET_HOURS',
        message: expect.stringContaining('the next request may leave at 09:00 Helsinki time'),
        details: { retryAfterMs: 2 * hourMs - 30_000 },
      });
    }
    await clock.advance(24 * hourMs);
    await expect(gate.enter('Helsinki', signal)).rejects.toMatchObject({ code: 'QUIET_HOURS' });

    expect(told).toEqual([Date.UTC(2026, 10, 22, 7), Date.UTC(2026, 10, 23, 7)]);
  });

  it('refuses who was in line when they began, and lets go again at the minute they end', async () => {
    const { clock, gate } = setUp({ quietHours: createQuietHours(['07:00-09:00']) });
    await clock.advance(57_500);
    await gate.enter('Helsinki', signal);
    gate.departed('Helsinki');
    const waiting = gate.enter('Helsinki', signal).catch((error: unknown) => error);

    await clock.advance(5000);
    expect(await waiting).toMatchObject({ code: 'QUIET_HOURS' });

    await clock.advance(2 * hourMs - 2500);
    await expect(gate.enter('Helsinki', signal)).resolves.toBeUndefined();
  });
});

describe('polite gate with daily budgets', () => {
  it.each([
    [
      'portal',
      budgetOf(2, null),
      /^the daily request budget for the whole portal is spent \(2 requests on 2026-11-22\); .*\(2026-11-23\); raise politeness\.daily_request_budget/,
    ],
    [
      'city',
      budgetOf(null, 2),
      /^the daily request budget of Helsinki is spent \(2 requests on 2026-11-22\); .*raise the task's data_governance\.daily_request_budget/,
    ],
  ])('names the spent budget of the %s, its size, its end and its knob', async (_whose, budget, message) => {
    const { clock, gate } = setUp({ budget });
    const entering = Array.from({ length: 3 }, () => gate.enter('Helsinki', signal).catch((error: unknown) => error));

    await clock.runAll();

    expect((await Promise.all(entering)).slice(0, 2)).toEqual([undefined, undefined]);
    expect(await entering[2]).toMatchObject({ code: 'BUDGET_SPENT', message: expect.stringMatching(message) });
  });

  it('lets nobody wait in line for a day that is spent', async () => {
    const { clock, gate } = setUp({ budget: budgetOf(1, null) });
    await gate.enter('Helsinki', signal);
    gate.departed('Helsinki');
    const second = gate.enter('Helsinki', signal).catch((error: unknown) => error);
    await clock.runAll();
    expect(await second).toMatchObject({ code: 'BUDGET_SPENT' });

    const others = ['Helsinki', 'Espoo', null].map((city) => gate.enter(city, signal));

    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'BUDGET_SPENT' });
  });

  it('lets a refused request close the line for nobody', async () => {
    const counter = createMemoryBudgetCounter({ day: '2026-11-22', portal: 0, cities: new Map([['Helsinki', 5]]) });
    const cityLimit = (city: string) => (city === 'Helsinki' ? 5 : null);
    const { clock, gate } = setUp({ budget: { counter, portalLimit: null, cityLimit } });
    const startMs = clock.now();

    await expect(gate.enter('Helsinki', signal)).rejects.toMatchObject({ code: 'BUDGET_SPENT' });
    await gate.enter('Espoo', signal);

    expect(clock.now()).toBe(startMs);
  });

  it('lets go again after midnight in Helsinki', async () => {
    const { clock, gate } = setUp({ budget: budgetOf(1, 1) });
    await gate.enter('Helsinki', signal);
    gate.departed('Helsinki');
    const second = gate.enter('Helsinki', signal).catch((error: unknown) => error);
    await clock.runAll();
    expect(await second).toMatchObject({ code: 'BUDGET_SPENT' });

    await clock.advance(17 * hourMs);
    await expect(gate.enter('Helsinki', signal)).rejects.toMatchObject({ code: 'BUDGET_SPENT' });
    await clock.advance(60_000);

    await expect(gate.enter('Helsinki', signal)).resolves.toBeUndefined();
  });
});
