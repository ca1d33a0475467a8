/**
 * A program with a loop of its own as a node of the cluster: a membership like any other, that lasts until it is stopped
 * instead of until its work is done.
 */
import type { LoopPresence } from '../queues/loop-presence.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import type { MembershipOptions, NodeMembership } from './node-membership.ts';
import { workAsNode } from './node-membership.ts';

/** Makes the presence; nothing is joined before it is started. */
export function createLoopPresence(options: Omit<MembershipOptions, 'role' | 'cities' | 'signal'>): LoopPresence {
  const leaving = new AbortController();
  let membership: NodeMembership | null = null;
  let joining: Promise<void> | null = null;
  let whole: Promise<void> = Promise.resolve();

  async function join(activeJobs: () => number): Promise<void> {
    const joined = new Promise<void>((resolve) => {
      whole = workAsNode({ ...options, role: 'loop', cities: [], signal: leaving.signal }, async (node) => {
        membership = node;
        node.follow({ activeJobs, look: () => undefined });
        resolve();
        await aborted(leaving.signal);
      });
    });
    try {
      // Whichever comes first: it has joined, or could not.
      await Promise.race([joined, whole]);
    } catch (error) {
      joining = null;
      whole = Promise.resolve();
      throw error;
    }
  }

  return {
    get isDraining() {
      return membership?.ending.aborted === true;
    },
    start: (activeJobs) => {
      joining ??= join(activeJobs);
      return joining;
    },
    stop: async () => {
      leaving.abort();
      await whole;
    },
  };
}
