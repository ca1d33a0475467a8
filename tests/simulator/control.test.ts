/**
 * The control API and the `simulator` command: what a script or a person does with a simulator that runs alone.
 */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSimulator } from '../../cli/simulator.ts';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';

let simulator: RunningSimulator;

beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.close());

async function control(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly value: unknown }> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${simulator.origin}/__control/${path}`, init);
  return { status: response.status, value: await response.json() };
}

describe('control API', () => {
  it('tells day, cities and settings', async () => {
    const { value } = await control('GET', 'state');

    expect(value).toMatchObject({ day: '2026-11-21', settings: { cardMarkup: 'v3' }, faults: [] });
    expect(JSON.stringify(value)).toContain('{"name":"Espoo","locationId":39,"sale":80,"rent":40}');
  });

  it('lets days pass and keeps their events', async () => {
    const advanced = await control('POST', 'advance-day', { days: 2 });
    const events = await control('GET', 'events');

    expect(advanced.value).toMatchObject({ day: '2026-11-23', events: events.value });
    expect(events.value).toEqual(simulator.world.events());
  });

  it('takes listings off the portal and puts them on it again', async () => {
    const listingIds = [simulator.world.truth('Espoo', 'sale')[0]?.listingId];

    const replies = [
      await control('POST', 'withdraw', { listingIds }),
      await control('POST', 'restore', { listingIds }),
      await control('POST', 'restore', { listingIds }),
    ];

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 400]);
    expect(simulator.world.events().map(({ type }) => type)).toEqual(['removed', 'returned']);
  });

  it('gives the truth with URLs of the host it was asked on', async () => {
    const { value } = await control('GET', 'truth?city=Tampere&deal=rent');

    expect(value).toEqual(JSON.parse(JSON.stringify(simulator.world.truth('Tampere', 'rent', simulator.origin))));
  });

  it('switches faults on and off', async () => {
    const added = await control('POST', 'faults', { type: 'http_500', kinds: ['robots'] });
    const broken = await fetch(`${simulator.origin}/robots.txt`);
    const cleared = await control('DELETE', 'faults');
    const healed = await fetch(`${simulator.origin}/robots.txt`);

    expect(added).toMatchObject({ status: 200, value: { id: 'fault-1' } });
    expect([broken.status, healed.status]).toEqual([500, 200]);
    expect(cleared.value).toEqual({ removed: true });
  });

  it('gives and empties the request log, without its own requests', async () => {
    await fetch(`${simulator.origin}/robots.txt`);
    const first = await control('GET', 'requests');
    await control('DELETE', 'requests');
    const second = await control('GET', 'requests');

    expect(first.value).toMatchObject([{ kind: 'robots', status: 200 }]);
    expect(second.value).toEqual([]);
  });

  it('answers 400 with a reason for a bad rule, bad settings, an unknown city and bad JSON', async () => {
    const rule = await control('POST', 'faults', { type: 'meteor' });
    const settings = await control('POST', 'state', { colour: 'red' });
    const truth = await control('GET', 'truth?city=Atlantis');
    const response = await fetch(`${simulator.origin}/__control/faults`, { method: 'POST', body: '{' });

    expect([rule.status, settings.status, truth.status, response.status]).toEqual([400, 400, 400, 400]);
    expect(JSON.stringify(rule.value)).toContain('type');
  });

  it('answers 404 with its help for anything else', async () => {
    const { status, value } = await control('GET', 'weather');

    expect(status).toBe(404);
    expect(JSON.stringify(value)).toContain('advance-day');
  });
});

describe('simulator command', () => {
  it('prints its address and control API to stderr, serves, and ends with 0 when told to stop', async () => {
    const stop = new AbortController();
    const stdout = new PassThrough();
    const stderr = new PassThrough();

    const exit = runSimulator({ port: 0, seed: 3, listings: 24 }, { stdout, stderr, signal: stop.signal });
    const printed = await firstChunk(stderr);
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
    const robots = await fetch(`${origin}/robots.txt`);
    stop.abort();

    expect(robots.status).toBe(200);
    expect(printed).toContain('/__control/advance-day');
    expect(await exit).toBe(0);
    expect(stdout.readableLength).toBe(0);
  });

  it('says that a port is taken and what to do', async () => {
    const stderr = new PassThrough();
    const port = Number(new URL(simulator.origin).port);
    const { signal } = new AbortController();

    const exit = await runSimulator({ port, seed: 1 }, { stdout: new PassThrough(), stderr, signal });

    expect(exit).toBe(2);
    expect(await firstChunk(stderr)).toMatch(/failed to listen on 127\.0\.0\.1:\d+.*choose another --port/s);
  });
});

async function firstChunk(stream: PassThrough): Promise<string> {
  for await (const chunk of stream) return String(chunk);
  return '';
}
