/** Work items through the coordinator, on a real Redis: handed out, taken, settled, tried again, given back. */
import { describe, expect, it, vi } from 'vitest';
import { createCoordinatorCluster, someItems } from './coordinator-nodes.ts';
import { useRedis } from './redis-server.ts';

const connection = useRedis();
const cluster = () => createCoordinatorCluster(connection);
const patience = { timeout: 20_000, interval: 20 };

const idsOf = (items: readonly { readonly workId: string }[]) => items.map(({ workId }) => workId);

/** A node of which nothing is known takes from the queue of all. */
describe('distributing work', () => {
  it('gives every loop its turn and adds up', async () => {
    const { join } = cluster();
    const node = await join('a');
    await join('b');
    await join('c');

    const distribution = await node.distributeWork(someItems(30, ['Helsinki', 'Espoo']));

    expect(distribution).toMatchObject({ totalWorkItems: 30, distributedItems: 30, repeatedItems: 0, failedItems: 0 });
    const { nodeAssignments } = distribution;
    expect(Object.entries(nodeAssignments).map(([name, ids]) => [name, ids.length])).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 10],
    ]);
    expect(new Set(Object.values(nodeAssignments).flat()).size).toBe(30);
    expect(distribution.distributionTimeMs).toBeGreaterThanOrEqual(0);
  });

  it('goes on with the turns in the next call', async () => {
    const { join } = cluster();
    const node = await join('a');
    await join('b');

    const names: string[] = [];
    for (const item of someItems(4)) {
      const { nodeAssignments } = await node.distributeWork([item]);
      names.push(...Object.keys(nodeAssignments));
    }

    expect(names.toSorted()).toEqual(['a', 'a', 'b', 'b']);
  });
});
