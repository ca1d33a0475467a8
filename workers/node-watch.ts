/**
 * Nodes that join the cluster and leave it, as audit events. The store watches: it is the one that writes the table.
 */
import type { RegisteredNode } from '../queues/node-registry.ts';
import type { AuditEntry, AuditRecorder } from '../src/lineage/audit-recorder.ts';

interface NodeWatchOptions {
  /** All nodes as they are now, this one included. */
  readonly nodes: () => readonly RegisteredNode[];
  readonly audit: AuditRecorder;
}

/** Gives the function that looks for nodes that have come or gone since its last look; the first look sees all as come. */
export function createNodeWatch({ nodes, audit }: NodeWatchOptions): () => void {
  let known = new Map<string, RegisteredNode>();
  return () => {
    const present = new Map(
      nodes()
        .filter(({ status }) => status !== 'offline')
        .map((node) => [processOf(node), node]),
    );
    for (const [process, node] of known) if (!present.has(process)) audit.record(leftEvent(node, nodes()));
    for (const [process, node] of present) if (!known.has(process)) audit.record(joinedEvent(node));
    known = present;
  };
}

/** A name goes from one process to the next; its begin tells them apart. */
function processOf({ nodeId, startedAtUtc }: RegisteredNode): string {
  return `${nodeId} ${startedAtUtc}`;
}

function joinedEvent({ nodeId, role, version, cities, startedAtUtc }: RegisteredNode): AuditEntry {
  return {
    type: 'NODE_JOINED',
    severity: 'INFO',
    city: null,
    message: `${role} ${nodeId} is part of the cluster`,
    details: { node: nodeId, role, version, cities, startedAtUtc },
  };
}

function leftEvent(node: RegisteredNode, nodes: readonly RegisteredNode[]): AuditEntry {
  const { nodeId, role, startedAtUtc, lastHeartbeatUtc } = node;
  const isLost = nodes.some((each) => processOf(each) === processOf(node));
  const why = isLost ? `gives no more signs of life; the last one was at ${lastHeartbeatUtc}` : 'has left the cluster';
  return {
    type: 'NODE_LEFT',
    severity: isLost ? 'ERROR' : 'INFO',
    city: null,
    message: `${role} ${nodeId} ${why}`,
    details: { node: nodeId, role, startedAtUtc, lastHeartbeatUtc, isLost },
  };
}
