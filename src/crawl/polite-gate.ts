/**
 * A gate in front of the gate: in quiet hours nothing is let go, and no more requests a day than the budgets allow. A
 * request is counted when it has waited its turn and is about to leave; nobody waits in line for a day that is spent.
 */
import type { Clock } from '../clock.ts';
import { boundsOfNominalDay, nominalDayOf } from '../clock.ts';
import { ScraperError } from '../errors.ts';
import type { BudgetCounter } from '../resilience/budget-counter.ts';
import type { QuietHours } from '../resilience/quiet-hours.ts';
import type { Gate } from './gate.ts';

export interface DailyBudget {
  readonly counter: BudgetCounter;
  /** Requests a day (Helsinki) in all; null = no budget. */
  readonly portalLimit: number | null;
  /** Requests a day for a city; null = no budget. */
  readonly cityLimit: (city: string) => number | null;
}

export interface PoliteGateOptions {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly quietHours: QuietHours;
  /** Null when requests are not counted. */
  readonly budget: DailyBudget | null;
  /** Told once in each quiet time, when something first wanted to leave in it. */
  readonly onQuiet?: (untilMs: number) => void;
}

/** A request that needs a new connection leaves a moment after it is let go: the quiet begins that much before. */
const quietLeadMs = 2_000;

/**
 * Wraps the gate. `enter` also rejects with a ScraperError QUIET_HOURS (`details.retryAfterMs`: ask again then) or
 * BUDGET_SPENT (not before the next day in Helsinki); nothing has left then.
 */
export function createPoliteGate(options: PoliteGateOptions): Gate {
  const { gate, clock, quietHours, budget } = options;
  const spentDayOf = new Map<string | null, string>();
  const dayNow = createDayNow(clock);
  let announcedUntilMs = 0;

  function refuseInQuietHours(): void {
    const nowMs = clock.now();
    const untilMs = quietHours.quietUntilMs(nowMs) ?? quietHours.quietUntilMs(nowMs + quietLeadMs);
    if (untilMs === null) return;
    if (untilMs !== announcedUntilMs) options.onQuiet?.(untilMs);
    announcedUntilMs = untilMs;
    throw quietError(untilMs, nowMs);
  }

  /** The budget of the portal, or else of the city, when it is known to be spent today. */
  function refuseWhenSpent(city: string | null): void {
    if (budget === null) return;
    const day = dayNow();
    if (spentDayOf.get(null) === day) throw spentError(day, null, budget);
    if (city !== null && spentDayOf.get(city) === day) throw spentError(day, city, budget);
  }

  async function count(city: string | null): Promise<void> {
    if (budget === null) return;
    const day = dayNow();
    const cityLimit = city === null ? null : budget.cityLimit(city);
    const answer = await budget.counter.take({ day, city, cityLimit, portalLimit: budget.portalLimit });
    if (answer.isTaken) return;
    const spent = answer.spent === 'portal' ? null : city;
    spentDayOf.set(spent, day);
    throw spentError(day, spent, budget);
  }

  return {
    ...gate,
    enter: async (city, signal) => {
      refuseInQuietHours();
      refuseWhenSpent(city);
      await gate.enter(city, signal, async () => {
        refuseInQuietHours();
        await count(city);
      });
    },
  };
}

/** Gives the nominal day of now; asks the calendar once a day, because a day is dear to work out and asked for twice a request. */
function createDayNow(clock: Clock): () => string {
  let known = { day: '', fromMs: 0, toMs: 0 };
  return () => {
    const nowMs = clock.now();
    if (nowMs >= known.fromMs && nowMs < known.toMs) return known.day;
    const day = nominalDayOf(nowMs);
    known = { day, ...boundsOfNominalDay(day) };
    return day;
  };
}

const helsinkiTime = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', timeStyle: 'short' });

function quietError(untilMs: number, nowMs: number): ScraperError {
  const message =
    `Nothing is asked in quiet hours; the next request may leave at ${helsinkiTime.format(untilMs)} Helsinki time; ` +
    'politeness.quiet_hours says when';
  return new ScraperError('QUIET_HOURS', message, {
    category: 'RATE_LIMIT',
    details: { retryAfterMs: Math.max(1, untilMs - nowMs) },
  });
}

/** The same sentence for every request of the day: it becomes the reason in the receipt. */
function spentError(day: string, city: string | null, budget: DailyBudget): ScraperError {
  const limit = city === null ? budget.portalLimit : budget.cityLimit(city);
  const whose = city === null ? 'for the whole portal' : `of ${city}`;
  const knob = city === null ? 'politeness.daily_request_budget' : "the task's data_governance.daily_request_budget";
  const nextDay = nominalDayOf(boundsOfNominalDay(day).toMs);
  const message =
    `the daily request budget ${whose} is spent (${limit} ${limit === 1 ? 'request' : 'requests'} on ${day}); ` +
    `it starts anew at midnight in Helsinki (${nextDay}); raise ${knob} to ask more`;
  return new ScraperError('BUDGET_SPENT', message, { category: 'RATE_LIMIT', details: { city, limit, day } });
}
