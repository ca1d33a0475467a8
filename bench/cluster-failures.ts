/**
 * What failures cost with the default locks: a run on two workers and a store in which workers, the store and Redis are
 * killed one after another, and how long it takes until the work goes on. It ends with exit code 1 when anything was lost
 * or a job of a dead worker waited longer than 25 s while Redis was there. Takes about five minutes; less with shorter
 * outages. Usage: node dist/bench/cluster-failures.js [outages of Redis in seconds, 10,120]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { NodeProcess } from '../cli/node-process.ts';
import { cities, createBenchPlace } from './cluster/place.ts';

const size = { perCity: 400, requestsPerSecond: 2 };
const promisedSeconds = 25;
const outages = (process.argv[2] ?? '10,120').split(',').map(Number);

const place = await createBenchPlace(size);
const { hostname, port, password } = new URL(place.redis.url);
const connection = { host: hostname, port: Number(port), password };
const queueNamed = (name: string): Queue => {
  const queue = new Queue(name, { connection, prefix: '{scraper}' });
  queue.on('error', () => undefined); // Redis is killed on purpose
  return queue;
};
const crawlQueues = cities.map((city) => queueNamed(`crawl-${city.toLowerCase()}`));
const storeQueue = queueNamed('store');
const nodes = new Map<string, NodeProcess>();
const start = (role: 'store' | 'worker', name: string): void => {
  nodes.set(name, place.start(role, name));
};
start('store', 'store-1');
start('worker', 'worker-1');
start('worker', 'worker-2');
const running = place.run();

await untilListings(30);
for (const name of ['worker-1', 'worker-2', 'worker-1']) {
  const waits = await killWorker(name);
  print(`worker killed: its ${waits.length} jobs run elsewhere after ${waits.map(toText).join(', ')} s`);
  if (waits.some((seconds) => seconds > promisedSeconds)) process.exitCode = 1;
}
print(`store killed and started at once: writes again after ${toText(await killStore())} s`);
for (const seconds of outages) {
  const asked = place.simulator.requestLog.entries().length;
  await place.redis.kill();
  await sleep(seconds * 1_000);
  const meanwhile = place.simulator.requestLog.entries().length - asked;
  await place.redis.startAgain();
  const back = performance.now();
  const after = place.simulator.requestLog.entries().length;
  await until(() => place.simulator.requestLog.entries().length > after);
  const resumed = toText((performance.now() - back) / 1_000);
  print(`Redis away for ${seconds} s: ${meanwhile} requests left meanwhile, the next ${resumed} s after it was back`);
}
const stopping = performance.now();
nodes.get('worker-2')?.child.kill('SIGTERM');
await nodes.get('worker-2')?.ended;
print(`worker stopped by SIGTERM: ended after ${toText((performance.now() - stopping) / 1_000)} s`);

const end = await running;
const listings = size.perCity * cities.length;
const pages = place.simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length;
print(`the run: ${end.kind === 'ended' ? `${end.result.status}, ${end.result.new} of ${listings} listings` : 'left'}`);
print(`pages asked for a second time: ${pages - listings} of ${listings}`);
if (end.kind !== 'ended' || end.result.new !== listings) process.exitCode = 1;
await Promise.all([...crawlQueues, storeQueue].map((queue) => queue.close()));
await place.close();

/** Kills a worker, starts it again, and gives back how long each of its jobs waited for its next start, in seconds. */
async function killWorker(name: string): Promise<readonly number[]> {
  let own = await activeJobsOf(name);
  while (own.length === 0) {
    await sleep(20);
    own = await activeJobsOf(name);
  }
  nodes.get(name)?.child.kill('SIGKILL');
  const killedAt = performance.now();
  await nodes.get(name)?.ended;
  start('worker', name);
  const waits = await Promise.all(
    own.map(async ({ queue, id, attemptsStarted }) => {
      for (;;) {
        const job = await queue.getJob(id);
        if (job === undefined || job.attemptsStarted > attemptsStarted) return (performance.now() - killedAt) / 1_000;
        if (job.finishedOn !== undefined) return null; // it had ended before the kill
        await sleep(50);
      }
    }),
  );
  return waits.filter((seconds) => seconds !== null);
}

async function activeJobsOf(name: string) {
  const active = await Promise.all(
    crawlQueues.map(async (queue) => (await queue.getActive()).map((job) => ({ queue, job }))),
  );
  return active
    .flat()
    .filter(({ job }) => job.processedBy === name)
    .map(({ queue, job }) => ({ queue, id: job.id ?? '', attemptsStarted: job.attemptsStarted }));
}

async function killStore(): Promise<number> {
  nodes.get('store-1')?.child.kill('SIGKILL');
  const killedAt = performance.now();
  await nodes.get('store-1')?.ended;
  const before = await storeQueue.getCompletedCount();
  start('store', 'store-1');
  while ((await storeQueue.getCompletedCount()) <= before) await sleep(50);
  return (performance.now() - killedAt) / 1_000;
}

async function untilListings(count: number): Promise<void> {
  await until(() => place.simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length >= count);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

function toText(seconds: number): string {
  return seconds.toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
