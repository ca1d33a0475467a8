/**
 * The gate of a cluster, several nodes on one real Redis, in fake time: what one process promises must hold for all.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
  return { gates, clock };
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
  let isDone = false;
  const done = Promise.all(all).then(() => {
    isDone = true;
  });
  // Replies of Redis come in real time: let them in, then move time on to whoever sleeps.
  while (!isDone) {
    for (let round = 0; round < 4; round += 1) await connection().ping();
    await clock.runNext();
  }
  await done;
  return grants;
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
    const controller = new AbortController();
    const givenUp = gate.enter('Helsinki', controller.signal);
    controller.abort(new Error('stop'));

    await expect(givenUp).rejects.toThrow('stop');
    const [grant] = await grantsOf([{ gate, city: 'Helsinki' }], clock);
    expect(grant?.atMs).toBeLessThan(1_100);
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
