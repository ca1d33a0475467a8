/** The guard in front of the portal: what it lets out, whom it holds and how long, and what it says of it. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ScraperError } from '../../src/errors.ts';
import { createBreakerGuard } from '../../src/jobs/breaker-guard.ts';
import type { AuditEvent } from '../../src/lineage/audit-event.ts';
import { createMemoryBreakerStore } from '../../src/resilience/breaker-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';

const limits = {
  failureThreshold: 5,
  blockedWeight: 2,
  failureShare: 0.5,
  windowMs: 300_000,
  windowMinimum: 20,
  recoveryTimeoutMs: 300_000,
  maxRecoveryTimeoutMs: 3_600_000,
  successThreshold: 3,
  portalFailureThreshold: 15,
  maxHoldMs: 3_600_000,
};

const serverError = new ScraperError('SERVER_FAILED', 'got 500', {
  category: 'SERVER_ERROR',
  details: { status: 500 },
});
const answer = async () => 'page';
const fail = (error: unknown) => async () => {
  throw error;
};

function createRig(changes: Partial<typeof limits> = {}) {
  const clock = createFakeClock();
  const store = createMemoryBreakerStore(clock);
  const events: AuditEvent[] = [];
  const guardOf = (nodeId: string) =>
    createBreakerGuard({
      ...{ store, clock, nodeId, newToken: randomUUID, executionId: 'daily-2026-11-22', probeLeaseMs: 60_000 },
      limits: { ...limits, ...changes },
      audit: (event) => events.push(event),
    });
  const guard = guardOf('node-1');
  /** What the call ended in: `page`, or the code of its error. */
  const outcome = (city: string, work: () => Promise<string> = answer, from = guard): Promise<string> =>
    from.call(city, work).catch((error: unknown) => (error instanceof ScraperError ? error.code : String(error)));
  const failTimes = async (city: string, count: number, error: unknown = serverError) => {
    for (let call = 0; call < count; call += 1) await outcome(city, fail(error));
  };
  return { clock, events, guard, guardOf, outcome, failTimes };
}

describe('the guard of a city', () => {
  it('holds it after five failures, says when to come back, and records the trip', async () => {
    const { guard, events, failTimes, outcome } = createRig();
    await failTimes('Espoo', 5);

    await expect(guard.call('Espoo', answer)).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      message: expect.stringContaining('the breaker of Espoo is open'),
      details: { retryAfterMs: 15_000 },
    });
    expect(await outcome('Helsinki')).toBe('page');
    expect(events).toMatchObject([
      { type: 'CIRCUIT_BREAKER_TRIP', city: 'Espoo', executionId: 'daily-2026-11-22', nodeId: 'node-1' },
    ]);
  });

  it.each([
    ['a refusal', 'PORTAL_REFUSED', 'BLOCKED', { status: 403 }, 3],
    ['a rate limit', 'RATE_LIMITED', 'RATE_LIMIT', { status: 429, retryAfterMs: 1_000 }, 5],
    ['an unknown status', 'UNEXPECTED_STATUS', 'UNKNOWN', { status: 418 }, 5],
    ['a wrong page', 'SEARCH_ERROR_STATE', 'WRONG_PAGE', { status: 200 }, 5],
  ] as const)('opens for %s %s after its number of calls', async (_what, code, category, details, calls) => {
    const { failTimes, outcome } = createRig();
    const error = new ScraperError(code, 'no', { category, details });

    await failTimes('Espoo', calls - 1, error);
    const before = await outcome('Espoo', fail(error));

    expect(before).toBe(code);
    expect(await outcome('Espoo')).toBe('BREAKER_OPEN');
  });

  it.each([
    [
      'one page that cannot be read',
      new ScraperError('SHAPE', 'no', { category: 'PARSING_ERROR', details: { status: 200 } }),
    ],
    ['a listing that is gone', new ScraperError('PAGE_GONE', 'no', { category: 'GONE', details: { status: 404 } })],
    ['a page that robots.txt keeps', new ScraperError('ROBOTS_DISALLOWED', 'no', { category: 'BLOCKED' })],
    ['a full disk', new ScraperError('DATABASE_DISK_FULL', 'no', { category: 'STORAGE_ERROR' })],
    ['quiet hours', new ScraperError('QUIET_HOURS', 'no', { category: 'UNKNOWN' })],
    ['a spent budget', new ScraperError('BUDGET_SPENT', 'no', { category: 'UNKNOWN' })],
    ['the end of the run', new ScraperError('ENGINE_STOPPED', 'no', { category: 'UNKNOWN' })],
    ['a fault of the program', new TypeError('no')],
  ] as const)('does not count %s', async (_what, error) => {
    const { failTimes, outcome } = createRig();

    await failTimes('Espoo', 30, error);

    expect(await outcome('Espoo')).toBe('page');
  });

  it('lets no more calls out than may still fail, however many want to', async () => {
    const { guard, clock } = createRig();
    let sent = 0;
    const slowFailure = async () => {
      sent += 1;
      await clock.sleep(1_000);
      throw serverError;
    };
    const isFailed = async (work: Promise<unknown>) => (await Promise.allSettled([work]))[0]?.status === 'rejected';
    const worker = async () => {
      while (await isFailed(guard.call('Espoo', slowFailure))) if (sent >= 5) return;
    };

    const workers = Promise.all(Array.from({ length: 5 }, worker));
    await clock.advance(20_000);
    await workers;

    expect(sent).toBe(5);
  });

  it('is recorded with the job whose failure opened it', async () => {
    const { guard, events } = createRig();
    for (let job = 1; job <= 5; job += 1) {
      await guard.call('Espoo', fail(serverError), `job-${job}`).catch(() => undefined);
    }

    expect(events).toMatchObject([{ type: 'CIRCUIT_BREAKER_TRIP', city: 'Espoo', correlationId: 'job-5' }]);
  });

  it('turns back at the socket what waited for its turn while the breaker opened', async () => {
    const { guard, failTimes } = createRig();
    guard.checkBeforeSending('Espoo');

    await failTimes('Espoo', 5);

    expect(() => guard.checkBeforeSending('Espoo')).toThrow(/the breaker of Espoo is open/);
    expect(() => guard.checkBeforeSending('Helsinki')).not.toThrow();
  });

  it('ends it for this run once it was held too long, trials included, and says why', async () => {
    const { clock, failTimes, outcome, guard, guardOf } = createRig({ maxHoldMs: 800_000 });
    await failTimes('Espoo', 5);
    const codes: string[] = [];

    for (let heldMs = 0; heldMs <= 810_000; heldMs += 15_000) {
      codes.push(await outcome('Espoo', fail(serverError)));
      await clock.advance(15_000);
    }

    expect(codes.slice(0, -1).filter((code) => code !== 'BREAKER_OPEN')).toEqual(['SERVER_FAILED']);
    expect(codes.at(-1)).toBe('BREAKER_HELD_TOO_LONG');
    await expect(guard.call('Espoo', answer)).rejects.toThrow(
      /held by the circuit breaker of Espoo for 800 s .*got 500/,
    );
    // Another run begins its own count.
    expect(await outcome('Espoo', answer, guardOf('node-1'))).toBe('BREAKER_OPEN');
  });

  it('keeps the one node from asking that fails alone, and does not end the city for it', async () => {
    const { clock, failTimes, outcome, guardOf } = createRig({ maxHoldMs: 1_000 });
    const healthy = guardOf('node-2');
    await outcome('Espoo', answer, healthy);

    await failTimes('Espoo', 5);
    const isolated = await outcome('Espoo');
    await clock.advance(200_000);

    expect(isolated).toBe('BREAKER_NODE_ISOLATED');
    expect(await outcome('Espoo')).toBe('BREAKER_NODE_ISOLATED');
    expect(await outcome('Espoo', answer, healthy)).toBe('page');
    await clock.advance(100_000);
    expect(await outcome('Espoo')).toBe('page');
  });
});

describe('the guard of the portal', () => {
  const cities = ['Espoo', 'Helsinki', 'Tampere'];

  it('opens when three cities have failed five times each, for a fourth as well', async () => {
    const { failTimes, outcome, guard } = createRig();

    for (const city of cities) await failTimes(city, 5);

    expect(await outcome('Turku')).toBe('BREAKER_OPEN');
    await expect(guard.call('Turku', answer)).rejects.toThrow(/the breaker of portal is open/);
  });

  it('never opens for one city, however long it fails', async () => {
    const { clock, failTimes, outcome } = createRig();

    for (let trial = 0; trial < 20; trial += 1) {
      await failTimes('Espoo', 6);
      await clock.advance(3_600_000);
    }

    expect(await outcome('Helsinki')).toBe('page');
  });

  it('counts anew after a success of any city', async () => {
    const { failTimes, outcome } = createRig();
    await failTimes('Espoo', 5);
    await failTimes('Helsinki', 5);
    await outcome('Tampere');

    await failTimes('Turku', 5);

    expect(await outcome('Tampere')).toBe('page');
  });

  it('closes by itself, one trial at a time', async () => {
    const { clock, failTimes, outcome } = createRig();
    for (const city of cities) await failTimes(city, 5);
    await clock.advance(300_000);

    const first = await Promise.all(['Turku', 'Vantaa', 'Oulu'].map((city) => outcome(city)));
    const rest = [await outcome('Vantaa'), await outcome('Oulu')];
    const closed = await Promise.all(['Turku', 'Vantaa', 'Oulu'].map((city) => outcome(city)));

    expect(first.sort()).toEqual(['BREAKER_OPEN', 'BREAKER_OPEN', 'page']);
    expect(rest).toEqual(['page', 'page']);
    expect(closed).toEqual(['page', 'page', 'page']);
  });
});
