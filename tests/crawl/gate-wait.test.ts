import { expect, it } from 'vitest';
import { createGate } from '../../src/crawl/gate.ts';
import { listenToGate } from '../../src/crawl/gate-wait.ts';
import { createFakeClock } from './fake-clock.ts';

it('hears how long each request waited, and nothing of one that gave up', async () => {
  const clock = createFakeClock();
  const waits: [string | null, number][] = [];
  const inner = createGate({ clock, portalIntervalMs: 0, cityIntervalMs: () => 1_000 });
  const gate = listenToGate(inner, clock, (city, waitMs) => waits.push([city, waitMs]));
  const { signal } = new AbortController();
  const given = new AbortController();

  const entries = [gate.enter('Espoo', signal), gate.enter('Espoo', signal), gate.enter('Espoo', given.signal)];
  given.abort(new Error('given up'));
  const ended = Promise.allSettled(entries);
  await clock.runAll();

  expect((await ended).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(waits.map(([city]) => city)).toEqual(['Espoo', 'Espoo']);
  expect(waits[0]?.[1]).toBe(0);
  // The interval and the gate's own margin.
  expect(waits[1]?.[1]).toBeGreaterThanOrEqual(1_000);
  expect(waits[1]?.[1]).toBeLessThan(1_020);
});
