/**
 * A cluster over 2, 30, 100 and 300 cities against the simulator, one worker killed half-way: what coordinating them costs.
 * It ends with exit code 1 when a city is not complete, anything that is stored differs from what the simulator offers, or
 * a city's limit or the portal's was exceeded. On a quiet machine
 * every size ends within five minutes; after ten it gives up. Usage:
 * node dist/bench/cluster-cities.js [numbers of cities, 2,30,100,300] [listings per city, 10] [workers, 3]
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { listMunicipalities } from '../config/municipalities.ts';
import type { LoggedRequest } from '../simulator/request-log.ts';
import { openReader } from '../src/storage/reader.ts';
import { readCityTimes } from './cluster/city-times.ts';
import { compareWithTruth } from './cluster/compare-with-truth.ts';
import type { BenchPlace } from './cluster/place.ts';
import { cpuMsOf, createBenchPlace } from './cluster/place.ts';
import type { RedisMeter, RedisUse } from './cluster/redis-use.ts';
import { openRedisMeter } from './cluster/redis-use.ts';

const [cityCounts = '2,30,100,300', perCity = '10', workerCount = '3'] = process.argv.slice(2);
const limits = { requestsPerSecond: 1, portalPerSecond: 20, concurrentCities: 30 };
const workers = Number(workerCount);
const mostMinutes = 10;
const idleSeconds = 10;

/** The big ones first, then the others by name. */
const cityNames = [...new Set(['Helsinki', 'Espoo', ...listMunicipalities()])];

// Nodes and Redis end with this process only where it ends by itself.
process.once('SIGTERM', () => process.exit(1));

for (const count of cityCounts.split(',').map(Number)) {
  const place = await createBenchPlace({ ...limits, perCity: Number(perCity), cityNames: cityNames.slice(0, count) });
  const meter = openRedisMeter(place.redis.url);
  const tooLong = setTimeout(() => {
    const asked = place.simulator.requestLog.entries().length;
    process.stderr.write(
      `${count} cities: expected an end within ${mostMinutes} minutes, got ${asked} requests and no end\n`,
    );
    process.exit(1);
  }, mostMinutes * 60_000);
  try {
    print(`${count} cities of ${perCity} listings, a store and ${workers} workers`);
    await measure(place, meter);
  } finally {
    clearTimeout(tooLong);
    meter.close();
    await place.close();
  }
}

async function measure(place: BenchPlace, meter: RedisMeter): Promise<void> {
  const startedAt = performance.now();
  const nodes = [
    place.start('store', 'store-1'),
    ...Array.from({ length: workers }, (_, index) => place.start('worker', `worker-${index + 1}`)),
  ];
  const cpuMs = new Map<string, number>();
  const readCpu = (): void => {
    for (const { name, child } of nodes) {
      if (child.exitCode === null && child.signalCode === null) cpuMs.set(name, cpuMsOf(child.pid));
    }
  };
  await untilSteady(meter);
  print(`  ready after ${secondsSince(startedAt)} s`);
  readCpu();
  const idleCpu = new Map(cpuMs);
  const before = await meter.read();
  await sleep(idleSeconds * 1_000);
  readCpu();
  const idle = await meter.read();
  printIdle(before, idle, workerSum(cpuMs) - workerSum(idleCpu));

  const total = Number(perCity) * place.config.tasks.length;
  const victim = nodes.at(-1);
  const samples: RedisUse[] = [];
  const runAt = performance.now();
  const runAtMs = Date.now();
  const end = await place.run(() => {
    readCpu();
    void meter.read().then((use) => samples.push(use));
    const asked = place.simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length;
    if (workers > 1 && victim?.child.signalCode === null && asked * 2 > total) victim.child.kill('SIGKILL');
  });
  const seconds = (performance.now() - runAt) / 1_000;
  readCpu();
  const after = await meter.read();
  const times = await readCityTimes(place, runAtMs);
  await place.endNodes();
  const requests = place.simulator.requestLog.entries();
  print(
    `  the run: ${end.kind === 'ended' ? end.result.status : 'left'} after ${seconds.toFixed(1)} s; ${requests.length} requests`,
  );
  printRedis(samples, idle, after, seconds);
  const cpuOf = (name: string) => (cpuMs.get(name) ?? 0) - (idleCpu.get(name) ?? 0);
  const ofWorkers = workerSum(cpuMs) - workerSum(idleCpu);
  const [ofStore, ofRedis] = [cpuOf('store-1'), after.cpuMs - idle.cpuMs].map((ms) => per(ms, total));
  print(`  CPU ms per listing: workers ${per(ofWorkers, total)}, store ${ofStore}, Redis ${ofRedis}`);
  for (const line of times) print(`  ${line}`);
  await printStoreLag(place);
  await judge(place, requests, total);
  print(`  load average ${loadavg()[0]?.toFixed(1)}`);
}

/** Waits until every node is connected: the number of connections stays for two seconds. */
async function untilSteady(meter: RedisMeter): Promise<void> {
  let last = -1;
  for (let since = performance.now(); performance.now() - since < 2_000; await sleep(100)) {
    const { connections } = await meter.read();
    if (connections === last && connections > workers + 1) continue;
    last = connections;
    since = performance.now();
  }
}

function printIdle(before: RedisUse, after: RedisUse, workersCpuMs: number): void {
  const perSecond = (from: number, to: number) => ((to - from) / idleSeconds).toFixed(0);
  print(
    `  idle: ${after.connections} connections, ${perSecond(before.commands, after.commands)} commands/s, ` +
      `Redis ${perSecond(before.cpuMs, after.cpuMs)} CPU ms/s, ${(after.memoryBytes / 1_048_576).toFixed(1)} MB; ` +
      `workers ${(workersCpuMs / idleSeconds / workers).toFixed(0)} CPU ms/s each`,
  );
}

function printRedis(samples: readonly RedisUse[], idle: RedisUse, after: RedisUse, seconds: number): void {
  const most = (of: (use: RedisUse) => number) => Math.max(...samples.map(of));
  print(
    `  Redis: peak ${(most((use) => use.peakBytes) / 1_048_576).toFixed(1)} MB, ${after.keys} keys, ` +
      `${most((use) => use.connections)} connections at most, ${((after.commands - idle.commands) / seconds).toFixed(0)} ` +
      `commands/s, ${((after.cpuMs - idle.cpuMs) / seconds).toFixed(0)} CPU ms/s`,
  );
  print(`  jobs of the store: ${most((use) => use.storeJobs)} at most at one time`);
}

/** How long after its page was fetched a listing was committed. */
async function printStoreLag({ config }: BenchPlace): Promise<void> {
  const reader = await openReader(config.databasePath);
  try {
    const lag = 'epoch_ms(settled_at) - epoch_ms(fetched_at)';
    const { rows } = await reader.runSelect(
      `select median(${lag}) as median, quantile_cont(${lag}, 0.95) as late, max(${lag}) as latest
         from execution_listings join listings using (listing_id)`,
    );
    for await (const { median, late, latest } of rows) {
      const inSeconds = (ms: unknown) => (Number(ms) / 1_000).toFixed(1);
      print(
        `  fetched to stored: median ${inSeconds(median)} s, 95 % ${inSeconds(late)} s, at most ${inSeconds(latest)} s`,
      );
    }
  } finally {
    await reader.close();
  }
}

async function judge(place: BenchPlace, requests: readonly LoggedRequest[], total: number): Promise<void> {
  const found = await compareWithTruth(place);
  const count = place.config.tasks.length;
  const isWhole = found.completeCities === count && found.entries === total && found.listings === total;
  print(
    `  ${found.completeCities} of ${count} cities complete, ${found.listings} of ${total} listings in ${found.entries} ` +
      `entries, ${found.differences.length} differences to the truth`,
  );
  for (const difference of found.differences.slice(0, 10)) print(`    ${difference}`);
  const pages = requests.filter(({ kind }) => kind === 'listing').length;
  const inCity = await mostInASecond(place, 'city');
  const inAll = await mostInASecond(place, "'portal'");
  print(
    `  pages asked for a second time: ${pages - total}; most that left in a second: ${inCity} of a city, ${inAll} in all`,
  );
  const isPolite = inCity <= limits.requestsPerSecond && inAll <= limits.portalPerSecond;
  if (!isWhole || found.differences.length > 0 || !isPolite) process.exitCode = 1;
}

/** The most requests that left in any second, of each `lane` for itself, as the ledger has them. */
async function mostInASecond({ config }: BenchPlace, lane: string): Promise<number> {
  const reader = await openReader(config.databasePath);
  try {
    const window = 'range between interval 999 milliseconds preceding and current row';
    const { rows } = await reader.runSelect(
      `select max(n) as most from (select count(*) over (partition by ${lane} order by sent_at ${window}) as n
         from request_log where ${lane} is not null)`,
    );
    for await (const { most } of rows) return Number(most);
    return 0;
  } finally {
    await reader.close();
  }
}

function workerSum(cpuMs: ReadonlyMap<string, number>): number {
  return [...cpuMs].filter(([name]) => name.startsWith('worker')).reduce((sum, [, ms]) => sum + ms, 0);
}

function per(ms: number, listings: number): string {
  return (ms / listings).toFixed(1);
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
