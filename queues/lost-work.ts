/**
 * Where work waits that nobody else will do: the queues of nodes that are offline, unhealthy or forgotten, and in the
 * queue of any other node the items that have come back from a process that is gone. Looked for once per interval.
 */
import type { Clock } from '../src/clock.ts';
import type { NodeRegistry } from './node-registry.ts';
import type { WorkAssignment } from './work-assignment.ts';
import { keptWorkMs } from './work-assignment.ts';
import type { WorkQueues } from './work-queues.ts';

export interface LostWorkOptions {
  readonly queues: WorkQueues;
  readonly assignment: WorkAssignment;
  readonly registry: Pick<NodeRegistry, 'list'>;
  readonly clock: Clock;
  /** Time between two looks. */
  readonly intervalMs: number;
}

/** A queue to take from. */
export interface LostSource {
  readonly node: string;
  /** Items that may be taken. */
  readonly most: number;
}

export class LostWork {
  readonly #options: LostWorkOptions;
  #nextLookMs = 0;
  /** Between two looks the nodes found last stay lost, unless they are asked for their own work. */
  #lostNodes: readonly LostSource[] = [];

  constructor(options: LostWorkOptions) {
    this.#options = options;
  }

  /** The queues that this node may take from besides its own. */
  async sources(forNode: string): Promise<readonly LostSource[]> {
    const { clock, intervalMs } = this.#options;
    const nowMs = clock.now();
    if (nowMs < this.#nextLookMs) return this.#lostNodes;
    this.#nextLookMs = nowMs + intervalMs;
    const { lost, comeBack } = await this.#look(forNode);
    this.#lostNodes = lost;
    return [...comeBack, ...lost];
  }

  async #look(forNode: string) {
    const { queues, assignment, registry } = this.#options;
    const known = new Map((await registry.list()).map((node) => [node.nodeId, node.status]));
    const lost: LostSource[] = [];
    const comeBack: LostSource[] = [];
    for (const node of await assignment.nodes()) {
      if (node === forNode) continue;
      const status = known.get(node);
      if (await queues.hasOpenItems(node)) {
        // Whoever watches the queue finds what its node has lost, also while others still believe in the node.
        queues.watch(node, forNode);
        if (status === undefined || status === 'offline' || status === 'unhealthy') lost.push({ node, most: Infinity });
        else comeBack.push({ node, most: await queues.comeBack(node) });
      } else if (status === undefined && (await queues.removeCompleted(node, keptWorkMs)) === 0) {
        await assignment.forgetNode(node);
      }
    }
    return { lost, comeBack };
  }
}
