/** The state of a cluster as the coordinator tells it: every node and every work item once. Pure. */
import type { CoordinatorNode, CoordinatorStatus } from './cluster-coordinator.ts';
import type { NodeStatus, RegisteredNode } from './node-registry.ts';
import type { WorkCounts } from './work-counts.ts';

/** Puts the registry's nodes and the counted items together. */
export function coordinatorStatus(nodes: readonly RegisteredNode[], work: WorkCounts): CoordinatorStatus {
  const { pending, active, completed, failed, byNode } = work;
  const countOf = (wanted: NodeStatus) => nodes.filter(({ status }) => status === wanted).length;
  const workOf = (nodeId: string) => {
    const { pending: pendingWork, active: activeWork } = byNode.get(nodeId) ?? { pending: 0, active: 0 };
    return { pendingWork, activeWork };
  };
  const told: Record<string, CoordinatorNode> = {};
  for (const [nodeId, counts] of byNode) {
    if (counts.pending + counts.active > 0) told[nodeId] = { status: null, ...workOf(nodeId) };
  }
  for (const node of nodes) {
    const { nodeId, status, cpuPercent, memoryPercent, diskPercent, errorCount, warningCount } = node;
    const vitals = { cpuPercent, memoryPercent, diskPercent, errorCount, warningCount };
    told[nodeId] = { status, ...vitals, lastHeartbeat: node.lastHeartbeatUtc, ...workOf(nodeId) };
  }
  return {
    totalNodes: nodes.length,
    healthyNodes: countOf('healthy'),
    degradedNodes: countOf('degraded'),
    unhealthyNodes: countOf('unhealthy'),
    offlineNodes: countOf('offline'),
    totalWorkItems: pending + active + completed + failed,
    pendingWorkItems: pending,
    activeWorkItems: active,
    completedWorkItems: completed,
    failedWorkItems: failed,
    nodes: told,
  };
}
