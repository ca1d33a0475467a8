/** Whatever two nodes do at the same time, every work item is counted once at every moment. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClusterStatus } from '../../queues/cluster-status.ts';
import type { WorkItem } from '../../queues/work-items.ts';
import type { TestNode } from './coordinator-nodes.ts';
import { createCoordinatorCluster, someItems } from './coordinator-nodes.ts';
import { useRedis } from './redis-server.ts';

const connection = useRedis();

type Step = 'take' | 'complete' | 'fail' | 'return' | 'promote';

const step = fc.constantFrom<Step>('take', 'take', 'complete', 'fail', 'return', 'promote');

/** Does the steps one after the other; gives back what it holds at the end. */
async function work(node: TestNode, steps: readonly Step[]): Promise<readonly WorkItem[]> {
  const held: WorkItem[] = [];
  for (const each of steps) {
    if (each === 'take') held.push(...(await node.getWorkForNode(node.nodeId, 2)));
    if (each === 'promote') await node.processRetryQueue();
    const item = ['complete', 'fail', 'return'].includes(each) ? held.pop() : undefined;
    if (item === undefined) continue;
    if (each === 'complete') await node.completeWorkItem(item);
    if (each === 'fail') await node.failWorkItem(item, 'no answer');
    if (each === 'return') await node.returnWorkItem(item, { delayMs: 20 });
  }
  return held;
}

function sumOf(status: ClusterStatus): number {
  const { pendingWorkItems, activeWorkItems, completedWorkItems, failedWorkItems } = status;
  return pendingWorkItems + activeWorkItems + completedWorkItems + failedWorkItems;
}

it('adds up at every moment, per node too, and agrees with what the nodes hold at the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(step, { maxLength: 25 }),
      fc.integer({ min: 1, max: 30 }),
      async (stepsOfA, stepsOfB, count) => {
        const { join } = createCoordinatorCluster(connection);
        const [a, b] = [await join('a'), await join('b')];
        await a.distributeWork(someItems(count).map((item) => ({ ...item, maxRetries: 1 })));
        let isOver = false;
        const seen: ClusterStatus[] = [];
        const watching = (async () => {
          while (!isOver) seen.push(await b.getClusterStatus());
        })();

        const held = await Promise.all([work(a, stepsOfA), work(b, stepsOfB)]).finally(() => {
          isOver = true;
        });

        await watching;
        const end = await a.getClusterStatus();
        for (const status of [...seen, end]) {
          expect(status.totalWorkItems).toBe(count);
          expect(sumOf(status)).toBe(count);
          const nodes = Object.values(status.nodes);
          expect(nodes.reduce((sum, { activeWork }) => sum + activeWork, 0)).toBe(status.activeWorkItems);
          expect(nodes.reduce((sum, { pendingWork }) => sum + pendingWork, 0)).toBe(status.pendingWorkItems);
        }
        expect([end.nodes['a']?.activeWork, end.nodes['b']?.activeWork]).toEqual(held.map(({ length }) => length));
        await Promise.all([a.coordinateShutdown(), b.coordinateShutdown()]);
      },
    ),
    { numRuns: 12 },
  );
});
