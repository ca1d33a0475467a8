/** A process as a node: how it joins, what it tells, what makes it take less, and how it ends. */
import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { NodeRegistry } from '../../queues/node-registry.ts';
import { createRedisNodeRegistry } from '../../queues/redis-node-registry.ts';
import { systemClock } from '../../src/clock.ts';
import { aborted } from '../../src/crawl/on-abort.ts';
import { createCountedLog, createLog } from '../../src/log.ts';
import type { HealthSample } from '../../src/resilience/node-health.ts';
import type { NodeMembership } from '../../workers/node-membership.ts';
import { workAsNode } from '../../workers/node-membership.ts';
import { createConfigFolder, helsinkiTask } from '../config/config-file.ts';
import { hasRedisServer, useRedis } from '../queues/redis-server.ts';

const patience = { timeout: 20_000, interval: 10 };
const calm: HealthSample = { cpuPercent: 10, memoryPercent: 40, diskPercent: 60 };

describe.skipIf(!hasRedisServer)('a node', () => {
  const redis = useRedis();
  let clusters = 0;

  function createCluster() {
    clusters += 1;
    const prefix = `{nodes-${clusters}}`;
    const config = loadConfig();
    const registryOf = (): NodeRegistry =>
      createRedisNodeRegistry({
        ...{ redis: redis(), prefix, heartbeatIntervalMs: config.cluster.heartbeatIntervalMs, newToken: randomUUID },
        ...{ clock: systemClock, log: createLog({ level: 'silent', destination: process.stderr }) },
      });
    /** Begins to work as a node; what it measures can be changed while it does. */
    const start = (work: (node: NodeMembership) => Promise<void> = (node) => aborted(node.ending)) => {
      const destination = new PassThrough();
      const { log, counts } = createCountedLog(createLog({ level: 'info', destination }));
      const stop = new AbortController();
      const state = { sample: calm };
      const joined = promised<NodeMembership>();
      const ended = workAsNode(
        {
          ...{ registry: registryOf(), config, role: 'worker', cities: ['Helsinki'], counts, log },
          ...{ clock: systemClock, signal: stop.signal, measure: async () => state.sample },
        },
        async (node) => {
          joined.resolve(node);
          await work(node);
        },
      );
      ended.catch(joined.reject);
      const sentences = () => String(destination.read() ?? '');
      return { state, stop, ended, joined: joined.promise, sentences };
    };
    return { prefix, registry: registryOf(), start };
  }

  it('takes half when it is degraded, nothing when it is unhealthy, all again when it has recovered', async () => {
    const { registry, start } = createCluster();
    const { state, stop, joined, ended, sentences } = start();
    const node = await joined;
    const limits: number[] = [];
    node.follow({ activeJobs: () => 4, look: () => limits.push(node.limit(10)) });

    for (const [memoryPercent, limit] of [
      [75, 5],
      [95, 0],
      [40, 10],
    ] as const) {
      state.sample = { ...calm, memoryPercent };
      await vi.waitUntil(() => limits.at(-1) === limit, patience);
      // Told at once, not with the next heartbeat.
      const status = { 5: 'degraded', 0: 'unhealthy', 10: 'healthy' }[limit];
      expect(await registry.list()).toMatchObject([{ status, memoryPercent, activeJobs: 4, cities: ['Helsinki'] }]);
    }
    stop.abort();
    await ended;

    const told = sentences();
    expect(told).toMatch(/"level":"warn".*"reasons":\["memory 75% \(degraded above 70%\)"\].*"msg":"node is degraded"/);
    expect(told).toMatch(/"level":"warn".*"msg":"node is unhealthy"/);
    expect(told).toMatch(/"level":"info".*"msg":"node is healthy again"/);
  });

  it('counts the warnings and errors of its log in its heartbeats', async () => {
    const { registry, start } = createCluster();
    const { state, stop, ended, joined } = start();
    await joined;

    state.sample = { ...calm, diskPercent: 99 };
    await vi.waitUntil(async () => (await registry.list())[0]?.status === 'unhealthy', patience);
    const [node] = await registry.list();
    stop.abort();
    await ended;

    expect(node).toMatchObject({ warningCount: 1, errorCount: 0 });
  });

  it('shows that it drains while it finishes, and is gone afterwards', async () => {
    const { registry, start } = createCluster();
    const mayEnd = promised<void>();
    const { ended, joined } = start(async (node) => {
      await aborted(node.ending);
      await mayEnd.promise;
    });
    await joined;

    await registry.requestDrain('node-1');
    await vi.waitUntil(async () => (await registry.list())[0]?.isDraining, patience);
    mayEnd.resolve();
    await ended;

    expect(await registry.list()).toEqual([]);
  });

  it('leaves also when its work fails', async () => {
    const { registry, start } = createCluster();

    const { ended } = start(() => Promise.reject(new Error('a fault of the test')));

    await expect(ended).rejects.toThrow('a fault of the test');
    expect(await registry.list()).toEqual([]);
  });

  it('ends with an error when another process has its name', async () => {
    const { prefix, start } = createCluster();
    const { ended, joined } = start();
    await joined;

    await redis().hset(`${prefix}:node_health:node-1`, 'token', 'another process');

    await expect(ended).rejects.toMatchObject({ code: 'NODE_ID_TAKEN' });
    expect(await redis().hget(`${prefix}:node_health:node-1`, 'token')).toBe('another process');
  });

  it('does not begin to work when its name is taken, or when it is stopped while it waits for it', async () => {
    const { registry, start } = createCluster();
    const first = start();
    await first.joined;
    const work = vi.fn(async () => undefined);

    const second = start(work);
    await expect(second.ended).rejects.toMatchObject({ code: 'NODE_ID_TAKEN' });
    const third = start(work);
    third.stop.abort();
    await third.ended;
    first.stop.abort();
    await first.ended;

    expect(work).not.toHaveBeenCalled();
    expect(await registry.list()).toEqual([]);
  });
});

/** A promise that the test keeps or breaks; a broken one need not be looked at. */
function promised<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<Value>((onKept, onBroken) => {
    resolve = onKept;
    reject = onBroken;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** Quick heartbeats, the thresholds of the defaults. */
function loadConfig() {
  const folder = createConfigFolder();
  folder.write({
    tasks: [helsinkiTask()],
    global_settings: { node_id: 'node-1', cluster_coordination: { heartbeat_interval: 0.1 } },
  });
  const { config } = folder.load();
  folder.remove();
  return config;
}
