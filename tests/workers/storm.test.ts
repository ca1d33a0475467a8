/**
 * One of three cities breaks down while all are collected: the portal answers it with errors for ten minutes, or for
 * good. Real requests to the simulator; minutes and hours pass on a clock that moves when nothing is under way.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FaultInput } from '../../simulator/faults.ts';
import type { ExecutionResult } from '../../src/quality/city-receipt.ts';
import { createIdleClock } from './idle-clock.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';

const sick = 'Espoo';
const listings = 30;
const failureThreshold = 5;
/** What the outage begins with: the list has been read, some listings have not. */
const listingsBefore = 10;
const requestTimeoutSeconds = 47;
const tenMinutesMs = 600_000;
const tickMs = 1_000;
const outageTickMs = 10_000;

interface Storm {
  readonly rig: Rig;
  readonly result: ExecutionResult;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

/** Collects three cities, one request per second each, with the shipped retries and breakers. */
async function sitOut(fault: FaultInput, outageMs: number): Promise<Storm> {
  const clock = createIdleClock(1_000 * requestTimeoutSeconds);
  const rig = await createRig({
    helsinki: listings,
    espoo: listings,
    tampereRentals: listings,
    requestsPerSecond: 1,
    requestTimeoutSeconds,
    now: clock.now,
    globalSettings: { concurrent_cities: 3, retry: {}, circuit_breaker: {} },
  });
  onTestFinished(rig.close);
  const over = new AbortController();
  let beganAtMs = 0;
  async function storm(): Promise<void> {
    while (requestsOf(rig, sick, 'listing').length < listingsBefore) await clock.sleep(tickMs, over.signal);
    beganAtMs = clock.now();
    const { id } = rig.simulator.faults.add({ ...fault, city: sick });
    while (clock.now() < beganAtMs + outageMs) await clock.sleep(outageTickMs, over.signal);
    rig.simulator.faults.remove(id);
  }
  const outage = storm().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });

  const result = await clock.during(rig.run({ clock, progressIntervalMs: Number.POSITIVE_INFINITY }));

  over.abort();
  await outage;
  return { rig, result, beganAtMs, endedAtMs: Math.min(clock.now(), beganAtMs + outageMs) };
}

function requestsOf(rig: Rig, city: string, kind?: 'listing') {
  return rig.simulator.requestLog
    .entries()
    .filter((entry) => entry.city === city && (kind === undefined || entry.kind === kind));
}

/** How often the sick city's breaker let one call try while the outage lasted, by its own history. */
function trialsDuring({ rig, beganAtMs, endedAtMs }: Storm): number {
  const file: unknown = JSON.parse(readFileSync(join(rig.config.stateDirectory, 'breakers.json'), 'utf8'));
  const { history } = (file as StateFile).breakers[sick].state; // written by the run
  return history.filter(({ kind, atMs }) => kind === 'half_opened' && atMs > beganAtMs && atMs < endedAtMs).length;
}

interface StateFile {
  readonly breakers: {
    readonly [sick]: {
      readonly state: { readonly history: readonly { readonly kind: string; readonly atMs: number }[] };
    };
  };
}

/** The healthy cities were collected to the end, each page once, at their own pace. */
function expectUnharmed({ rig, result }: Storm): void {
  for (const city of ['Helsinki', 'Tampere']) {
    const receipt = result.cities.find((each) => each.city === city);
    expect(receipt).toMatchObject({ verdict: 'complete', new: listings, failed: 0, pending: 0 });
    expect(Date.parse(receipt?.finishedAtUtc ?? '') - Date.parse(receipt?.startedAtUtc ?? '')).toBeLessThan(60_000);
    expect(requestsOf(rig, city, 'listing')).toHaveLength(listings);
    expect(requestsOf(rig, city).length).toBeLessThanOrEqual(listings + 3);
  }
}

/** What the sick city was asked during the outage. */
function requestsDuring({ rig, beganAtMs, endedAtMs }: Storm): number {
  return requestsOf(rig, sick).filter(({ at }) => at >= beganAtMs && at < endedAtMs).length;
}

const faults = [
  ['http_500', {}],
  ['http_403', {}],
  ['http_429', { retryAfterSeconds: 2 }],
] as const;

/** Minutes of fake time are seconds of a busy machine's. */
const patience = { timeout: 60_000 };

describe('an outage of one city of ten minutes', patience, () => {
  it.each(faults)('%s costs the portal few requests and the run no listing', async (type, options) => {
    const storm = await sitOut({ type, ...options }, tenMinutesMs);

    expectUnharmed(storm);
    expect(trialsDuring(storm)).toBeGreaterThan(0);
    expect(requestsDuring(storm)).toBeLessThanOrEqual(failureThreshold + trialsDuring(storm));
    expect(storm.result).toMatchObject({ status: 'completed', new: 3 * listings, failed: 0 });
    expect(storm.result.cities.find(({ city }) => city === sick)).toMatchObject({ verdict: 'complete', pending: 0 });
  });
});

describe('an outage of one city that does not end', patience, () => {
  it.each(faults.filter(([type]) => type !== 'http_403'))(
    '%s leaves it partial with the reason, and the others complete',
    async (type, options) => {
      const storm = await sitOut({ type, ...options }, Number.POSITIVE_INFINITY);

      expectUnharmed(storm);
      expect(trialsDuring(storm)).toBeGreaterThanOrEqual(3);
      expect(requestsDuring(storm)).toBeLessThanOrEqual(failureThreshold + trialsDuring(storm));
      expect(storm.result.status).toBe('degraded');
      const receipt = storm.result.cities.find(({ city }) => city === sick);
      expect(receipt).toMatchObject({
        verdict: 'partial',
        discovered: listings,
        failed: 0,
        reason: expect.stringMatching(
          /Espoo was held by the circuit breaker of Espoo for 3600 s .* a trial failed: .* status 200, got \d+/,
        ),
      });
      expect(receipt?.pending).toBeGreaterThan(0);
    },
  );
});
