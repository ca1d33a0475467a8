/**
 * Results that are found while Redis is away: they lie on disk until it is back, reach the store once, and their jobs are
 * not done a second time.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBullMqEngine } from '../../queues/bullmq-engine.ts';
import type { JobEngine } from '../../queues/job-engine.ts';
import { connectRedis, isAway } from '../../queues/redis-connection.ts';
import { createResultSpool } from '../../queues/result-spool.ts';
import { systemClock } from '../../src/clock.ts';
import type { AnyJobHandler, JobRequest } from '../../src/jobs/job.ts';
import { contractRetry } from './engine-contract.ts';
import { silentLog as log, redisAt, startRedisServer } from './redis-server.ts';

const patience = { timeout: 20_000, interval: 20 };
const listingJob: JobRequest = { id: 'run.listing.1', kind: 'listing', queue: 'crawl-testcity', payload: {} };
const storeJob: JobRequest = { id: 'run.store-listing.1', kind: 'store-listing', queue: 'store', payload: {} };

/** A Redis that can be killed and comes back with its data, and nodes on it that keep results in one folder each. */
async function createPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-spool-'));
  const extra = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];
  let server = await startRedisServer({ extra });
  const engines: JobEngine[] = [];
  const connections: ReturnType<typeof connectRedis>[] = [];
  onTestFinished(async () => {
    await Promise.all(engines.map((engine) => engine.stop(0)));
    for (const redis of connections) redis.disconnect();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const spoolFolder = join(folder, 'spool');
  const node = (handlers: readonly AnyJobHandler[], takesFrom = ['crawl-testcity', 'store']) => {
    const redis = connectRedis({ target: redisAt(server.port), name: 'test', log });
    connections.push(redis);
    const engine = createBullMqEngine({
      redis,
      prefix: '{spool}',
      takesFrom,
      handlers,
      batchHandler: null,
      settingsOf: () => ({ concurrency: 2 }),
      decideRetry: contractRetry,
      isAlreadySettled: () => false,
      fatalKinds: new Set(),
      clock: systemClock,
      nodeId: 'node',
      log,
      spool: createResultSpool({ directory: spoolFolder, isAway: () => isAway(redis), clock: systemClock, log }),
      timing: { lockDurationMs: 600, stalledIntervalMs: 200, pollIntervalMs: 25 },
    });
    engines.push(engine);
    return { engine, redis };
  };
  return {
    node,
    spooled: () => safeNames(spoolFolder).filter((name) => name.endsWith('.json')),
    /** Adds the job; resolves when nothing of that is on disk, where it lies while the connection is still being made. */
    add: async (engine: JobEngine, job: JobRequest) => {
      await engine.add(job);
      await vi.waitUntil(() => safeNames(spoolFolder).length === 0, patience);
    },
    spoolFolder,
    killRedis: () => server.kill(),
    bringRedisBack: async () => {
      server = await startRedisServer({ extra, port: server.port });
    },
  };
}

function safeNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A listing that is found at a moment of the test's choice. */
function slowListing() {
  let find: () => void = () => undefined;
  const found = new Promise<void>((resolve) => {
    find = resolve;
  });
  const run = vi.fn(async () => {
    await found;
    return { followUps: [storeJob] };
  });
  return { find, run, handler: { kind: 'listing', run, onGivenUp: () => [] } satisfies AnyJobHandler };
}

function storing() {
  const run = vi.fn(async () => ({ followUps: [] }));
  return { run, handler: { kind: 'store-listing', run, onGivenUp: () => [] } satisfies AnyJobHandler };
}

describe('a result that Redis does not take', { timeout: 60_000 }, () => {
  it('lies on disk until Redis is back, and is not asked for again though the lock was lost', async () => {
    const place = await createPlace();
    const listing = slowListing();
    const store = storing();
    const { engine } = place.node([listing.handler, store.handler]);
    await place.add(engine, listingJob);
    await vi.waitUntil(() => listing.run.mock.calls.length === 1, patience);

    await place.killRedis();
    listing.find();
    await vi.waitUntil(() => place.spooled().length === 1, patience);
    await systemClock.sleep(700); // longer than the lock
    await place.bringRedisBack();

    expect(await engine.settled(listingJob.id)).toBe('completed');
    await vi.waitUntil(() => store.run.mock.calls.length === 1, patience);
    await vi.waitUntil(() => place.spooled().length === 0, patience);
    expect(listing.run).toHaveBeenCalledTimes(1);
  });

  it('is sent by the next process when this one dies meanwhile', async () => {
    const place = await createPlace();
    const listing = slowListing();
    const first = place.node([listing.handler], ['crawl-testcity']);
    await place.add(first.engine, listingJob);
    await vi.waitUntil(() => listing.run.mock.calls.length === 1, patience);
    await place.killRedis();
    listing.find();
    await vi.waitUntil(() => place.spooled().length === 1, patience);
    first.redis.disconnect();
    await place.bringRedisBack();

    const store = storing();
    const again = slowListing();
    const second = place.node([again.handler, store.handler]);

    expect(await second.engine.settled(listingJob.id)).toBe('completed');
    await vi.waitUntil(() => store.run.mock.calls.length === 1, patience);
    // The file goes when the result is sent, which is after the job it settles.
    await vi.waitUntil(() => place.spooled().length === 0, patience);
    expect(again.run).not.toHaveBeenCalled();
  });

  it('is left out with a warning when its file is damaged, and its job is done again', async () => {
    const place = await createPlace();
    const listing = slowListing();
    listing.find();
    const store = storing();
    mkdirSync(place.spoolFolder, { recursive: true });
    writeFileSync(join(place.spoolFolder, '1-000001.json'), '{"job":');

    const { engine } = place.node([listing.handler, store.handler]);
    await engine.add(listingJob);

    expect(await engine.settled(listingJob.id)).toBe('completed');
    await vi.waitUntil(() => place.spooled().length === 0, patience);
    // That the listing has settled says nothing yet of what follows from it.
    await vi.waitUntil(() => store.run.mock.calls.length === 1, patience);
    expect(listing.run).toHaveBeenCalledTimes(1);
  });
});
