/**
 * A cluster of real processes on a real Redis, against the simulator: workers, the store and Redis itself are killed while
 * a run goes on, and afterwards the data is what it would have been.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { describe, expect, it, vi } from 'vitest';
import { startRedisServer } from '../queues/redis-server.ts';
import { storedRecords } from '../workers/stored-records.ts';
import type { Running } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

interface Cluster extends Workplace {
  /** Starts a node under its name; a node of that name that still runs is not replaced. */
  readonly node: (role: 'worker' | 'store', name: string) => Running;
  readonly kill: (name: string) => Promise<void>;
  /** Kills Redis and starts it again on its files. */
  readonly restartRedis: () => Promise<void>;
}

/** A lost job comes back within seconds, on a busy machine within some more. */
const patience = { timeout: 90_000, interval: 10 };
const limits = { requestsPerSecond: 15 };

interface ClusterSize {
  readonly perCity: number;
  readonly globalSettings?: Readonly<Record<string, unknown>>;
}

async function createCluster({ onTestFinished }: TestContext, size: ClusterSize): Promise<Cluster> {
  const redisFolder = mkdtempSync(join(tmpdir(), 'oikotie-redis-'));
  const extra = ['--dir', redisFolder, '--appendonly', 'yes', '--appendfsync', 'always'];
  let redis = await startRedisServer({ extra });
  const { perCity } = size;
  const place = await createWorkplace({
    helsinki: perCity,
    espoo: perCity,
    tampereRentals: perCity,
    ...limits,
    globalSettings: {
      ...size.globalSettings,
      concurrent_cities: 3,
      cluster_coordination: {
        redis_url: `redis://127.0.0.1:${redis.port}`,
        job_lock_seconds: 6,
        stalled_check_seconds: 2,
      },
    },
  });
  const nodes = new Map<string, Running>();
  onTestFinished(async () => {
    await place.close();
    await redis.kill();
    rmSync(redisFolder, { recursive: true, force: true });
  });
  return {
    ...place,
    node: (role, name) => {
      const started = place.start([role], { environment: { NODE_ID: name } });
      nodes.set(name, started);
      return started;
    },
    kill: async (name) => {
      nodes.get(name)?.child.kill('SIGKILL');
      await nodes.get(name)?.ended;
    },
    restartRedis: async () => {
      const { port } = redis;
      await redis.kill();
      redis = await startRedisServer({ extra, port });
    },
  };
}

/** Most requests of a city that lie in any window of one second. */
function worstWindow(place: Workplace, city: string): number {
  const times = place.simulator.requestLog
    .entries()
    .filter((entry) => entry.city === city)
    .map(({ at }) => at);
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length));
}

describe('a cluster', { timeout: 180_000 }, () => {
  it('collects what one process would, and says the same in the end', async (context) => {
    const cluster = await createCluster(context, { perCity: 30 });
    const roles = [
      cluster.node('store', 'store-1'),
      cluster.node('worker', 'worker-1'),
      cluster.node('worker', 'worker-2'),
    ];

    const run = await cluster.oikotie(['run', '--cluster', '--json']);
    for (const { child } of roles) child.kill('SIGTERM');
    const ended = await Promise.all(roles.map((role) => role.ended));

    expect(run).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'completed', new: 90, failed: 0, successfulCities: 3 });
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(await storedRecords(cluster.databasePath)).toEqual(truthOf(cluster));
    expect(await cluster.sql('select count(distinct node_id) as nodes from request_log')).toEqual([{ nodes: 2 }]);
    const requests = cluster.simulator.requestLog.entries().length;
    expect(await cluster.sql('select count(*) as n from request_log')).toEqual([{ n: requests }]);
  });

  it('loses and doubles nothing when workers, the store and Redis are killed in the middle', async (context) => {
    const cluster = await createCluster(context, { perCity: 80 });
    const workers = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];
    cluster.node('store', 'store-1');
    for (const name of workers) cluster.node('worker', name);
    const run = cluster.start(['run', '--cluster', '--json']);

    for (const [index, name] of [...workers, ...workers].entries()) {
      await untilAsked(cluster, 10 + index * 20);
      await cluster.kill(name);
      cluster.node('worker', name);
      if (index === 2 || index === 5) {
        await cluster.kill('store-1');
        cluster.node('store', 'store-1');
      }
      if (index === 4) await cluster.restartRedis();
    }
    const { exitCode, stdout, stderr } = await run.ended;
    await cluster.kill('store-1');

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', new: 240, failed: 0 });
    expect(await storedRecords(cluster.databasePath)).toEqual(truthOf(cluster));
    expect(
      await cluster.sql('select count(*) as n, count(distinct (city, listing_id)) as ids from execution_listings'),
    ).toEqual([{ n: 240, ids: 240 }]);
    for (const city of ['Helsinki', 'Espoo', 'Tampere']) {
      expect(worstWindow(cluster, city), city).toBeLessThanOrEqual(limits.requestsPerSecond);
    }
  });

  it('leaves a sick city alone on all nodes, and says so in the end', async (context) => {
    const circuit_breaker = {
      ...{ failure_threshold: 5, recovery_timeout: 1, max_recovery_timeout: 1, max_hold_seconds: 4 },
      portal_failure_threshold: 1_000,
    };
    const cluster = await createCluster(context, { perCity: 20, globalSettings: { circuit_breaker } });
    cluster.simulator.faults.add({ type: 'http_500', kinds: ['listing'], city: 'Espoo' });
    cluster.node('store', 'store-1');
    for (const name of ['worker-1', 'worker-2']) cluster.node('worker', name);

    const run = await cluster.oikotie(['run', '--cluster', '--json']);
    const breakers = await cluster.oikotie(['breaker', 'list']);

    expect(JSON.parse(run.stdout)).toMatchObject({
      status: 'degraded',
      cities: expect.arrayContaining([
        expect.objectContaining({ city: 'Helsinki', verdict: 'complete' }),
        expect.objectContaining({ city: 'Tampere', verdict: 'complete' }),
        expect.objectContaining({ city: 'Espoo', verdict: 'partial', reason: expect.stringContaining('was held') }),
      ]),
    });
    const asked = cluster.simulator.requestLog
      .entries()
      .filter(({ city, kind }) => city === 'Espoo' && kind === 'listing');
    // The threshold, what was under way on two nodes, and one trial for each second of the hold on each of them.
    expect(asked.length).toBeLessThanOrEqual(5 + 5 + 10);
    expect(breakers.stdout).toMatch(/^Espoo +(open|on trial)/m);
  });

  it('lets no request more than the budget of a day leave, whoever sends it', async (context) => {
    const politeness = { daily_request_budget: 30 };
    const cluster = await createCluster(context, { perCity: 20, globalSettings: { politeness } });
    cluster.node('store', 'store-1');
    for (const name of ['worker-1', 'worker-2']) cluster.node('worker', name);

    const run = await cluster.oikotie(['run', '--cluster', '--json']);

    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'degraded', requests: 30 });
    expect(run.stdout.match(/the daily request budget for the whole portal is spent/g)).toHaveLength(3);
    expect(cluster.simulator.requestLog.entries()).toHaveLength(30);
  });

  it('goes on with a run that was left, and joins it again', async (context) => {
    const cluster = await createCluster(context, { perCity: 20 });
    const follower = cluster.start(['run', '--cluster']);
    await vi.waitUntil(() => follower.stderrSoFar().includes('oikotie worker'), patience);
    follower.child.kill('SIGINT');
    const left = await follower.ended;
    cluster.node('store', 'store-1');
    cluster.node('worker', 'worker-1');

    const joined = await cluster.oikotie(['run', '--cluster', '--json']);

    expect(left.exitCode).toBe(130);
    expect(left.stderr).toMatch(/Left daily-\S+ to the cluster; it goes on/);
    expect(JSON.parse(joined.stdout)).toMatchObject({ status: 'completed', new: 60 });
  });

  it('is done without when its Redis is away, or refused when it is required', async (context) => {
    const cluster = await createCluster(context, { perCity: 3 });
    cluster.configure({
      helsinki: 3,
      globalSettings: { cluster_coordination: { redis_url: 'redis://:secret@127.0.0.1:1' } },
    });

    const fallenBack = await cluster.oikotie(['run', '--cluster']);
    const refused = await cluster.oikotie(['run', '--require-cluster']);

    expect(fallenBack).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Helsinki  complete') });
    expect(fallenBack.stderr).toContain('collecting in this process instead');
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(`${fallenBack.stderr}${refused.stderr}`).not.toContain('secret');
  });
});

/** Resolves when so many listing pages were asked for. */
async function untilAsked(place: Workplace, count: number): Promise<void> {
  await vi.waitUntil(() => place.listingRequests() >= count, patience);
}

function truthOf({ simulator }: Workplace) {
  const records = [
    ...simulator.world.truth('Helsinki', 'sale', simulator.origin),
    ...simulator.world.truth('Espoo', 'sale', simulator.origin),
    ...simulator.world.truth('Tampere', 'rent', simulator.origin),
  ];
  return new Map(records.map((record) => [record.listingId, record]));
}
