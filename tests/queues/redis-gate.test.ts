/**
 * The gate of a cluster, several nodes on one real Redis, in fake time: what one process promises must hold for all.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCityLimitStore } from '../../queues/redis-city-limits.ts';
import { createRedisGate } from '../../queues/redis-gate.ts';
import type { Gate } from '../../src/crawl/gate.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { silentLog as log, useRedis } from './redis-server.ts';

const connection = useRedis();

const forever = new AbortController().signal;
const startMs = Date.UTC(2026, 10, 22, 3);
let clusters = 0;

interface Limits {
  readonly portalIntervalMs?: number;
  readonly cityIntervalMs?: (city: string) => number;
  readonly slowDown?: () => number;
}

/** Gates of nodes that share one Redis and one fake time. */
function createGates(nodes: number, limits: Limits) {
  clusters += 1;
  const prefix = `gate${clusters}`;
  const clock = createFakeClock(startMs);
  const gates = Array.from({ length: nodes }, () =>
    createRedisGate({
      redis: connection(),
      prefix,
      clock,
      log,
      portalIntervalMs: 0,
      cityIntervalMs: () => 0,
      nowMs: clock.now,
      ...limits,
    }),
  );
  return { gates, clock, store: createCityLimitStore({ redis: connection(), prefix }) };
}

interface Grant {
  readonly city: string | null;
  readonly atMs: number;
}

/** Sends every request through its node's gate and gives back when each was let go, in order. */
async function grantsOf(requests: readonly { gate: Gate; city: string | null }[], clock: FakeClock): Promise<Grant[]> {
  const grants: Grant[] = [];
  const all = requests.map(async ({ gate, city }) => {
    await gate.enter(city, forever);
    grants.push({ city, atMs: clock.now() - startMs });
    gate.departed(city);
  });
  await untilDone(Promise.all(all), clock);
  return grants;
}

async function untilDone(work: Promise<unknown>, clock: FakeClock): Promise<void> {
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  // Replies of Redis come in real time: let them in, then move time on to whoever sleeps.
  while (!isDone) {
    for (let round = 0; round < 4; round += 1) await connection().ping();
    await clock.runNext();
  }
  await done;
}

function gapsOf(grants: readonly Grant[]): number[] {
  return grants.slice(1).map((grant, index) => grant.atMs - (grants[index]?.atMs ?? 0));
}

describe('the gate of a cluster', () => {
  it('keeps a city to its interval over all nodes together, and uses it', async () => {
    const { gates, clock } = createGates(3, { cityIntervalMs: () => 1_000 });
    const requests = Array.from({ length: 30 }, (_, index) => gates[index % 3]).flatMap((gate) =>
      gate === undefined ? [] : [{ gate, city: 'Helsinki' }],
    );

    const gaps = gapsOf(await grantsOf(requests, clock));

    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(1_000 / 0.98);
  });

  it('does not let a city that is not due hold up the portal for another', async () => {
    const { gates, clock } = createGates(2, {
      portalIntervalMs: 100,
      cityIntervalMs: (city) => (city === 'slow' ? 10_000 : 200),
    });
    const [a, b] = gates as [Gate, Gate];
    const requests = [
      ...Array.from({ length: 3 }, () => ({ gate: a, city: 'slow' })),
      ...Array.from({ length: 20 }, () => ({ gate: b, city: 'quick' })),
    ];

    const grants = await grantsOf(requests, clock);

    const quick = grants.filter(({ city }) => city === 'quick');
    expect(Math.max(...gapsOf(quick))).toBeLessThan(320);
  });

  it('holds every limit for any mix of nodes, cities and requests of no city', async () => {
    const cities = ['Helsinki', 'Espoo', null] as const;
    const request = fc.record({ node: fc.nat(2), city: fc.constantFrom(...cities) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 50, max: 900 }),
        async (mix, portalIntervalMs, cityIntervalMs) => {
          const { gates, clock } = createGates(3, { portalIntervalMs, cityIntervalMs: () => cityIntervalMs });
          const requests = mix.flatMap(({ node, city }) => {
            const gate = gates[node];
            return gate === undefined ? [] : [{ gate, city }];
          });

          const grants = await grantsOf(requests, clock);

          expect(grants).toHaveLength(mix.length);
          for (const gap of gapsOf(grants)) expect(gap).toBeGreaterThanOrEqual(portalIntervalMs);
          for (const city of ['Helsinki', 'Espoo']) {
            const own = gapsOf(grants.filter((grant) => grant.city === city));
            for (const gap of own) expect(gap).toBeGreaterThanOrEqual(cityIntervalMs);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('counts from the moment a request really left', async () => {
    const { gates, clock } = createGates(2, { cityIntervalMs: () => 1_000 });
    const [a, b] = gates as [Gate, Gate];
    await a.enter('Helsinki', forever);
    await clock.advance(600);
    a.departed('Helsinki');

    const [grant] = await grantsOf([{ gate: b, city: 'Helsinki' }], clock);

    expect(grant?.atMs).toBeGreaterThanOrEqual(1_600);
  });

  it('never lets a window go above a limit, however late requests leave and however many cities wait', async () => {
    const lateness = fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 1, maxLength: 12 });
    const cities = Array.from({ length: 8 }, (_, index) => `city ${index}`);
    await fc.assert(
      fc.asyncProperty(lateness, fc.integer({ min: 100, max: 400 }), async (latenessMs, portalIntervalMs) => {
        const { gates, clock } = createGates(3, { portalIntervalMs, cityIntervalMs: () => 1_000 });
        const departures: Grant[] = [];
        const all = [...cities, ...cities, ...cities].map(async (city, index) => {
          const gate = gates[index % 3] as Gate;
          await gate.enter(city, forever);
          await clock.sleep(latenessMs[index % latenessMs.length] ?? 0);
          gate.departed(city);
          departures.push({ city, atMs: clock.now() - startMs });
        });

        await untilDone(Promise.all(all), clock);

        expect(Math.min(...gapsOf(departures))).toBeGreaterThanOrEqual(portalIntervalMs);
        for (const city of cities) {
          const own = gapsOf(departures.filter((departure) => departure.city === city));
          expect(Math.min(...own)).toBeGreaterThanOrEqual(1_000);
        }
      }),
      { numRuns: 2 },
    );
  });

  it('waits for a request that has not left, but not for ever: its process may have died', async () => {
    const { gates, clock } = createGates(2, { portalIntervalMs: 100, cityIntervalMs: () => 1_000 });
    const [a, b] = gates as [Gate, Gate];
    await a.enter('Helsinki', forever);

    const [grant] = await grantsOf([{ gate: b, city: 'Espoo' }], clock);

    expect(grant?.atMs).toBeGreaterThanOrEqual(2_000);
    expect(grant?.atMs).toBeLessThan(2_200);
  });

  it('opens the lanes of a request that is given up before its moment', async () => {
    const { gates, clock } = createGates(2, { portalIntervalMs: 500, cityIntervalMs: () => 1_000 });
    const [a, b] = gates as [Gate, Gate];
    const controller = new AbortController();
    const givenUp = a.enter('Helsinki', controller.signal, async () => controller.abort(new Error('stop')));

    await expect(givenUp).rejects.toThrow('stop');
    const [grant] = await grantsOf([{ gate: b, city: 'Espoo' }], clock);

    expect(grant?.atMs).toBeLessThan(600);
  });

  it('asks what there is to ask before the moment comes, so that the request leaves on time', async () => {
    const { gates, clock } = createGates(2, { cityIntervalMs: () => 1_000 });
    const [a, b] = gates as [Gate, Gate];
    await a.enter('Helsinki', forever);
    a.departed('Helsinki');
    let askedAtMs = 0;
    const entered = b.enter('Helsinki', forever, async () => {
      askedAtMs = clock.now() - startMs;
      await clock.sleep(15);
    });

    await untilDone(entered, clock);

    expect(askedAtMs).toBeGreaterThanOrEqual(980);
    expect(askedAtMs).toBeLessThan(1_000);
    expect(clock.now() - startMs).toBeLessThan(1_013);
  });

  it('counts from now on when what was asked does not let the request leave', async () => {
    const { gates, clock } = createGates(2, { cityIntervalMs: () => 1_000 });
    const [a, b] = gates as [Gate, Gate];

    await expect(a.enter('Helsinki', forever, () => Promise.reject(new Error('spent')))).rejects.toThrow('spent');
    const [grant] = await grantsOf([{ gate: b, city: 'Helsinki' }], clock);

    expect(grant?.atMs).toBeGreaterThanOrEqual(1_000);
  });

  it('holds a wider interval on every node', async () => {
    const { gates, clock } = createGates(2, { cityIntervalMs: () => 100 });
    const [a, b] = gates as [Gate, Gate];
    a.widen('Helsinki', 5_000);

    const gaps = gapsOf(
      await grantsOf(
        [a, b, a].map((gate) => ({ gate, city: 'Helsinki' })),
        clock,
      ),
    );

    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5_000);
  });

  it('gives the place of a request that was given up to the next one', async () => {
    const { gates, clock } = createGates(1, { cityIntervalMs: () => 1_000 });
    const [gate] = gates as [Gate];
    await gate.enter('Helsinki', forever);
    gate.departed('Helsinki');
    const controller = new AbortController();
    const givenUp = gate.enter('Helsinki', controller.signal);
    controller.abort(new Error('stop'));

    await expect(givenUp).rejects.toThrow('stop');
    const [grant] = await grantsOf([{ gate, city: 'Helsinki' }], clock);
    expect(grant?.atMs).toBeLessThan(1_100);
  });

  it('takes what an operator sets on every node, from the last request on, whichever way it changes', async () => {
    const { gates, clock, store } = createGates(2, { cityIntervalMs: () => 1_000 });
    const [a, b] = gates as [Gate, Gate];
    const stamp = { setAtUtc: '2026-11-25T12:00:00.000Z', by: 'test' };
    await grantsOf([{ gate: a, city: 'Helsinki' }], clock);

    await store.write('Helsinki', { requestIntervalMs: 4_000, ...stamp }, 3_000);
    const slow = await grantsOf([{ gate: b, city: 'Helsinki' }], clock);
    const waiting = grantsOf([{ gate: a, city: 'Helsinki' }], clock);
    await store.write('Helsinki', { requestIntervalMs: 500, ...stamp }, -3_500);
    const quick = await waiting;
    await store.write('Helsinki', stamp, 500);
    const configured = await grantsOf([{ gate: b, city: 'Helsinki' }], clock);

    const times = [...slow, ...quick, ...configured].map(({ atMs }) => atMs);
    const [first = 0, second = 0, third = 0] = times;
    expect(first).toBeGreaterThanOrEqual(4_000);
    expect(first).toBeLessThan(4_200);
    expect(second - first).toBeGreaterThanOrEqual(500);
    // Who slept already when it changed asks again within a second.
    expect(second - first).toBeLessThan(1_600);
    expect(third - second).toBeGreaterThanOrEqual(1_000);
    expect(third - second).toBeLessThan(1_200);
  });

  it('keeps a longer Crawl-delay, and slows down by what an operator has set', async () => {
    const { gates, clock, store } = createGates(1, { cityIntervalMs: () => 1_000, slowDown: () => 3 });
    const [gate] = gates as [Gate];
    const stamp = { setAtUtc: '2026-11-25T12:00:00.000Z', by: 'test' };
    gate.widen('Espoo', 5_000);
    for (const city of ['Helsinki', 'Espoo']) await store.write(city, { requestIntervalMs: 100, ...stamp }, 0);

    const helsinki = await grantsOf(
      [1, 2].map(() => ({ gate, city: 'Helsinki' })),
      clock,
    );
    const espoo = await grantsOf(
      [1, 2].map(() => ({ gate, city: 'Espoo' })),
      clock,
    );

    expect(gapsOf(helsinki)[0]).toBeGreaterThanOrEqual(300);
    expect(gapsOf(helsinki)[0]).toBeLessThan(400);
    expect(gapsOf(espoo)[0]).toBeGreaterThanOrEqual(5_000);
  });

  it('does not wait for hours when the clock of Redis was set back', async () => {
    const { gates, clock } = createGates(1, { cityIntervalMs: () => 1_000 });
    const [gate] = gates as [Gate];
    await gate.enter('Helsinki', forever);
    clock.set(startMs - 3_600_000);

    const [grant] = await grantsOf([{ gate, city: 'Helsinki' }], clock);

    expect(grant?.atMs).toBeLessThanOrEqual(-3_600_000 + 1_100);
  });

  it('tells time by the clock of Redis when nobody says otherwise', async () => {
    clusters += 1;
    const clock = createFakeClock(0);
    const gate = createRedisGate({
      redis: connection(),
      prefix: `gate${clusters}`,
      clock,
      log,
      portalIntervalMs: 0,
      cityIntervalMs: () => 0,
    });

    await gate.enter('Helsinki', forever);

    expect(clock.sleepers()).toBe(0);
  });
});
