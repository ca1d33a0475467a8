/**
 * Starts three loops (bring-your-own-loop.ts) as processes of their own, hands 30 items of five cities out to them, and
 * ends them when everything is done.
 *
 *     REDIS_URL=redis://127.0.0.1:6379 node dist/examples/three-loops.js
 */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClusterCoordinator } from 'oikotie';

const names = ['loop-1', 'loop-2', 'loop-3'];
const cities = ['Helsinki', 'Espoo', 'Vantaa', 'Tampere', 'Turku'];
const loopPath = fileURLToPath(new URL('./bring-your-own-loop.js', import.meta.url));

// It hands work out and looks; it does not join, so nothing is handed to it.
const coordinator = createClusterCoordinator({ nodeId: 'launcher' });
const loops: ChildProcess[] = names.map((name) => {
  const loop = fork(loopPath, [name]);
  console.log(`${name} is process ${loop.pid}`);
  return loop;
});

const knownLoops = async () =>
  Object.values((await coordinator.getClusterStatus()).nodes).filter(({ role }) => role === 'loop').length;
while ((await knownLoops()) < names.length) await sleep(100);

// The time is in the id: an id that was completed within the last 24 hours would add nothing.
const run = new Date().toISOString().slice(0, 19);
const items = Array.from({ length: 30 }, (_, index) => {
  const city = cities[index % cities.length] ?? '';
  return { workId: `${run} ${city} ${index + 1}`, city, url: `https://example.org/${city}/${index + 1}` };
});
const { distributedItems, nodeAssignments } = await coordinator.distributeWork(items);
const shares = Object.entries(nodeAssignments).map(([name, workIds]) => `${name} ${workIds.length}`);
console.log(`handed out ${distributedItems}: ${shares.join(', ')}`);

for (;;) {
  const { pendingWorkItems, activeWorkItems, completedWorkItems, failedWorkItems } =
    await coordinator.getClusterStatus();
  if (pendingWorkItems + activeWorkItems === 0) {
    console.log(`all done: ${completedWorkItems} completed, ${failedWorkItems} failed`);
    break;
  }
  await sleep(200);
}

const living = loops.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
const ended = living.map((loop) => once(loop, 'exit'));
for (const loop of living) loop.kill('SIGTERM');
await Promise.all(ended);
await coordinator.coordinateShutdown();
