/**
 * How long Bull Board takes, as the dashboard serves it, with 100 cities and 100,000 jobs in one queue: the overview, and pages
 * of jobs at the begin and at the end. It fills the Redis it is given, which must be an empty one of its own.
 * After `npm run build`: `redis-server --port 6399 --save '' &` and `node dist/bench/queues-page.js redis://127.0.0.1:6399`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDashboard } from '../cli/dashboard.ts';
import { loadConfig } from '../config/load-config.ts';
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import { createLog } from '../src/log.ts';
import { clusterPrefix, connectCluster } from '../workers/cluster.ts';

const cities = 100;
const jobs = 100_000;
const jobsAtOnce = 5_000;
const repeats = 10;

async function measureQueuesPage(redisUrl: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
  const config = configIn(folder, redisUrl);
  const log = createLog({ level: 'silent', destination: process.stderr });
  const redis = connectCluster(config, log);
  const queues = new BullMqQueues({ redis, prefix: clusterPrefix, log });
  if ((await redis.dbsize()) > 0) throw new Error(`${redisUrl}: expected an empty Redis, got one with keys`);
  await fill(queues);
  const io = { stdout: process.stdout, stderr: process.stderr, signal: new AbortController().signal };
  const dashboard = await openDashboard(config, io);
  const page = (number: number) => `activeQueue=crawl-city-1&status=waiting&page=${number}&jobsPerPage=10`;
  await measure('overview', `${dashboard.origin}/queues/api/queues`);
  await measure('page 1', `${dashboard.origin}/queues/api/queues?${page(1)}`);
  await measure('page 9,000', `${dashboard.origin}/queues/api/queues?${page(9_000)}`);
  await measure('page of the cluster', `${dashboard.origin}/cluster`);
  await dashboard.close();
  await queues.close();
  redis.disconnect();
  rmSync(folder, { recursive: true });
}

function configIn(folder: string, redisUrl: string) {
  const path = join(folder, 'config.json');
  const tasks = Array.from({ length: cities }, (_, index) => {
    const city = `City ${index + 1}`;
    const locations = encodeURIComponent(JSON.stringify([[index + 1, 6, city]]));
    return {
      city,
      enabled: true,
      url: `https://asunnot.oikotie.fi/myytavat-asunnot?cardType=100&locations=${locations}`,
    };
  });
  const global_settings = {
    ...{ database_path: join(folder, 'series.duckdb'), logs_directory: join(folder, 'logs') },
    cluster_coordination: { redis_url: redisUrl },
    dashboard: { port: 0, authentication: false },
  };
  writeFileSync(path, JSON.stringify({ tasks, global_settings }));
  return loadConfig({ path, environment: {} }).config;
}

async function fill(queues: BullMqQueues): Promise<void> {
  const queue = queues.queue('crawl-city-1');
  for (let from = 0; from < jobs; from += jobsAtOnce) {
    const ids = Array.from({ length: jobsAtOnce }, (_, index) => String(from + index));
    await queue.addBulk(ids.map((listingId) => ({ name: 'listing', data: { city: 'City 1', card: { listingId } } })));
  }
}

async function measure(what: string, url: string): Promise<void> {
  const times: number[] = [];
  for (let count = 0; count < repeats; count++) {
    const startedAt = performance.now();
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    if (response.status !== 200) throw new Error(`${what}: expected 200, got ${response.status}`);
    await response.text();
    times.push(performance.now() - startedAt);
  }
  times.sort((one, other) => one - other);
  const [median, slowest] = [times[Math.floor(repeats / 2)] ?? 0, times.at(-1) ?? 0];
  const load = loadavg()[0]?.toFixed(1);
  process.stdout.write(`${what}: median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms (load ${load})\n`);
}

const [, , redisUrl] = process.argv;
if (redisUrl === undefined) throw new Error('expected the address of an empty Redis, e.g. redis://127.0.0.1:6399');
await measureQueuesPage(redisUrl);
