/**
 * Coordinators of one cluster for a test: real Redis, quick locks and retries, ended with the test.
 */
import { randomUUID } from 'node:crypto';
import { Cluster } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { ClusterCoordinator } from '../../queues/cluster-coordinator.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import { createRedisNodeRegistry } from '../../queues/redis-node-registry.ts';
import type { CoordinatorOptions } from '../../queues/work-coordinator.ts';
import { WorkCoordinator } from '../../queues/work-coordinator.ts';
import type { NewWorkItem } from '../../queues/work-items.ts';
import { systemClock } from '../../src/clock.ts';
import { createLoopPresence } from '../../workers/loop-presence.ts';
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

type NodeOptions = Partial<CoordinatorOptions> & {
  /** Load of its processor: above 50 it is degraded, above 90 unhealthy, once it has been for three looks. */
  readonly cpuPercent?: number;
  readonly heartbeatIntervalMs?: number;
};

const limits = { degradedPercent: 50, unhealthyPercent: 90 };
const health = { cpu: limits, memory: limits, disk: limits };

/** A cluster of its own on the Redis of the file. */
export function createCoordinatorCluster(connection: () => RedisConnection): TestCluster {
  clusters += 1;
  const prefix = `{loops${clusters}}`;
  const node = (nodeId: string, options: NodeOptions = {}): TestNode => {
    const { cpuPercent = 1, heartbeatIntervalMs = 200, ...own } = options;
    const shared = connection();
    const redis = shared instanceof Cluster ? shared.duplicate() : shared.duplicate();
    const lost: string[] = [];
    const base = { redis, prefix, clock: systemClock, log: silentLog, newToken: randomUUID };
    const registry = createRedisNodeRegistry({ ...base, heartbeatIntervalMs });
    const presence = createLoopPresence({
      ...{ registry, clock: systemClock, log: silentLog, counts: { errors: 0, warnings: 0 } },
      config: { nodeId, cluster: { heartbeatIntervalMs, health } },
      measure: async () => ({ cpuPercent, memoryPercent: 2, diskPercent: 3 }),
    });
    const coordinator = new WorkCoordinator({
      ...base,
      nodeId,
      registry,
      presence,
      prepare: async () => undefined,
      strategy: 'round_robin',
      lockTtlMs: 60_000,
      timing: { lockDurationMs: 1_500, stalledIntervalMs: 100 },
      backoff: { baseMs: 40, maxMs: 100 },
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
