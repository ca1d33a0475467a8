/** The politeness gate: no window above a limit, nothing wasted, nobody held up by somebody else's wait. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { createGate } from '../../src/crawl/gate.ts';
import { worstWindow } from '../worst-window.ts';
import { createFakeClock } from './fake-clock.ts';

const forever = new AbortController().signal;

describe('gate', () => {
  it('lets everything through at once when nothing is limited', async () => {
    const clock = createFakeClock();
    const gate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 0 });

    await Promise.all(Array.from({ length: 100 }, () => gate.enter('Helsinki', forever)));

    expect(clock.sleepers()).toBe(0);
  });

  it('keeps the order of arrival within a city', async () => {
    const clock = createFakeClock();
    const gate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1000 });
    const order: number[] = [];

    const all = [0, 1, 2, 3].map((n) => gate.enter('Helsinki', forever).then(() => order.push(n)));
    await clock.runAll();
    await Promise.all(all);

    expect(order).toEqual([0, 1, 2, 3]);
  });

  it.each([1, 2, 10, 20])('uses at least 0.98 of a limit of %i a second, however many wait', async (perSecond) => {
    for (const waiting of [1, 5, 10, 20, 50]) {
      const clock = createFakeClock();
      const gate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1000 / perSecond });
      const grants: number[] = [];
      const walk = async (): Promise<void> => {
        while (grants.length < 200) {
          await gate.enter('Helsinki', forever);
          gate.departed('Helsinki');
          grants.push(clock.now());
        }
      };

      const walks = Array.from({ length: waiting }, walk);
      await clock.runAll();
      await Promise.all(walks);

      const spanMs = (grants[199] ?? 0) - (grants[0] ?? 0);
      expect((199 * 1000) / perSecond / spanMs).toBeGreaterThanOrEqual(0.98);
      expect(worstWindow(grants, 1000 / perSecond)).toBe(1);
    }
  });

  it('does not let a slow city hold up another', async () => {
    const clock = createFakeClock();
    const gate = createGate({
      clock,
      portalIntervalMs: 100,
      cityIntervalMs: (city) => (city === 'Slow' ? 60_000 : 200),
    });
    const passed: Record<string, number> = { Slow: 0, Fast: 0 };
    for (let n = 0; n < 50; n += 1) {
      for (const city of ['Slow', 'Fast']) {
        void gate.enter(city, forever).then(() => {
          passed[city] = (passed[city] ?? 0) + 1;
        });
      }
    }

    await clock.advance(5000);

    expect(passed).toEqual({ Slow: 1, Fast: 25 });
  });

  it('shares a tight portal limit evenly between cities that all want to go', async () => {
    const clock = createFakeClock();
    const gate = createGate({ clock, portalIntervalMs: 1000, cityIntervalMs: () => 1 });
    const order: string[] = [];
    for (const city of ['A', 'A', 'A', 'B', 'B', 'C']) void gate.enter(city, forever).then(() => order.push(city));

    await clock.runAll();

    expect(order.slice(0, 3).toSorted()).toEqual(['A', 'B', 'C']);
  });

  it('takes an aborted waiter out of the line and lets the next one have its turn', async () => {
    const clock = createFakeClock();
    const gate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1000 });
    const controller = new AbortController();
    await gate.enter('Helsinki', forever);
    const leaving = gate.enter('Helsinki', controller.signal);
    const staying = gate.enter('Helsinki', forever);
    const startMs = clock.now();

    controller.abort(new Error('stopped'));

    await expect(leaving).rejects.toThrow('stopped');
    await clock.runAll();
    await staying;
    expect(clock.now() - startMs).toBe(1006);
  });

  it('refuses at once when the signal has already aborted', async () => {
    const gate = createGate({ clock: createFakeClock(), portalIntervalMs: 0, cityIntervalMs: () => 0 });

    await expect(gate.enter(null, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });

  it('widens the portal and takes the widening back, but never goes below the configured interval', async () => {
    const clock = createFakeClock();
    const gate = createGate({ clock, portalIntervalMs: 500, cityIntervalMs: () => 0 });
    const times: number[] = [];
    const startMs = clock.now();
    const pass = async (): Promise<void> => {
      const entered = gate.enter('Helsinki', forever);
      await clock.runAll();
      await entered;
      times.push(clock.now() - startMs);
    };

    await pass();
    gate.widen(null, 2000);
    await pass();
    gate.widen(null, 0);
    await pass();

    expect(times).toEqual([0, 2021, 2527]);
  });

  it('counts the next request from the moment the last one reached its socket', async () => {
    const clock = createFakeClock();
    const gate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1000 });
    const startMs = clock.now();
    await gate.enter('Helsinki', forever);
    const next = gate.enter('Helsinki', forever);

    await clock.advance(80);
    gate.departed('Helsinki');
    await clock.runAll();
    await next;

    expect(clock.now() - startMs).toBe(1086);
  });

  it('does not wait for hours when the wall clock is set back', async () => {
    const clock = createFakeClock();
    const gate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1000 });
    await gate.enter('Helsinki', forever);
    clock.set(clock.now() - 3_600_000);
    const startMs = clock.now();

    const entered = gate.enter('Helsinki', forever);
    await clock.runAll();
    await entered;

    expect(clock.now() - startMs).toBe(1012);
  });

  it('never lets a window go above a limit whatever the arrivals', async () => {
    const arrivals = fc.array(
      fc.record({ city: fc.integer({ min: 0, max: 3 }), afterMs: fc.integer({ min: 0, max: 900 }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    const concurrency = fc.integer({ min: 1, max: 50 });
    const intervals = fc.record({
      portal: fc.integer({ min: 0, max: 400 }),
      city: fc.integer({ min: 100, max: 2000 }),
    });

    await fc.assert(
      fc.asyncProperty(arrivals, concurrency, intervals, async (requests, atOnce, { portal, city }) => {
        const clock = createFakeClock();
        const gate = createGate({ clock, portalIntervalMs: portal, cityIntervalMs: () => city });
        const grants: { city: number; atMs: number }[] = [];
        const queue = [...requests];
        const walk = async (): Promise<void> => {
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            await clock.sleep(next.afterMs);
            await gate.enter(`city-${next.city}`, forever);
            grants.push({ city: next.city, atMs: clock.now() });
          }
        };

        const walks = Array.from({ length: atOnce }, walk);
        await clock.runAll();
        await Promise.all(walks);

        expect(grants).toHaveLength(requests.length);
        expect(
          worstWindow(
            grants.map((grant) => grant.atMs),
            portal,
          ),
        ).toBeLessThanOrEqual(1);
        for (const wanted of [0, 1, 2, 3]) {
          const own = grants.filter((grant) => grant.city === wanted).map((grant) => grant.atMs);
          expect(worstWindow(own, city)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('asks for the slow-down again at each grant, and never goes faster than configured', async () => {
    const clock = createFakeClock();
    let factor = 4;
    const slowDown = (city: string | null) => (city === null ? 1 : factor);
    const gate = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1000, slowDown });
    const times: number[] = [];
    const startMs = clock.now();

    for (factor of [4, 4, 1, 0.1]) {
      const entered = gate.enter('Helsinki', forever);
      await clock.runAll();
      await entered;
      times.push(clock.now() - startMs);
    }

    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(gaps[0]).toBeGreaterThan(4000);
    expect(gaps[1]).toBeGreaterThanOrEqual(1000);
    expect(gaps[1]).toBeLessThan(1100);
    expect(gaps[2]).toBeGreaterThanOrEqual(1000);
  });

  it('keeps a line closed until a request has departed, but not for longer than its patience', async () => {
    const clock = createFakeClock();
    const options = { clock, portalIntervalMs: 0, cityIntervalMs: () => 40, departurePatienceMs: 2000 };
    const gate = createGate(options);
    const startMs = clock.now();
    const times: number[] = [];
    for (let n = 0; n < 3; n += 1) void gate.enter('Helsinki', forever).then(() => times.push(clock.now() - startMs));

    await clock.advance(100);
    gate.departed('Helsinki');
    await clock.advance(5000);

    expect(times).toHaveLength(3);
    expect(times[0]).toBe(0);
    expect(times[1]).toBeGreaterThanOrEqual(140);
    expect(times[1]).toBeLessThan(141);
    expect(times[2]).toBe((times[1] ?? 0) + 2000);
  });

  it('never lets a window go above a limit however late timers ring and connections are made', async () => {
    const lateness = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 40 });
    const shape = fc.record({
      timerMs: lateness,
      socketMs: fc.array(fc.integer({ min: 0, max: 1900 }), { minLength: 1, maxLength: 40 }),
      portal: fc.integer({ min: 100, max: 300 }),
      city: fc.integer({ min: 100, max: 900 }),
      waiting: fc.integer({ min: 1, max: 20 }),
    });

    await fc.assert(
      fc.asyncProperty(shape, async ({ timerMs, socketMs, portal, city, waiting }) => {
        const clock = createFakeClock();
        let turns = 0;
        const oneOf = (values: readonly number[]): number => values[turns++ % values.length] ?? 0;
        const lateClock: Clock = {
          ...clock,
          sleep: (durationMs, signal) => clock.sleep(durationMs + oneOf(timerMs), signal),
        };
        const intervals = { portalIntervalMs: portal, cityIntervalMs: () => city };
        const gate = createGate({ clock: lateClock, ...intervals, departurePatienceMs: 2000 });
        const departures: { city: string; atMs: number }[] = [];
        let left = 40;
        const walk = async (name: string): Promise<void> => {
          for (; left > 0; left -= 1) {
            await gate.enter(name, forever);
            await clock.sleep(oneOf(socketMs));
            gate.departed(name);
            departures.push({ city: name, atMs: clock.now() });
          }
        };

        const walks = Array.from({ length: waiting }, (_, n) => walk(n % 2 === 0 ? 'A' : 'B'));
        await clock.runAll();
        await Promise.all(walks);

        const timesOf = (wanted: string) => departures.filter((each) => each.city === wanted).map(({ atMs }) => atMs);
        expect(departures.length).toBeGreaterThanOrEqual(40);
        expect(
          worstWindow(
            departures.map(({ atMs }) => atMs),
            portal,
          ),
        ).toBe(1);
        for (const name of ['A', 'B']) expect(worstWindow(timesOf(name), city)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
