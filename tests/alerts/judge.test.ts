import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { keyOf } from '../../src/alerts/alert.ts';
import type { ClusterSight } from '../../src/alerts/judge-cluster.ts';
import { judgeCluster, watchStillness } from '../../src/alerts/judge-cluster.ts';
import { judgeRun } from '../../src/alerts/judge-run.ts';
import type { CityReceipt, ExecutionResult } from '../../src/quality/city-receipt.ts';
import { closedBreaker } from '../../src/resilience/breaker-state.ts';
import { receiptOf } from '../storage/samples.ts';

const keys = (alerts: readonly Alert[]) => alerts.map(keyOf);

function resultOf(status: ExecutionResult['status'], cities: readonly CityReceipt[]): ExecutionResult {
  return {
    ...{ executionId: 'daily-2026-11-22', nominalDay: '2026-11-22', status, cities, executionTimeSeconds: 1 },
    ...{ successfulCities: 1, totalCities: cities.length, new: 0, changed: 0, unchanged: 0, unfetched: 0 },
    ...{ goneCandidates: 0, gone: 0, returned: 0, goneWaiting: 0, failed: 0, requests: 0 },
    missingParts: [{ part: 'raw archive', reason: 'the disk is full', remedy: 'make room' }],
  };
}

describe('the judgement of a run', () => {
  const partial = receiptOf({ city: 'Espoo', verdict: 'partial', reason: '3 listings failed', failed: 3 });
  const limited = receiptOf({
    ...{ city: 'Oulu', verdict: 'partial', reason: 'listing limit 5 of 90', listingLimit: 5, skipped: 85 },
    ...{ discovered: 90, failed: 0, pending: 0, failedSearchPages: 0 },
  });
  const health = { lastCompleteDay: null, firstDay: '2026-11-20', completeness: 1, verdict: 'complete' } as const;
  const series = { cities: [{ ...health, city: 'Turku', openQuarantines: 1 }] };

  it('names the run, what it went without, each city that is not complete, and what is in quarantine', () => {
    const judgement = judgeRun(resultOf('degraded', [receiptOf(), partial, limited]), series);

    expect(keys(judgement?.firing ?? [])).toEqual(['run_degraded', 'city_incomplete/Espoo', 'quarantine_open/Turku']);
    expect(judgement?.firing[0]?.summary).toBe(
      'daily-2026-11-22 is degraded: 1 of 3 cities complete; without raw archive (the disk is full)',
    );
    expect(judgement?.firing[1]?.summary).toContain('3 listings failed');
  });

  it('leaves the cities alone that it did not collect, and what only a watchdog sees', () => {
    const judgement = judgeRun(resultOf('completed', [receiptOf({ city: 'Helsinki' })]), series);

    expect(judgement?.covers({ kind: 'city_incomplete', subject: 'Helsinki' })).toBe(true);
    expect(judgement?.covers({ kind: 'city_incomplete', subject: 'Espoo' })).toBe(false);
    expect(judgement?.covers({ kind: 'run_failed', subject: null })).toBe(true);
    expect(judgement?.covers({ kind: 'node_offline', subject: 'worker-1' })).toBe(false);
  });

  it('says nothing of a run that was stopped', () => {
    expect(judgeRun(resultOf('interrupted', [partial]), series)).toBeNull();
  });
});

describe('the judgement of a cluster', () => {
  const nowMs = 10_000_000;
  const calm: ClusterSight = {
    ...{ nowMs, nodes: [], breakers: new Map(), missingRoles: [], stillSinceMs: new Map(), missingRunDay: null },
  };
  const limits = { breakerOpenMs: 1_800_000, queueStuckMs: 900_000 };
  const openSince = (atMs: number) => ({
    status: 'HALF_OPEN' as const,
    history: [
      { number: 1, atMs, kind: 'opened', from: 'CLOSED', to: 'OPEN', nodeId: 'a', reason: 'blocked' } as const,
      {
        number: 2,
        atMs: nowMs,
        kind: 'half_opened',
        from: 'OPEN',
        to: 'HALF_OPEN',
        nodeId: 'a',
        reason: 'trial',
      } as const,
    ],
  });

  it('finds nothing where nothing is wrong', () => {
    expect(judgeCluster({ ...calm, breakers: new Map([['Espoo', closedBreaker]]) }, limits).firing).toEqual([]);
  });

  it('tells breakers by the time since they were closed, trials included', () => {
    const breakers = new Map([
      ['Espoo', openSince(nowMs - 1_800_000)],
      ['Oulu', openSince(nowMs - 1_799_000)],
    ]);

    const { firing } = judgeCluster({ ...calm, breakers }, limits);

    expect(keys(firing)).toEqual(['breaker_open/Espoo']);
    expect(firing[0]?.summary).toBe('the breaker of Espoo has not been closed for 30 min: trial');
  });

  it('tells nodes that are offline, roles that are missing, queues that stand still, a day without its run', () => {
    const { firing, covers } = judgeCluster(
      {
        ...calm,
        nodes: [
          { nodeId: 'worker-1', role: 'worker', status: 'offline' },
          { nodeId: 'worker-2', role: 'worker', status: 'unhealthy' },
        ],
        missingRoles: [{ role: 'store', sentence: 'No store is running' }],
        stillSinceMs: new Map([
          ['store', nowMs - 900_000],
          ['crawl-espoo', nowMs - 60_000],
        ]),
        missingRunDay: '2026-11-22',
      },
      limits,
    );

    expect(keys(firing)).toEqual(['node_offline/worker-1', 'role_missing/store', 'queue_stuck/store', 'run_missing']);
    expect(covers({ kind: 'city_incomplete', subject: 'Espoo' })).toBe(false);
  });

  it('sees from look to look whether a queue with work has moved', () => {
    const { look } = watchStillness();
    const queue = (waiting: number, completed: number) => [
      { queue: 'store', city: null, jobs: { waiting, completed, failed: 0 } },
    ];

    expect([...look(queue(5, 0), 1_000)]).toEqual([['store', 1_000]]);
    expect([...look(queue(5, 0), 2_000)]).toEqual([['store', 1_000]]);
    expect([...look(queue(5, 1), 3_000)]).toEqual([['store', 3_000]]);
    expect([...look(queue(0, 6), 4_000)]).toEqual([]);
    expect([...look([], 5_000)]).toEqual([]);
    expect([...look(queue(5, 1), 6_000)]).toEqual([['store', 6_000]]);
  });
});
