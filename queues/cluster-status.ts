/**
 * What the cluster is doing, in one reading: every job and who has it, counted by one script at one moment, so that the
 * sums add up while jobs move; and the nodes as they last told of themselves. It changes nothing.
 */
import { z } from 'zod';
import type { DistributionStrategy, ServedQueue } from './distribution.ts';
import { serversOf } from './distribution.ts';
import type { NodeRegistry, NodeRole, NodeStatus, RegisteredNode } from './node-registry.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface ClusterStatus {
  /** Nodes that tell of themselves or did within five minutes; equals healthy + degraded + unhealthy + offline. */
  readonly totalNodes: number;
  readonly healthyNodes: number;
  readonly degradedNodes: number;
  readonly unhealthyNodes: number;
  readonly offlineNodes: number;
  /** Jobs of the queues that were asked for; equals pending + active + completed + failed. */
  readonly totalWorkItems: number;
  /** Waiting, delayed or on hold; equals what the nodes have pending + unassigned. */
  readonly pendingWorkItems: number;
  /** Equals what the nodes have active. */
  readonly activeWorkItems: number;
  /** Those of the last 24 hours: older ones are removed. */
  readonly completedWorkItems: number;
  /** Failed for good; kept until they are removed. */
  readonly failedWorkItems: number;
  /** Pending where no node is there that takes it. */
  readonly unassignedWorkItems: number;
  readonly nodes: Readonly<Record<string, StatusOfNode>>;
}

export interface StatusOfNode {
  readonly status: NodeStatus;
  /** This and what follows is null for a node that has jobs and is not known any more. */
  readonly role: NodeRole | null;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly diskPercent: number | null;
  /** Its part of what is pending: of each queue an even share among the nodes that take from it. */
  readonly pendingWork: number;
  readonly activeWork: number;
  readonly cities: readonly string[];
  readonly version: string | null;
  readonly startedAtUtc: string | null;
  readonly lastHeartbeatUtc: string | null;
  readonly errors: number | null;
  readonly warnings: number | null;
  readonly isDraining: boolean;
}

export interface ClusterStatusOptions {
  readonly redis: RedisConnection;
  /** Of the queues, e.g. `{scraper}`. */
  readonly prefix: string;
  readonly registry: Pick<NodeRegistry, 'list'>;
  /** The queues whose jobs are work items. */
  readonly queues: readonly ServedQueue[];
  readonly strategy: DistributionStrategy;
}

interface QueueCounts {
  readonly pending: number;
  readonly completed: number;
  readonly failed: number;
  /** The node that has it, per active job. */
  readonly holders: readonly string[];
}

/**
 * KEYS: begin of each queue's keys. Gives back per queue: pending, completed, failed, then the names of those that have
 * an active job (`pb`, BullMQ's processedBy). The states are those of BullMQ 6.
 */
const countScript = `
local counts = {}
for index, queue in ipairs(KEYS) do
  local pending = redis.call('LLEN', queue .. ':wait') + redis.call('LLEN', queue .. ':paused')
  for _, state in ipairs({'prioritized', 'delayed', 'waiting-children'}) do
    pending = pending + redis.call('ZCARD', queue .. ':' .. state)
  end
  local count = {pending, redis.call('ZCARD', queue .. ':completed'), redis.call('ZCARD', queue .. ':failed')}
  for _, jobId in ipairs(redis.call('LRANGE', queue .. ':active', 0, -1)) do
    count[#count + 1] = redis.call('HGET', queue .. ':' .. jobId, 'pb') or ''
  end
  counts[index] = count
end
return counts`;

const countReply = z.array(
  z
    .tuple([z.number(), z.number(), z.number()], z.string())
    .transform(([pending, completed, failed, ...holders]): QueueCounts => ({ pending, completed, failed, holders })),
);

/** An active job of a process without a name: none of ours. */
const nameless = 'unknown';

/** Reads the status. The jobs are counted first: a node has joined before it takes one. */
export async function readClusterStatus(options: ClusterStatusOptions): Promise<ClusterStatus> {
  const { redis, prefix, registry, queues, strategy } = options;
  const keys = queues.map(({ name }) => `${prefix}:${name}`);
  const counts = keys.length === 0 ? [] : countReply.parse(await redis.eval(countScript, keys.length, ...keys));
  const nodes = await registry.list();
  const active = tally(counts.flatMap(({ holders }) => holders.map((nodeId) => (nodeId === '' ? nameless : nodeId))));
  const { shares, unassigned } = shareOut(queues, counts, nodes, strategy);
  const sumOf = (part: 'pending' | 'completed' | 'failed') => counts.reduce((sum, count) => sum + count[part], 0);
  const byId = nodesById(nodes, active, shares);
  const countOf = (status: NodeStatus) => Object.values(byId).filter((node) => node.status === status).length;
  const [pending, completed, failed] = [sumOf('pending'), sumOf('completed'), sumOf('failed')];
  const activeSum = [...active.values()].reduce((sum, count) => sum + count, 0);
  return {
    totalNodes: Object.keys(byId).length,
    healthyNodes: countOf('healthy'),
    degradedNodes: countOf('degraded'),
    unhealthyNodes: countOf('unhealthy'),
    offlineNodes: countOf('offline'),
    totalWorkItems: pending + activeSum + completed + failed,
    pendingWorkItems: pending,
    activeWorkItems: activeSum,
    completedWorkItems: completed,
    failedWorkItems: failed,
    unassignedWorkItems: unassigned,
    nodes: byId,
  };
}

function tally(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** What is pending belongs to nobody yet; shown is who would take it: each queue evenly, what is left over by name. */
function shareOut(
  queues: readonly ServedQueue[],
  counts: readonly QueueCounts[],
  nodes: readonly RegisteredNode[],
  strategy: DistributionStrategy,
): { readonly shares: ReadonlyMap<string, number>; readonly unassigned: number } {
  const shares = new Map<string, number>();
  let unassigned = 0;
  for (const [index, queue] of queues.entries()) {
    const pending = counts[index]?.pending ?? 0;
    const servers = serversOf(queue, nodes, strategy);
    if (servers.length === 0) unassigned += pending;
    for (const [place, { nodeId }] of servers.entries()) {
      const part = Math.floor(pending / servers.length) + (place < pending % servers.length ? 1 : 0);
      shares.set(nodeId, (shares.get(nodeId) ?? 0) + part);
    }
  }
  return { shares, unassigned };
}

function nodesById(
  nodes: readonly RegisteredNode[],
  active: ReadonlyMap<string, number>,
  shares: ReadonlyMap<string, number>,
): Readonly<Record<string, StatusOfNode>> {
  const known = new Map(nodes.map((node) => [node.nodeId, node]));
  const names = [...known.keys(), ...[...active.keys()].filter((nodeId) => !known.has(nodeId))];
  const entries = names.map((nodeId): [string, StatusOfNode] => {
    const work = { pendingWork: shares.get(nodeId) ?? 0, activeWork: active.get(nodeId) ?? 0 };
    const node = known.get(nodeId);
    return [nodeId, node === undefined ? { ...unknownNode, ...work } : { ...figuresOf(node), ...work }];
  });
  return Object.fromEntries(entries);
}

type Figures = Omit<StatusOfNode, 'pendingWork' | 'activeWork'>;

/** Has jobs, and is forgotten: they come back when their locks end. */
const unknownNode: Figures = {
  ...{ status: 'offline', role: null, cpuPercent: null, memoryPercent: null, diskPercent: null, cities: [] },
  ...{ version: null, startedAtUtc: null, lastHeartbeatUtc: null, errors: null, warnings: null, isDraining: false },
};

function figuresOf(node: RegisteredNode): Figures {
  const { status, role, cpuPercent, memoryPercent, diskPercent, cities, version, isDraining } = node;
  return {
    ...{ status, role, cpuPercent, memoryPercent, diskPercent, cities, version, isDraining },
    startedAtUtc: node.startedAtUtc,
    lastHeartbeatUtc: node.lastHeartbeatUtc,
    errors: node.errorCount,
    warnings: node.warningCount,
  };
}
