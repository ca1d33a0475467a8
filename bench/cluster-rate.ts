/**
 * A cluster of 1, 2 and 4 workers against the simulator: how much of each city's limit is used, whether any window holds a
 * request too many that left in it, what a listing costs in processor time, and what Redis keeps of it. It ends with exit code 1 when less
 * than 0.98 of a limit is used or a window is above it. Usage: node dist/bench/cluster-rate.js [listings per city, 200]
 * [requests per second and city, 5] [numbers of workers, 1,2,4]
 */
import { Redis } from 'ioredis';
import { cities, cpuMsOf, createBenchPlace, departuresOf } from './cluster/place.ts';

const leastUsed = 0.98;
const [perCity = '200', perSecond = '5', workerCounts = '1,2,4'] = process.argv.slice(2);
const size = { perCity: Number(perCity), requestsPerSecond: Number(perSecond) };
const listings = size.perCity * cities.length;

for (const workers of workerCounts.split(',').map(Number)) {
  const place = await createBenchPlace(size);
  const client = new Redis(place.redis.url);
  try {
    const emptyBytes = await usedMemory(client);
    const nodes = [
      place.start('store', 'store-1'),
      ...Array.from({ length: workers }, (_, index) => place.start('worker', `worker-${index + 1}`)),
    ];
    let peakBytes = 0;
    const startedAt = performance.now();
    const end = await place.run(() => {
      void usedMemory(client).then((bytes) => {
        peakBytes = Math.max(peakBytes, bytes);
      });
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    if (end.kind !== 'ended' || end.result.new !== listings)
      throw new Error(`expected ${listings} new, got another end`);
    const keptBytes = (await usedMemory(client)) - emptyBytes;
    const cpuMs = nodes.map(({ child }) => cpuMsOf(child.pid));
    const redisCpuMs = Number(/used_cpu_user:(\S+)/.exec(await client.info('cpu'))?.[1] ?? 0) * 1_000;
    const jobs = await jobsDone(client);
    print(`${workers} ${workers === 1 ? 'worker' : 'workers'}, ${listings} listings in ${seconds.toFixed(1)} s`);
    await place.endNodes();
    for (const city of cities) printCity(city, await departuresOf(place, city));
    const [storeMs = 0, ...workerMs] = cpuMs;
    const sum = workerMs.reduce((total, each) => total + each, 0);
    print(`  CPU ms per listing: workers ${per(sum)}, store ${per(storeMs)}, Redis ${per(redisCpuMs)}`);
    print(`  ${jobs} jobs; Redis CPU per job ${(redisCpuMs / jobs).toFixed(2)} ms`);
    const perTenThousand = (bytes: number) => ((bytes / listings) * 10_000) / 1_048_576;
    print(`  Redis keeps ${perTenThousand(keptBytes).toFixed(0)} MB per 10,000 listings when the run is over`);
    print(`  and had ${perTenThousand(peakBytes - emptyBytes).toFixed(0)} MB per 10,000 at its peak`);
  } finally {
    client.disconnect();
    await place.close();
  }
}

function printCity(city: string, times: readonly number[]): void {
  const intervalMs = 1_000 / size.requestsPerSecond;
  const spanMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const used = ((times.length - 1) * intervalMs) / spanMs;
  const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
  if (used < leastUsed || most > size.requestsPerSecond) process.exitCode = 1;
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  print(
    `  ${city.padEnd(9)} ${used.toFixed(3)} of its limit used; most that left in any second: ${most} of ${perSecond}; ` +
      `smallest gap ${Math.min(...gaps)} of ${intervalMs} ms`,
  );
}

function per(ms: number): string {
  return (ms / listings).toFixed(1);
}

async function usedMemory(client: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1] ?? 0);
}

/** Jobs that are kept as completed in all queues. */
async function jobsDone(client: Redis): Promise<number> {
  const keys = await client.keys('{scraper}:*:completed');
  const counts = await Promise.all(keys.map((key) => client.zcard(key)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
