/**
 * The rules of the breaker against the model, over random sequences of calls, outcomes, waits and operators; and several
 * nodes at once on one store, in random interleavings.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakerPermit } from '../../src/resilience/breaker-reducer.ts';
import { reduceBreaker } from '../../src/resilience/breaker-reducer.ts';
import type { BreakerSettings, BreakerState } from '../../src/resilience/breaker-state.ts';
import { closedBreaker } from '../../src/resilience/breaker-state.ts';
import type { BreakerStateStore } from '../../src/resilience/breaker-store.ts';
import { createMemoryBreakerStore } from '../../src/resilience/breaker-store.ts';
import { CircuitBreaker } from '../../src/resilience/circuit-breaker.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { ModelBreaker } from './breaker-model.ts';
import { testSettings } from './breaker-settings.ts';

const index = fc.nat({ max: 9 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('ask' as const), node: index }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      /** Which of the calls under way; the newest more often. */
      call: fc.oneof(fc.constant(0), index),
      outcome: fc.constantFrom(
        'success' as const,
        'failure' as const,
        'failure' as const,
        'block' as const,
        'nothing' as const,
      ),
      city: fc.constantFrom('Espoo', 'Helsinki', 'Tampere'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 7, 41, 50, 90, 210, 1_500) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('operator' as const),
      action: fc.constantFrom('force_open' as const, 'force_close' as const, 'reset' as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The breaker and its model side by side. */
function createPair(settings: BreakerSettings, nodeCount: number) {
  const model = new ModelBreaker(settings, nodeCount);
  const calls: {
    readonly node: string;
    readonly permit: BreakerPermit;
    readonly id: string;
    readonly epoch: number;
  }[] = [];
  let state: BreakerState = closedBreaker;
  let nowMs = 1_000_000;
  let asked = 0;
  const apply = (event: Parameters<typeof reduceBreaker>[1]) => {
    const reduced = reduceBreaker(state, event, nowMs, settings);
    expect(reduced.state.changeCount).toBe(state.changeCount + reduced.changes.length);
    state = reduced.state;
    return reduced.decision;
  };

  function ask(node: string): void {
    asked += 1;
    const id = `call-${asked}`;
    const decision = apply({ type: 'ask', nodeId: node, token: id });
    const answer = model.ask(node, id, nowMs);
    expect(decision?.kind === 'pass' ? 'pass' : decision?.why).toBe(answer.pass ? 'pass' : answer.why);
    if (decision?.kind === 'pass' && answer.pass)
      calls.unshift({ node, permit: decision.permit, id, epoch: answer.ticket.epoch });
  }

  /** A caller that asked nobody. */
  function withoutLeave() {
    const permit: BreakerPermit = { generation: state.generation, token: '', kind: 'normal' };
    return { node: 'node-0', permit, id: '', epoch: model.epoch };
  }

  function end({ call, outcome, city }: Extract<Step, { type: 'end' }>): void {
    const [ended] = calls.splice(Math.min(call, calls.length - 1), 1);
    const { node: nodeId, permit, ...ticket } = ended ?? withoutLeave();
    if (outcome === 'success') {
      apply({ type: 'success', nodeId, permit });
      model.succeed(nodeId, ticket, nowMs);
    } else if (outcome === 'nothing') {
      apply({ type: 'release', nodeId, permit });
      model.giveBack(nodeId, ticket);
    } else {
      const weight = outcome === 'block' ? settings.blockedWeight : 1;
      const seen = { nodeId, city, permit, weight, reason: outcome, retryAfterMs: 0, liveNodes: nodeCount };
      apply({ type: 'failure', ...seen });
      model.fail(nodeId, city, ticket, weight, nowMs);
    }
  }

  return {
    model,
    state: () => state,
    run: (each: Step) => {
      if (each.type === 'ask') ask(`node-${each.node % nodeCount}`);
      else if (each.type === 'end') end(each);
      else if (each.type === 'wait') nowMs += each.ms;
      else {
        apply({ type: each.action, nodeId: 'desk' });
        model.operate(each.action);
      }
    },
  };
}

function expectSame(state: BreakerState, model: ModelBreaker): void {
  const isolated = Object.entries(state.nodes).flatMap(([node, { isolation }]) =>
    isolation === null ? [] : [[node, isolation.untilMs]],
  );
  expect({
    status: state.status,
    isForced: state.isForced,
    failures: state.streak.reduce((sum, { failures }) => sum + failures, 0),
    successes: state.successes,
    openings: state.openings,
    retryAtMs: state.retryAtMs,
    trial: state.lease?.token ?? null,
    isolated: isolated.sort(),
  }).toEqual({
    status: model.status,
    isForced: model.isForced,
    failures: model.failed.length,
    successes: model.goodTrials,
    openings: model.trips,
    retryAtMs: model.status === 'OPEN' && !model.isForced ? model.retryAt : null,
    trial: model.trial?.id ?? null,
    isolated: [...model.out].map(([node, { until }]) => [node, until]).sort(),
  });
}

const portal: Partial<BreakerSettings> = { failureThreshold: 5, mostPerCity: 3, minCities: 2, isolatesNodes: false };

describe('the rules of a breaker', () => {
  it.each([
    ['one node', 1, { failureShare: null }],
    ['one node and a window', 1, {}],
    ['two nodes', 2, {}],
    ['three nodes without a window', 3, { failureShare: null }],
    ['the portal', 1, { ...portal, failureShare: null }],
    ['the portal seen by two nodes', 2, { ...portal, failureShare: null }],
  ] as const)('are those of the model: %s', (_what, nodeCount, changes) => {
    const settings = { ...testSettings, ...changes };
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const pair = createPair(settings, nodeCount);
        for (const each of steps) {
          pair.run(each);
          expectSame(pair.state(), pair.model);
        }
        for (const { kind } of pair.state().history) reached.add(kind);
        expect(pair.state().history.length).toBeLessThanOrEqual(50);
      }),
      { numRuns: 200, seed: 7 },
    );

    // A test of rules that are never reached would say nothing.
    const isolates = nodeCount > 1 && settings.isolatesNodes;
    expect([...reached]).toEqual(expect.arrayContaining(['opened', 'half_opened', 'closed', 'reset']));
    expect(reached.has('node_isolated') && reached.has('node_returned')).toBe(isolates);
  });

  it('count no call that ends after the breaker has opened', () => {
    const pair = createPair({ ...testSettings, failureShare: null }, 1);
    for (let call = 0; call < 6; call += 1) pair.run({ type: 'ask', node: 0 });
    for (let call = 0; call < 3; call += 1) pair.run({ type: 'end', call: 0, outcome: 'failure', city: 'Espoo' });
    const { retryAtMs } = pair.state();

    pair.run({ type: 'end', call: 0, outcome: 'success', city: 'Espoo' });
    pair.run({ type: 'end', call: 0, outcome: 'failure', city: 'Espoo' });

    expect(pair.state()).toMatchObject({ status: 'OPEN', openings: 1, retryAtMs });
  });
});

/** A store whose every answer comes when the scheduler says so. */
function scheduledStore(scheduler: fc.Scheduler, store: BreakerStateStore): BreakerStateStore {
  const later = <Argument extends unknown[], Result>(method: (...given: Argument) => Promise<Result>) =>
    scheduler.scheduleFunction(method) as (...given: Argument) => Promise<Result>; // the same function, later
  return {
    read: later(store.read),
    compareAndSet: later(store.compareAndSet),
    list: store.list,
    reportNode: store.reportNode,
    liveNodes: store.liveNodes,
  };
}

describe('several nodes on one store', () => {
  const settings = { ...testSettings, failureShare: null, failureThreshold: 6 };

  it('lose no failure and give out one trial, however their reads and writes fall', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, nodeCount) => {
        const clock = createFakeClock();
        const kept = createMemoryBreakerStore(clock);
        const store = scheduledStore(scheduler, kept);
        const nodes = Array.from({ length: nodeCount }, (_, node) => {
          let calls = 0;
          const newToken = () => {
            calls += 1;
            return `${node}.${calls}`;
          };
          return new CircuitBreaker({ name: 'Espoo', store, settings, nodeId: `node-${node}`, newToken });
        });
        const all = async <Result>(work: (breaker: CircuitBreaker) => Promise<Result>): Promise<readonly Result[]> => {
          const results = Promise.all(nodes.map(work));
          await scheduler.waitFor(results);
          return results;
        };

        await all((breaker) => breaker.recordFailure('TIMEOUT'));
        const counted = (await kept.read('Espoo')).state;
        await all(async (breaker) => {
          for (let failure = 0; failure < 6; failure += 1) await breaker.recordFailure('TIMEOUT');
        });
        const opened = (await kept.read('Espoo')).state;
        await clock.advance(settings.recoveryTimeoutMs);
        const admissions = await all((breaker) => breaker.acquire());

        expect(counted?.streak.reduce((sum, { failures }) => sum + failures, 0)).toBe(nodeCount);
        expect(opened).toMatchObject({ status: 'OPEN', openings: 1 });
        expect(admissions.filter(({ kind }) => kind === 'pass')).toHaveLength(1);
        const history = (await kept.read('Espoo')).state?.history ?? [];
        for (const [at, { from }] of history.entries()) expect(from).toBe(history[at - 1]?.to ?? 'CLOSED');
      }),
      { numRuns: 60 },
    );
  });
});
