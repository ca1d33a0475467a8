/**
 * Asks a node of the cluster, wherever it runs, to end as on SIGTERM.
 */
import type { Config } from '../../config/config.ts';
import type { NodeRegistry, RegisteredNode } from '../../queues/node-registry.ts';
import type { Clock } from '../../src/clock.ts';
import type { AuditSink } from '../../src/lineage/audit-event.ts';
import { operatorEvent } from '../../src/lineage/operator-event.ts';
import { answerSoon } from '../cluster-access.ts';

interface DrainDesk {
  readonly config: Pick<Config, 'nodeId'>;
  readonly registry: NodeRegistry;
  readonly clock: Clock;
  readonly audit: AuditSink;
}

export type DrainAnswer =
  | { readonly kind: 'asked'; readonly node: RegisteredNode }
  /** It cannot hear; others take its jobs when their locks end. */
  | { readonly kind: 'offline' }
  | { readonly kind: 'unknown_node'; readonly known: readonly string[] };

/** Asks it, on record, and does not wait. @throws ScraperError CLUSTER_UNREACHABLE when Redis does not answer. */
export async function askToDrain({ config, registry, clock, audit }: DrainDesk, nodeId: string): Promise<DrainAnswer> {
  const nodes = await answerSoon(registry.list());
  const node = nodes.find((each) => each.nodeId === nodeId);
  if (node === undefined) return { kind: 'unknown_node', known: nodes.map((each) => each.nodeId) };
  if (node.status === 'offline') return { kind: 'offline' };
  await answerSoon(registry.requestDrain(nodeId));
  const deed = { message: `node ${nodeId} was asked to drain`, details: { node: nodeId } };
  audit(operatorEvent({ clock, nodeId: config.nodeId }, deed));
  return { kind: 'asked', node };
}
