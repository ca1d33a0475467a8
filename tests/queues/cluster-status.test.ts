import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClusterStatus } from '../../queues/cluster-status.ts';
import { readClusterStatus } from '../../queues/cluster-status.ts';
import type { DistributionStrategy, ServedQueue } from '../../queues/distribution.ts';
import type { NodeHeartbeat, NodeRegistry } from '../../queues/node-registry.ts';
import { createRedisNodeRegistry } from '../../queues/redis-node-registry.ts';
import { systemClock } from '../../src/clock.ts';
import { hasRedisServer, silentLog, useRedis } from './redis-server.ts';

const never = new AbortController().signal;
const queues: readonly ServedQueue[] = [
  { name: 'cities', servedBy: 'worker', city: null },
  { name: 'crawl-helsinki', servedBy: 'worker', city: 'Helsinki' },
  { name: 'crawl-espoo', servedBy: 'worker', city: 'Espoo' },
];

function heartbeatOf(nodeId: string, more: Partial<NodeHeartbeat> = {}): NodeHeartbeat {
  return {
    ...{ nodeId, role: 'worker', health: 'healthy', version: '1.2.3', cities: ['Helsinki', 'Espoo'] },
    ...{ isDraining: false, startedAtUtc: '2026-11-25T06:00:00.000Z' },
    ...{ cpuPercent: 12.5, memoryPercent: 40, diskPercent: 61, activeJobs: 0, errorCount: 1, warningCount: 2 },
    ...more,
  };
}

function sumOf(status: ClusterStatus, part: 'pendingWork' | 'activeWork'): number {
  return Object.values(status.nodes).reduce((sum, node) => sum + node[part], 0);
}

/** Every sum that is promised. */
function expectSums(status: ClusterStatus): void {
  const { pendingWorkItems, activeWorkItems, completedWorkItems, failedWorkItems } = status;
  expect(pendingWorkItems + activeWorkItems + completedWorkItems + failedWorkItems).toBe(status.totalWorkItems);
  expect(sumOf(status, 'activeWork')).toBe(activeWorkItems);
  expect(sumOf(status, 'pendingWork') + status.unassignedWorkItems).toBe(pendingWorkItems);
  const { healthyNodes, degradedNodes, unhealthyNodes, offlineNodes } = status;
  expect(healthyNodes + degradedNodes + unhealthyNodes + offlineNodes).toBe(status.totalNodes);
}

describe.skipIf(!hasRedisServer)('the status of a cluster', () => {
  const redis = useRedis();
  let clusters = 0;

  function createCluster() {
    clusters += 1;
    const prefix = `{status-${clusters}}`;
    const createRegistry = (): NodeRegistry =>
      createRedisNodeRegistry({
        ...{ redis: redis(), prefix, heartbeatIntervalMs: 60_000, newToken: randomUUID },
        ...{ clock: systemClock, log: silentLog },
      });
    const queueOf = (name: string): Queue => {
      const queue = new Queue(name, { connection: redis(), prefix });
      onTestFinished(() => queue.close());
      return queue;
    };
    const workerOf = (name: string, node: string, work: () => Promise<void>): Worker => {
      const worker = new Worker(name, work, { connection: redis(), prefix, name: node, concurrency: 3 });
      onTestFinished(() => worker.close(true));
      return worker;
    };
    const read = (strategy: DistributionStrategy = 'round_robin') =>
      readClusterStatus({ redis: redis(), prefix, registry: createRegistry(), queues, strategy });
    return { createRegistry, queueOf, workerOf, read };
  }

  it('is nothing where nothing is', async () => {
    const status = await createCluster().read();

    expect(status).toMatchObject({ totalNodes: 0, totalWorkItems: 0, nodes: {} });
    expectSums(status);
  });

  it('adds up at every moment while workers take, finish, retry and fail jobs', async () => {
    const cluster = createCluster();
    const total = 900;
    for (const nodeId of ['a', 'b']) await cluster.createRegistry().join(heartbeatOf(nodeId), never);
    for (const [index, { name }] of queues.entries()) {
      const jobs = Array.from({ length: total / 3 }, (_, number) => ({
        name: 'work',
        data: {},
        opts: { attempts: 2, backoff: 5, priority: index === 0 ? 0 : number + 1 },
      }));
      await cluster.queueOf(name).addBulk(jobs);
    }
    let starts = 0;
    for (const { name } of queues) {
      for (const node of ['a', 'b', 'not registered']) {
        cluster.workerOf(name, node, async () => {
          starts += 1;
          const mayFail = starts % 5 < 3;
          await systemClock.sleep(starts % 4);
          if (mayFail) throw new Error('a fault of the test');
        });
      }
    }

    const seen: ClusterStatus[] = [];
    while (seen.length < 200 || (seen.at(-1)?.pendingWorkItems ?? 0) > total / 2) seen.push(await cluster.read());

    for (const status of seen) {
      expectSums(status);
      expect(status.totalWorkItems).toBe(total);
    }
    expect(Math.max(...seen.map(({ activeWorkItems }) => activeWorkItems))).toBeGreaterThan(3);
    expect(new Set(seen.map(({ completedWorkItems }) => completedWorkItems)).size).toBeGreaterThan(20);
    expect(seen.at(-1)?.failedWorkItems).toBeGreaterThan(0);
    expect(seen.flatMap(({ nodes }) => nodes['not registered'] ?? [])[0]).toMatchObject({
      ...{ status: 'offline', role: null, cpuPercent: null, pendingWork: 0 },
    });
  });

  it('shares what is pending evenly among the nodes that take it, and shows the rest as nobody’s', async () => {
    const cluster = createCluster();
    const [a, b] = [cluster.createRegistry(), cluster.createRegistry()];
    await a.join(heartbeatOf('a'), never);
    await b.join(heartbeatOf('b', { health: 'degraded' }), never);
    await cluster.createRegistry().join(heartbeatOf('s', { role: 'store', cities: [] }), never);
    await cluster.queueOf('crawl-helsinki').addBulk(Array.from({ length: 7 }, () => ({ name: 'work', data: {} })));

    const both = await cluster.read();
    await b.beat(heartbeatOf('b', { health: 'unhealthy' }));
    const one = await cluster.read();
    await a.beat(heartbeatOf('a', { isDraining: true }));
    const none = await cluster.read();

    const pendingOf = ({ nodes }: ClusterStatus) => ['a', 'b', 's'].map((nodeId) => nodes[nodeId]?.pendingWork);
    expect([both, one, none].map(pendingOf)).toEqual([
      [4, 3, 0],
      [7, 0, 0],
      [0, 0, 0],
    ]);
    expect(both).toMatchObject({ totalNodes: 3, healthyNodes: 2, degradedNodes: 1, unassignedWorkItems: 0 });
    expect(none).toMatchObject({ healthyNodes: 2, unhealthyNodes: 1, unassignedWorkItems: 7 });
    for (const status of [both, one, none]) expectSums(status);
  });

  it('shows, sticky, what is pending in a city at the node of the city', async () => {
    const cluster = createCluster();
    for (const nodeId of ['a', 'b', 'c']) await cluster.createRegistry().join(heartbeatOf(nodeId), never);
    for (const name of ['crawl-helsinki', 'crawl-espoo']) {
      await cluster.queueOf(name).addBulk(Array.from({ length: 5 }, () => ({ name: 'work', data: {} })));
    }

    const status = await cluster.read('sticky');

    expect(Object.values(status.nodes).every(({ pendingWork }) => pendingWork % 5 === 0)).toBe(true);
    expect(sumOf(status, 'pendingWork')).toBe(10);
    expectSums(status);
  });

  it('passes on what a node says of itself', async () => {
    const cluster = createCluster();
    await cluster.createRegistry().join(heartbeatOf('a', { health: 'unhealthy', cpuPercent: 97 }), never);

    const { nodes } = await cluster.read();

    expect(nodes['a']).toEqual({
      ...{ status: 'unhealthy', role: 'worker', cpuPercent: 97, memoryPercent: 40, diskPercent: 61, version: '1.2.3' },
      ...{ pendingWork: 0, activeWork: 0, cities: ['Helsinki', 'Espoo'], errors: 1, warnings: 2, isDraining: false },
      startedAtUtc: '2026-11-25T06:00:00.000Z',
      lastHeartbeatUtc: expect.stringMatching(/Z$/),
    });
  });
});
