/**
 * One node of a cluster with a loop of your own: it takes work items, does each under its work lock, and tells how it
 * ended. Start as many as you like, each with its own name; SIGTERM or Ctrl-C ends one, and what it had goes to others.
 *
 *     REDIS_URL=redis://127.0.0.1:6379 node dist/examples/bring-your-own-loop.js loop-1
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterCoordinator, WorkItem } from 'oikotie';
import { createClusterCoordinator } from 'oikotie';

// The times are short because an example must not let you wait; leave them out in a program of your own.
const coordinator = createClusterCoordinator({
  nodeId: process.argv[2], // without one: NODE_ID, or the name of the machine and the number of the process
  heartbeatIntervalMs: 2_000,
  lockTtlMs: 5_000,
  itemLockMs: 3_000,
  stalledCheckMs: 1_000,
  backoff: { baseMs: 200, maxMs: 1_000 },
});

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

await coordinator.startHealthMonitoring();
say('takes work');
while (!stopping.signal.aborted && !coordinator.isDraining) {
  const items = await coordinator.getWorkForNode(coordinator.nodeId, 2);
  for (const item of items) await doItem(coordinator, item);
  if (items.length === 0) await sleep(100, undefined, { signal: stopping.signal }).catch(() => undefined);
}
const { returnedItems } = await coordinator.coordinateShutdown();
say(`has stopped and gave ${returnedItems} items back`);

async function doItem({ nodeId, ...node }: ClusterCoordinator, item: WorkItem): Promise<void> {
  if (stopping.signal.aborted) return; // the shutdown gives it back
  if (!(await node.acquireWorkLock(item.workId))) {
    // A process that was killed still has the lock, until its time is over; this is no failure of the item.
    await node.returnWorkItem(item, { delayMs: 500 });
    return;
  }
  try {
    say(`begins ${item.workId}`);
    await collect(item);
    say(`ended ${item.workId}`);
    await node.completeWorkItem(item);
  } catch (error) {
    say(`failed ${item.workId}`);
    const { status } = await node.failWorkItem(item, error);
    if (status === 'failed') say(`gave up ${item.workId}`);
  } finally {
    await node.releaseWorkLock(item.workId);
  }
}

/** Your work on one item; here it only takes its time, and every tenth item fails once. */
async function collect({ url, retryCount }: WorkItem): Promise<void> {
  await sleep(100);
  if (url.endsWith('0') && retryCount === 0) throw new Error(`${url} did not answer`);
}

function say(what: string): void {
  console.log(`${new Date().toISOString().slice(11, 23)} ${coordinator.nodeId} ${what}`);
}
