/**
 * What every node of a cluster shows of itself: its health, and whether it can work. The scheduler shows the whole cluster.
 */
import { nodeFigures } from '../queues/cluster-figures.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { isAway } from '../queues/redis-connection.ts';
import type { FigureSources } from '../src/metrics/figures.ts';
import type { Monitoring } from './monitoring.ts';
import type { NodeMembership } from './node-membership.ts';

/** From now on Redis is part of what makes the process ready. */
export function showRedis({ metrics, readiness }: Monitoring, redis: RedisConnection): void {
  readiness.watch('redis', () => (isAway(redis) ? 'Redis does not answer' : null));
  metrics?.show({ isRedisUp: () => !isAway(redis) });
}

/** The whole cluster, seen by its scheduler. */
export function showCluster({ metrics }: Pick<Monitoring, 'metrics'>, figures: FigureSources): void {
  metrics?.show(figures);
}

/** The node has joined and takes work. @param needsHealth whether it takes none while it is unhealthy */
export function showNode(
  { metrics, readiness }: Monitoring,
  nodeId: string,
  membership: Pick<NodeMembership, 'nodes' | 'limit' | 'ending'>,
  needsHealth: boolean,
): void {
  readiness.watch('node', () => {
    if (membership.ending.aborted) return 'the node drains and ends';
    return needsHealth && membership.limit(1) === 0
      ? 'the node is unhealthy: it takes nothing until it recovers'
      : null;
  });
  metrics?.show({
    nodes: async () =>
      membership
        .nodes()
        .filter((node) => node.nodeId === nodeId)
        .map(nodeFigures),
  });
  readiness.begin();
}
