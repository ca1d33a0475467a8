/**
 * A cluster of real processes on a real Redis, against the simulator: what a person sees who starts it, follows it, leaves
 * it, or has none.
 */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { verifyDataset } from '../../src/storage/dataset-manifest.ts';
import { snapshotPathOf } from '../../src/storage/snapshot.ts';
import { queryRows, storedRecords } from '../workers/stored-records.ts';
import type { ClusterPlace } from './cluster-place.ts';
import { createCluster, patience, truthOf } from './cluster-place.ts';

/** What the store has left for readers is what the portal had, and where it is from. */
async function expectPublished(cluster: ClusterPlace): Promise<void> {
  const truth = truthOf(cluster);
  const snapshot = snapshotPathOf(cluster.databasePath);
  expect(await storedRecords(snapshot)).toEqual(truth);
  const dataset = join(cluster.folder, 'output', 'dataset', 'latest');
  const { manifest, problems } = await verifyDataset(dataset);
  expect([manifest.status, manifest.openCities, problems]).toEqual(['completed', [], []]);
  expect(await storedRecords(snapshot, `read_parquet('${dataset}/listings/**/*.parquet')`)).toEqual(truth);
  const origins = await queryRows(
    snapshot,
    `select l.listing_id from listings l join data_lineage d on d.table_name = 'listings' and d.record_id = l.listing_id
      where d.operation = 'INSERT' and d.execution_id = '${manifest.executionId}' and d.request_url = l.request_url
        and d.response_sha256 = l.response_sha256 and d.status = 200 and d.node_id in ('worker-1', 'worker-2')`,
  );
  expect(origins.map((row) => String(row['listing_id'])).sort()).toEqual([...truth.keys()].sort());
}

describe('a cluster', { timeout: 180_000 }, () => {
  it('collects and publishes what one process would, and says the same in the end', async (context) => {
    const settings = { publish: { snapshots: true, datasets: true }, schedule: { enabled: false } };
    const cluster = await createCluster(context, { perCity: 30, globalSettings: settings });
    const roles = [
      cluster.node('scheduler', 'scheduler-1'),
      cluster.node('store', 'store-1'),
      cluster.node('worker', 'worker-1'),
      cluster.node('worker', 'worker-2'),
    ];

    const run = await cluster.oikotie(['run', '--cluster', '--json']);
    for (const { child } of roles) child.kill('SIGTERM');
    const ended = await Promise.all(roles.map((role) => role.ended));

    expect(run).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'completed', new: 90, failed: 0, successfulCities: 3 });
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(await storedRecords(cluster.databasePath)).toEqual(truthOf(cluster));
    expect(await cluster.sql('select count(distinct node_id) as nodes from request_log')).toEqual([{ nodes: 2 }]);
    const requests = cluster.simulator.requestLog.entries().length;
    expect(await cluster.sql('select count(*) as n from request_log')).toEqual([{ n: requests }]);
    await expectPublished(cluster);
  });

  it('asks for no page a second time that is stored and whose card is as it was', async (context) => {
    const cluster = await createCluster(context, { perCity: 20 });
    cluster.node('store', 'store-1');
    for (const name of ['worker-1', 'worker-2']) cluster.node('worker', name);
    await cluster.oikotie(['run', '--cluster']);
    const pages = cluster.listingRequests();
    // A store that was away publishes again what is stored.
    await cluster.kill('store-1');
    cluster.node('store', 'store-1');

    const second = await cluster.oikotie(['run', '--cluster', '--json']);

    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'completed', new: 0, unchanged: 60, unfetched: 60 });
    expect([pages, cluster.listingRequests()]).toEqual([60, 60]);
  });

  it('takes the cities one after another by priority when told to, however many workers there are', async (context) => {
    const cluster = await createCluster(context, { perCity: 12 });
    cluster.configureTasks((task) => ({ ...task, priority: { Tampere: 3, Helsinki: 2, Espoo: 1 }[task.city] }), {
      concurrent_cities: 1,
    });
    cluster.node('store', 'store-1');
    for (const name of ['worker-1', 'worker-2', 'worker-3']) cluster.node('worker', name);

    const run = await cluster.oikotie(['run', '--cluster', '--json']);

    const asked = cluster.simulator.requestLog
      .entries()
      .flatMap(({ city, kind }) => (kind === 'listing' ? [city] : []));
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'completed', new: 36 });
    expect(asked.filter((city, index) => city !== asked[index - 1])).toEqual(['Tampere', 'Helsinki', 'Espoo']);
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

  it('waits for a Redis that is away and says so once, and can be stopped meanwhile', async (context) => {
    const cluster = await createCluster(context, { perCity: 3 });
    await cluster.killRedis();
    const early = cluster.node('worker', 'worker-1');
    await vi.waitUntil(() => early.stderrSoFar().includes('Redis is away'), patience);
    await cluster.bringRedisBack();
    const roles = [early, cluster.node('store', 'store-1')];
    await vi.waitUntil(() => roles.every((role) => role.stderrSoFar().includes('takes jobs')), patience);

    await cluster.killRedis();
    await vi.waitUntil(() => roles.every((role) => /takes jobs.*Redis is away/s.test(role.stderrSoFar())), patience);
    for (const { child } of roles) child.kill('SIGTERM');
    const ended = await Promise.all(roles.map((role) => role.ended));

    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(ended.map(({ stderr }) => stderr.match(/Redis is away/g)?.length)).toEqual([2, 1]);
    expect(ended.map(({ stderr }) => stderr).join('')).not.toContain('a worker met an error');
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
