/**
 * What every store of breaker states promises. Each adapter runs this suite.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BreakerState } from '../../src/resilience/breaker-state.ts';
import { closedBreaker } from '../../src/resilience/breaker-state.ts';
import type { BreakerStateStore } from '../../src/resilience/breaker-store.ts';
import { CircuitBreaker } from '../../src/resilience/circuit-breaker.ts';
import { testSettings } from './breaker-settings.ts';

export interface StoreUnderTest {
  /** A process of its own on the same kept states. */
  readonly open: () => Promise<BreakerStateStore>;
  /** Lets at least so much time pass for the store. */
  readonly passTime: (durationMs: number) => Promise<void>;
  /** Whether several processes share it; a store in memory has one. */
  readonly isShared: boolean;
}

const opened: BreakerState = {
  ...closedBreaker,
  status: 'OPEN',
  generation: 1,
  openings: 1,
  retryAtMs: 1_795_000_000_000,
  streak: [{ nodeId: 'node-1', city: 'Jyväskylä', failures: 5 }],
  nodes: { 'node-1': { failures: 2, isolation: { untilMs: 5, times: 1, lease: { token: 't', expiresAtMs: 9 } } } },
  window: [{ startMs: 1, nodeId: 'node-1', calls: 3, failures: 2 }],
  changeCount: 1,
  history: [
    {
      number: 1,
      atMs: 2,
      kind: 'opened',
      from: 'CLOSED',
      to: 'OPEN',
      nodeId: 'node-1',
      reason: '5 "failures"\nin a row',
    },
  ],
};

/** Runs the promises against the stores that `create` makes. */
export function describeBreakerStore(create: () => Promise<StoreUnderTest>): void {
  it('has nothing under a name at first, and says what time it is', async () => {
    const store = await (await create()).open();

    const { state, nowMs } = await store.read('Helsinki');

    expect(state).toBeNull();
    expect(nowMs).toBeGreaterThan(Date.UTC(2026, 0, 1));
    expect(await store.list()).toEqual(new Map());
  });

  it('gives back every field of what was kept, under its own name', async () => {
    const store = await (await create()).open();
    const { version } = await store.read('Jyväskylä');

    expect(await store.compareAndSet('Jyväskylä', version, opened)).toBe(true);

    expect((await store.read('Jyväskylä')).state).toEqual(opened);
    expect((await store.read('Helsinki')).state).toBeNull();
    expect(await store.list()).toEqual(new Map([['Jyväskylä', opened]]));
  });

  it('keeps nothing for whoever read before somebody else wrote', async () => {
    const store = await (await create()).open();
    const early = await store.read('Helsinki');
    await store.compareAndSet('Helsinki', early.version, opened);

    const isKept = await store.compareAndSet('Helsinki', early.version, closedBreaker);

    expect(isKept).toBe(false);
    expect((await store.read('Helsinki')).state).toEqual(opened);
  });

  it('refuses a second write on one read even when only the window differs', async () => {
    const store = await (await create()).open();
    await store.compareAndSet('Helsinki', (await store.read('Helsinki')).version, opened);
    const { version } = await store.read('Helsinki');

    const first = await store.compareAndSet('Helsinki', version, { ...opened, window: [] });
    const second = await store.compareAndSet('Helsinki', version, opened);

    expect([first, second]).toEqual([true, false]);
  });

  it('loses no event when many write at once', async () => {
    const under = await create();
    const stores = [await under.open(), under.isShared ? await under.open() : null].filter((store) => store !== null);
    const breakers = stores.map((store, index) => breakerOn(store, `node-${index + 1}`));
    await breakers[0]?.recordFailure('TIMEOUT');

    const events = breakers.flatMap((breaker) => Array.from({ length: 20 }, () => breaker.forceOpen()));
    await Promise.all(events);

    const { state } = await (await under.open()).read('Helsinki');
    expect(state?.changeCount).toBe(events.length);
    expect(new Set(state?.history.map(({ number }) => number)).size).toBe(events.length);
  });

  it('knows the nodes that reported lately', async () => {
    const { open, passTime } = await create();
    const store = await open();
    await store.reportNode('node-1');
    await passTime(60);
    await store.reportNode('node-2');

    expect(await store.liveNodes(50)).toEqual(['node-2']);
    expect([...(await store.liveNodes(60_000))].sort()).toEqual(['node-1', 'node-2']);
  });

  it('shows one process what another has kept', async () => {
    const { open, isShared } = await create();
    if (!isShared) return;
    const [mine, theirs] = [await open(), await open()];
    await theirs.read('Helsinki');

    await mine.compareAndSet('Helsinki', (await mine.read('Helsinki')).version, opened);

    expect((await theirs.read('Helsinki')).state).toMatchObject({ status: 'OPEN', history: opened.history });
  });

  describe('under a breaker', () => {
    it('lets one of many askers through when the wait is over, and another when its lease has run out', async () => {
      const under = await create();
      const stores = [await under.open(), under.isShared ? await under.open() : null].filter((store) => store !== null);
      const breakers = stores.map((store, index) => breakerOn(store, `node-${index + 1}`));
      for (const breaker of breakers) {
        for (let failure = 0; failure < testSettings.failureThreshold; failure += 1)
          await breaker.recordFailure('TIMEOUT');
      }
      await under.passTime(testSettings.recoveryTimeoutMs);

      const first = await Promise.all(breakers.flatMap((breaker) => [breaker.acquire(), breaker.acquire()]));
      await under.passTime(testSettings.probeLeaseMs);
      const second = await Promise.all(breakers.flatMap((breaker) => [breaker.acquire(), breaker.acquire()]));

      expect(first.filter(({ kind }) => kind === 'pass')).toHaveLength(1);
      expect(second.filter(({ kind }) => kind === 'pass')).toHaveLength(1);
    });
  });
}

function breakerOn(store: BreakerStateStore, nodeId: string): CircuitBreaker {
  return new CircuitBreaker({ name: 'Helsinki', store, settings: testSettings, nodeId, newToken: randomUUID });
}
