/**
 * How the cities of a cluster are spread over its nodes. Decided by each node for itself from what it knows of the others;
 * for a moment two nodes may see a city as theirs, or none: limits hold for all nodes together, and a queue waits.
 */
import { preferredNode } from '../src/resilience/rendezvous.ts';
import type { NodeRole, RegisteredNode } from './node-registry.ts';

/** `round_robin`: whoever is idle takes the next job of any city. `sticky`: a city is served by one node. */
export type DistributionStrategy = 'round_robin' | 'sticky';

export interface ServedQueue {
  readonly name: string;
  readonly servedBy: NodeRole;
  /** The city whose requests it holds; null for a queue that no single node can be preferred for. */
  readonly city: string | null;
  /** The node it belongs to; others of its kind take from it only while that one takes nothing. */
  readonly owner?: string | undefined;
}

type Candidate = Pick<RegisteredNode, 'nodeId' | 'role' | 'status' | 'isDraining' | 'cities'>;

/** True for a node that takes work: there, not too ill, and not about to end. */
function takesWork({ status, isDraining }: Pick<Candidate, 'status' | 'isDraining'>): boolean {
  return (status === 'healthy' || status === 'degraded') && !isDraining;
}

/** The nodes that take jobs of the queue now; none when all that could are gone or ill. */
export function serversOf<Node extends Candidate>(
  queue: ServedQueue,
  nodes: readonly Node[],
  strategy: DistributionStrategy,
): readonly Node[] {
  const { city, servedBy, owner } = queue;
  const able = nodes.filter(
    (node) => node.role === servedBy && takesWork(node) && (city === null || node.cities.includes(city)),
  );
  const owners = able.filter(({ nodeId }) => nodeId === owner);
  if (owners.length > 0) return owners;
  if (strategy === 'round_robin' || city === null) return able;
  const preferred = preferredNode(
    city,
    able.map(({ nodeId }) => nodeId),
  );
  return able.filter(({ nodeId }) => nodeId === preferred);
}
