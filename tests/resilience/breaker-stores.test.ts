/** The stores of breaker states: the promises of all, and what is special to the file. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as realTime } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFileBreakerStore } from '../../queues/file-breaker-store.ts';
import { connectForBreakers, createRedisBreakerStore } from '../../queues/redis-breaker-store.ts';
import { closedBreaker } from '../../src/resilience/breaker-state.ts';
import { createMemoryBreakerStore } from '../../src/resilience/breaker-store.ts';
import { CircuitBreaker } from '../../src/resilience/circuit-breaker.ts';
import { createFallbackBreakerStore } from '../../src/resilience/fallback-breaker-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { hasRedisServer, redisAt, startRedis } from '../queues/redis-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { testSettings } from './breaker-settings.ts';
import { describeBreakerStore } from './breaker-store-contract.ts';

function fileStore(directory: string, clock = createFakeClock()) {
  const problems: string[] = [];
  const store = createFileBreakerStore({ directory, clock, onProblem: (message) => problems.push(message) });
  return { store, problems, clock };
}

describe('the store in memory', () => {
  describeBreakerStore(async () => {
    const clock = createFakeClock();
    const store = createMemoryBreakerStore(clock);
    return { open: async () => store, passTime: clock.advance, isShared: false };
  });
});

describe('the store in a file', () => {
  describeBreakerStore(async () => {
    const directory = join(temporaryFolder('breakers'), 'state');
    const clock = createFakeClock();
    return { open: async () => fileStore(directory, clock).store, passTime: clock.advance, isShared: true };
  });

  function breakerIn(directory: string) {
    const { store, problems, clock } = fileStore(directory);
    const settings = { ...testSettings, recoveryTimeoutMs: 300_000, maxRecoveryTimeoutMs: 300_000 };
    return {
      breaker: new CircuitBreaker({ name: 'Espoo', store, settings, nodeId: 'node-1', newToken: randomUUID }),
      problems,
      clock,
    };
  }

  it('keeps an open breaker over a restart', async () => {
    const directory = temporaryFolder('breakers');
    const before = breakerIn(directory);
    for (let failure = 0; failure < 3; failure += 1) await before.breaker.recordFailure('SERVER_ERROR');

    const { breaker } = breakerIn(directory);

    expect(await breaker.acquire()).toMatchObject({ kind: 'refused', why: 'open', retryAfterMs: 300_000 });
    expect((await breaker.getMetrics()).history).toMatchObject([{ kind: 'opened', reason: /3 failures in a row/ }]);
  });

  it('writes nothing for a success', async () => {
    const directory = temporaryFolder('breakers');
    const { breaker } = breakerIn(directory);
    await breaker.recordFailure('TIMEOUT');
    await breaker.recordSuccess();
    const { mtimeMs, ino } = statSync(join(directory, 'breakers.json'));

    for (let success = 0; success < 30; success += 1) await breaker.call(async () => 'page');

    expect(statSync(join(directory, 'breakers.json'))).toMatchObject({ mtimeMs, ino });
    expect((await breaker.getMetrics()).windowCalls).toBe(32);
  });

  it('sees what another process wrote when its trust in what it saw last has run out', async () => {
    const directory = temporaryFolder('breakers');
    const clock = createFakeClock();
    const trusting = createFileBreakerStore({ directory, clock, trustMs: 500, onProblem: () => {} });
    const other = fileStore(directory, clock).store;
    await trusting.compareAndSet('Espoo', '0.0', closedBreaker);
    await other.compareAndSet('Espoo', '1.0', { ...closedBreaker, status: 'OPEN' });

    const early = await trusting.read('Espoo');
    await clock.advance(500);
    const late = await trusting.read('Espoo');

    expect([early.state?.status, late.state?.status]).toEqual(['CLOSED', 'OPEN']);
  });

  it('never overwrites what another process wrote, however it trusts what it saw', async () => {
    const directory = temporaryFolder('breakers');
    const clock = createFakeClock();
    const trusting = createFileBreakerStore({ directory, clock, trustMs: 500, onProblem: () => {} });
    const other = fileStore(directory, clock).store;
    await trusting.compareAndSet('Espoo', '0.0', closedBreaker);
    await other.compareAndSet('Espoo', '1.0', { ...closedBreaker, status: 'OPEN' });

    const isKept = await trusting.compareAndSet('Espoo', '1.0', { ...closedBreaker, openings: 3 });

    expect(isKept).toBe(false);
    expect((await other.read('Espoo')).state).toMatchObject({ status: 'OPEN', openings: 0 });
  });

  it.each([
    ['half a file', '{"format": 1, "breakers": {"Espoo": {"vers'],
    ['another shape', '{"format": 1, "breakers": {"Espoo": {"version": 1, "state": {"status": "AJAR"}}}}'],
    ['nothing', ''],
  ])('sets aside %s with a message and begins closed', async (_what, text) => {
    const directory = temporaryFolder('breakers');
    const path = join(directory, 'breakers.json');
    writeFileSync(path, text);
    const { breaker, problems } = breakerIn(directory);

    const admission = await breaker.acquire();
    await breaker.forceOpen();

    expect(admission.kind).toBe('pass');
    expect(problems).toEqual([expect.stringContaining(`${path} could not be read and was moved to ${path}.damaged`)]);
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text);
    expect(readdirSync(directory).sort()).toEqual(['breakers.json', 'breakers.json.damaged']);
  });

  it('says which file cannot be used', async () => {
    const file = join(temporaryFolder('breakers'), 'not-a-folder');
    writeFileSync(file, '');
    const { store } = fileStore(file);

    await expect(store.compareAndSet('Espoo', '0.0', closedBreaker)).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
      message: expect.stringContaining(join(file, 'breakers.json')),
    });
  });
});

describe.skipIf(!hasRedisServer)('the store in Redis', () => {
  describeBreakerStore(async () => {
    const target = redisAt(await startRedis());
    return {
      open: async () => {
        const redis = await connectForBreakers(target);
        onTestFinished(() => redis.disconnect());
        return createRedisBreakerStore({ redis, onProblem: () => {} });
      },
      // Redis goes by its own clock, which nobody can move: this time must really pass.
      passTime: (durationMs) => realTime(durationMs + 5),
      isShared: true,
    };
  });

  it('begins closed where the kept state cannot be read, and says so', async () => {
    const redis = await connectForBreakers(redisAt(await startRedis()));
    onTestFinished(() => redis.disconnect());
    await redis.hset('scraper:breakers', 'Espoo', '7 {"status":');
    const problems: string[] = [];
    const store = createRedisBreakerStore({ redis, onProblem: (message) => problems.push(message) });

    const { state, version } = await store.read('Espoo');

    expect(state).toBeNull();
    expect(problems).toEqual([expect.stringContaining('scraper:breakers Espoo could not be read')]);
    expect(await store.compareAndSet('Espoo', version, closedBreaker)).toBe(true);
  });

  it('says why Redis cannot be reached, without its password', async () => {
    const refused = connectForBreakers(redisAt(1, { password: 'secret' }));

    await expect(refused).rejects.toMatchObject({
      code: 'STATE_UNUSABLE',
      message: expect.stringMatching(/^(?!.*secret).*ECONNREFUSED/),
    });
  });
});

describe('a store that goes away', () => {
  function awayStore() {
    const clock = createFakeClock();
    const memory = createMemoryBreakerStore(clock);
    const switchable = { isAway: false };
    const guarded = new Proxy(memory, {
      get: (target, method: keyof typeof memory) => (switchable.isAway ? failing : target[method]),
    });
    const said: string[] = [];
    const store = createFallbackBreakerStore({
      store: guarded,
      clock,
      onAway: () => said.push('away'),
      onBack: () => said.push('back'),
    });
    const breaker = new CircuitBreaker({
      name: 'Espoo',
      store,
      settings: testSettings,
      nodeId: 'node-1',
      newToken: randomUUID,
    });
    return { clock, memory, switchable, breaker, said };
  }

  const failing = async (): Promise<never> => {
    throw new Error('gone');
  };

  it('leaves this process its protection, from where it was, and is said once', async () => {
    const { switchable, breaker, said } = awayStore();
    await breaker.recordFailure('TIMEOUT');
    switchable.isAway = true;

    await breaker.recordFailure('TIMEOUT');
    const between = await breaker.acquire();
    await breaker.recordFailure('TIMEOUT');

    expect(between.kind).toBe('pass');
    expect((await breaker.acquire()).kind).toBe('refused');
    expect(said).toEqual(['away']);
  });

  it('is believed again when it is back', async () => {
    const { clock, memory, switchable, breaker, said } = awayStore();
    switchable.isAway = true;
    for (let failure = 0; failure < 3; failure += 1) await breaker.recordFailure('TIMEOUT');
    switchable.isAway = false;

    await clock.advance(10_000);

    expect((await breaker.acquire()).kind).toBe('pass');
    expect(said).toEqual(['away', 'back']);
    expect(await memory.list()).toEqual(new Map());
  });
});
