/**
 * Coordinators of one cluster for a test: real Redis, quick locks and retries, ended with the test.
 */
import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { ClusterCoordinator } from '../../queues/cluster-coordinator.ts';
import type { RegisteredNode } from '../../queues/node-registry.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import { createRedisNodeRegistry } from '../../queues/redis-node-registry.ts';
import type { CoordinatorOptions } from '../../queues/work-coordinator.ts';
import { createWorkCoordinator } from '../../queues/work-coordinator.ts';
import type { NewWorkItem } from '../../queues/work-items.ts';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from './redis-server.ts';

let clusters = 0;

export interface TestCluster {
  readonly prefix: string;
  /** A node that has joined. */
  readonly join: (nodeId: string, options?: NodeOptions) => Promise<TestNode>;
  /** A node that only uses the coordinator. */
  readonly node: (nodeId: string, options?: NodeOptions) => TestNode;
}

export interface TestNode extends ClusterCoordinator {
  /** Ends the process as a power cut would, as far as one process can. */
  readonly vanish: () => void;
  /** Items it was told to have lost. */
  readonly lost: readonly string[];
}

type NodeOptions = Partial<CoordinatorOptions> & { readonly health?: RegisteredNode['health'] };

/** A cluster of its own on the Redis of the file. */
export function createCoordinatorCluster(connection: () => RedisConnection): TestCluster {
  clusters += 1;
  const prefix = `{loops${clusters}}`;
  const node = (nodeId: string, { health = 'healthy', ...own }: NodeOptions = {}): TestNode => {
    const redis = connection().duplicate();
    const lost: string[] = [];
    const heartbeatIntervalMs = own.heartbeatIntervalMs ?? 200;
    const base = { redis, prefix, clock: systemClock, log: silentLog, newToken: randomUUID, heartbeatIntervalMs };
    const coordinator = createWorkCoordinator({
      ...base,
      nodeId,
      registry: createRedisNodeRegistry(base),
      strategy: 'round_robin',
      lockTtlMs: 60_000,
      timing: { lockDurationMs: 1_500, stalledIntervalMs: 100 },
      backoff: { baseMs: 40, maxMs: 100 },
      version: 'test',
      measure: async () => ({
        health,
        cpuPercent: 1,
        memoryPercent: 2,
        diskPercent: 3,
        errorCount: 0,
        warningCount: 0,
      }),
      onLost: (workId) => void lost.push(workId),
      ...own,
    });
    let isGone = false;
    onTestFinished(async () => {
      if (!isGone) await coordinator.coordinateShutdown();
    });
    const vanish = (): void => {
      isGone = true;
      redis.disconnect();
    };
    return Object.assign(coordinator, { vanish, lost });
  };
  const join = async (nodeId: string, options?: NodeOptions): Promise<TestNode> => {
    const joined = node(nodeId, options);
    await joined.startHealthMonitoring();
    return joined;
  };
  return { prefix, node, join };
}

/** `count` items over the cities in turns. */
export function someItems(count: number, cities: readonly string[] = ['Helsinki']): NewWorkItem[] {
  return Array.from({ length: count }, (_, index) => {
    const city = cities[index % cities.length] ?? '';
    return { workId: `${city}-${index + 1}`, city, url: `https://example.org/${index + 1}` };
  });
}
