/** Daily budgets and quiet hours in whole runs, counted in the simulator's own log. */
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import type { PortalConfigOptions } from './portal-config.ts';
import { createQuickClock } from './quick-clock.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows } from './stored-records.ts';

const rigs: Rig[] = [];

async function rigWith(options: PortalConfigOptions): Promise<Rig> {
  const rig = await createRig(options);
  rigs.push(rig);
  return rig;
}

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

const logTo = (lines: string[]) =>
  createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });

const requestsOf = ({ simulator }: Rig): number => simulator.requestLog.entries().length;

describe('a daily request budget', () => {
  it('of a city ends it as partial with the reason, at exactly the budget with five workers and failing requests', async () => {
    const taskSettings = { max_detail_workers: 5, data_governance: { daily_request_budget: 20 } };
    const rig = await rigWith({ helsinki: 60, taskSettings });
    rig.simulator.faults.add({ type: 'http_500', kinds: ['listing'], everyNth: 3 });
    rig.simulator.faults.add({ type: 'http_403', kinds: ['search'], times: 1 });

    const result = await rig.run();

    expect(requestsOf(rig)).toBe(20);
    expect(result).toMatchObject({ status: 'degraded', requests: 20 });
    expect(result.cities).toMatchObject([{ verdict: 'partial', failed: 0 }]);
    expect(result.cities[0]?.reason).toMatch(
      /^the daily request budget of Helsinki is spent \(20 requests on \d{4}-\d\d-\d\d\); it starts anew at midnight in Helsinki \(\d{4}-\d\d-\d\d\); raise the task's data_governance\.daily_request_budget to ask more; \d+ listings not settled$/,
    );
    const failures = await queryRows(rig.config.databasePath, 'select job_kind, code from failed_listings');
    expect(failures).toEqual([{ job_kind: 'city', code: 'BUDGET_SPENT' }]);
  });

  it('goes on over a restart of the same day', async () => {
    const rig = await rigWith({ helsinki: 60, taskSettings: { data_governance: { daily_request_budget: 20 } } });
    await rig.run({ listingLimit: 5 });
    const before = requestsOf(rig);

    const result = await rig.run();

    expect(before).toBeLessThan(20);
    expect(requestsOf(rig)).toBe(20);
    expect(result.cities).toMatchObject([{ verdict: 'partial' }]);
  });

  // One: robots.txt; two: the session too; then nothing is left for a search. Twenty: both cities have begun.
  it.each([1, 2, 20])('of %i in all ends every city as partial with the reason, now and again', async (budget) => {
    const globalSettings = { politeness: { daily_request_budget: budget } };
    const rig = await rigWith({ helsinki: 30, espoo: 30, globalSettings });
    const reason = expect.stringMatching(/^the daily request budget for the whole portal is spent/);

    const first = await rig.run();
    const second = await rig.run();

    expect(requestsOf(rig)).toBe(budget);
    for (const { status, cities } of [first, second]) {
      expect(status).toBe('degraded');
      expect(cities).toHaveLength(2);
      for (const city of cities) expect(city).toMatchObject({ verdict: 'partial', reason, failed: 0 });
    }
  });

  it('starts anew at midnight in Helsinki', async () => {
    const globalSettings = { politeness: { daily_request_budget: 10 } };
    const rig = await rigWith({ helsinki: 30, globalSettings });
    await rig.run({ clock: createQuickClock('2026-11-22T21:50:00Z', 1) });

    await rig.run({ clock: createQuickClock('2026-11-22T22:00:01Z', 1) });

    expect(requestsOf(rig)).toBe(20);
  });
});

describe('quiet hours', () => {
  it.each([
    ['begin while it runs', '2026-11-22T04:58:30Z'],
    ['have begun before it', '2026-11-22T05:00:20Z'],
  ])('hold a run up and cost nothing when they %s', async (_when, startAt) => {
    const rig = await rigWith({
      helsinki: 30,
      requestsPerSecond: 0.25,
      requestTimeoutSeconds: 600,
      taskSettings: { max_detail_workers: 5 },
      globalSettings: { politeness: { quiet_hours: ['07:00-07:02'] } },
    });
    const lines: string[] = [];

    const result = await rig.run({ clock: createQuickClock(startAt, 60), log: logTo(lines) });

    expect(result).toMatchObject({ status: 'completed', new: 30 });
    const sent = await queryRows(
      rig.config.databasePath,
      `select count(*) as n, count(*) filter (sent_at >= '2026-11-22 05:00' and sent_at < '2026-11-22 05:02') as quiet,
        count(*) filter (sent_at < '2026-11-22 05:00') as before from request_log`,
    );
    expect(sent).toMatchObject([{ n: requestsOf(rig), quiet: 0 }]);
    expect(Number(sent[0]?.['before']) > 0).toBe(startAt < '2026-11-22T05');
    expect(requestsOf(rig)).toBe(1 + 1 + 2 + 30);
    expect(lines.filter((line) => line.includes('quiet hours: nothing is asked before 07:02'))).toHaveLength(1);
  });
});

/** One that does not end the failures these tests are about. */
const patientBreaker = { failure_threshold: 1_000, failure_share: null, portal_failure_threshold: 1_000 };

describe('slowing down', () => {
  it('is logged and recorded once for each step, and stays within its most', async () => {
    const globalSettings = { politeness: { max_slow_down: 3 }, circuit_breaker: patientBreaker };
    const rig = await rigWith({ helsinki: 12, requestsPerSecond: 100, globalSettings });
    rig.simulator.faults.add({ type: 'http_500', kinds: ['listing'] });
    const lines: string[] = [];

    await rig.run({ log: logTo(lines) });

    const steps = lines.filter((line) => line.includes('asking more slowly than configured'));
    const recorded = await queryRows(
      rig.config.databasePath,
      'select city, slow_down from request_limits where slow_down > 1 order by slow_down, city nulls last',
    );
    const factors = [2, 3].flatMap((slow_down) => ['Helsinki', null].map((city) => ({ city, slow_down })));
    expect(recorded).toEqual(factors);
    expect(steps).toHaveLength(factors.length);
    expect(JSON.parse(steps[0] ?? '')).toMatchObject({ factor: 2, reason: 'several of the last requests failed' });
  });

  it('does not happen when it is switched off', async () => {
    const globalSettings = { politeness: { adaptive_slow_down: false }, circuit_breaker: patientBreaker };
    const rig = await rigWith({ helsinki: 12, requestsPerSecond: 100, globalSettings });
    rig.simulator.faults.add({ type: 'http_500', kinds: ['listing'] });

    await rig.run();

    const recorded = await queryRows(rig.config.databasePath, 'select max(slow_down) as most from request_limits');
    expect(recorded).toEqual([{ most: 1 }]);
  });
});
