/**
 * Handing items out: each is checked, meant for a node and added to that node's queue. Every step may be repeated, by this
 * process or another one: the node of an id is decided once, and its job is added once.
 */
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { WorkDistribution, WorkFailure } from './cluster-coordinator.ts';
import type { DistributionStrategy } from './distribution.ts';
import type { WorkAssignment } from './work-assignment.ts';
import type { CheckedWorkItem } from './work-items.ts';
import { checkWorkItem, distributionOf, jobIdOfWork, toWorkJob } from './work-items.ts';
import type { WorkQueues } from './work-queues.ts';

interface DistributionParts {
  readonly assignment: WorkAssignment;
  readonly queues: WorkQueues;
  /** That can be given work. */
  readonly nodes: readonly string[];
  readonly strategy: DistributionStrategy;
  readonly clock: Clock;
  /** Names this call among all. */
  readonly distributionId: string;
}

/** Jobs added in one go. */
const jobsPerAdd = 500;

/** Adds what is new of the items and says what became of each. */
export async function distribute(items: readonly unknown[], parts: DistributionParts): Promise<WorkDistribution> {
  const { assignment, nodes, strategy, clock } = parts;
  const startMs = clock.now();
  const { accepted, failures } = checkAll(items);
  const byPriority = accepted.toSorted((left, right) => right.priority - left.priority);
  const assigned = await assignment.assign(byPriority, nodes, strategy);
  const nodeAssignments: Record<string, string[]> = {};
  let distributedItems = 0;
  const groups = groupByNode(byPriority, assigned);
  const named = new Set([...groups.keys()].filter((node) => node !== null));
  await assignment.rememberNodes(named);
  for (const [node, group] of groups) {
    try {
      const added = await addTo(node, group, parts);
      distributedItems += added.length;
      if (node !== null && added.length > 0) nodeAssignments[node] = added;
    } catch (error) {
      const reason = `could not be added to the queue of ${node ?? 'all nodes'}: ${messageOf(error)}`;
      failures.push(...group.map(({ workId }) => ({ workId, reason })));
    }
  }
  // Again: a node that had nothing left may have been forgotten before its work came.
  await assignment.rememberNodes(named);
  return {
    totalWorkItems: items.length,
    distributedItems,
    repeatedItems: items.length - distributedItems - failures.length,
    failedItems: failures.length,
    failures,
    nodeAssignments,
    distributionTimeMs: clock.now() - startMs,
  };
}

function checkAll(items: readonly unknown[]) {
  const accepted: CheckedWorkItem[] = [];
  const failures: WorkFailure[] = [];
  const seen = new Set<string>();
  for (const given of items) {
    const checked = checkWorkItem(given);
    if ('reason' in checked) failures.push({ workId: workIdOf(given), reason: checked.reason });
    else if (seen.has(checked.item.workId)) {
      const { workId } = checked.item;
      failures.push({ workId, reason: 'workId: expected one that comes once in a call, got one that comes again' });
    } else {
      seen.add(checked.item.workId);
      accepted.push(checked.item);
    }
  }
  return { accepted, failures };
}

function groupByNode(items: readonly CheckedWorkItem[], assigned: readonly (string | null)[]) {
  const groups = new Map<string | null, CheckedWorkItem[]>();
  for (const [index, item] of items.entries()) {
    const node = assigned[index] ?? null;
    const group = groups.get(node) ?? [];
    group.push(item);
    groups.set(node, group);
  }
  return groups;
}

function workIdOf(given: unknown): string | null {
  const workId: unknown = typeof given === 'object' && given !== null ? Reflect.get(given, 'workId') : null;
  return typeof workId === 'string' ? workId : null;
}

/** The work ids that this call has added; the others were there. */
async function addTo(
  node: string | null,
  items: readonly CheckedWorkItem[],
  { queues, distributionId }: DistributionParts,
): Promise<string[]> {
  const queue = queues.queue(node);
  const added: string[] = [];
  for (let from = 0; from < items.length; from += jobsPerAdd) {
    const some = items.slice(from, from + jobsPerAdd);
    await queue.addBulk(some.map((item) => toWorkJob(item, { node, distributionId })));
    // An id that was there keeps its job, and that one tells who has added it.
    const jobs = await Promise.all(some.map(({ workId }) => queue.getJob(jobIdOfWork(workId))));
    const isOurs = (index: number): boolean => {
      const job = jobs[index];
      return job === undefined || distributionOf(job) === distributionId;
    };
    added.push(...some.filter((_, index) => isOurs(index)).map(({ workId }) => workId));
  }
  return added;
}
