/**
 * How quickly the interface for programs answers over a million listings, and what an export of all of them needs. After
 * `npm run build`: `node dist/bench/api.js [listings, default 1000000]`. It asks each answer again and again over HTTP, as a
 * program with a token does, and prints the median, the 95th percentile and the processor time, the client's in it. Ends with
 * exit code 1 when one of the main answers takes 300 ms or more at the 95th. Needs 2 GB of disk for temporary files.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperatorActions } from '../cli/dashboard-actions.ts';
import { openClusterView } from '../cli/dashboard-cluster.ts';
import { loadConfig } from '../config/load-config.ts';
import { randomToken, tokenLine } from '../dashboard/auth/tokens.ts';
import { nothingLive } from '../dashboard/live/live-sources.ts';
import type { RunningDashboard } from '../dashboard/server.ts';
import { startDashboard } from '../dashboard/server.ts';
import { systemClock } from '../src/clock.ts';
import { createLog } from '../src/log.ts';
import { openDatabase } from '../src/storage/database.ts';
import { createPublishedSeries } from '../src/storage/published-series.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import { publishSnapshot } from '../src/storage/snapshot.ts';
import { sampleWrite } from './sample-listings.ts';

const listings = Number(process.argv[2] ?? 1_000_000);
const stored = 2_000;
const repeats = 40;
const limitMs = 300;
const cities = ['Helsinki', 'Espoo', 'Vantaa', 'Tampere', 'Turku'] as const;

/** Main answers first; the others look through every version there is. */
const questions: readonly { readonly path: string; readonly isMain: boolean }[] = [
  { path: '/status', isMain: true },
  { path: '/coverage-days', isMain: true },
  { path: '/cities/Helsinki/receipts', isMain: true },
  { path: '/executions', isMain: true },
  { path: '/audit-events?severity=ERROR', isMain: true },
  { path: '/listings', isMain: true },
  { path: '/listings?city=Espoo&minAreaM2=50&sort=cheapest', isMain: true },
  { path: '/listings?text=meri&limit=20', isMain: false },
  { path: '/listings?asOf=2026-06-01T00:00:00Z&city=Tampere', isMain: true },
  { path: '/listings/10000007', isMain: true },
  { path: '/listings/10000007/history', isMain: true },
  { path: '/cities', isMain: false },
  { path: '/price-events?city=Turku', isMain: false },
  { path: '/market-times?city=Turku', isMain: false },
];

/**
 * A few stored as a run stores them, 4 KB each; the rest made of them inside the database, with short texts, so that it takes
 * minutes and not an hour. The few were published last: pages show them, with their long texts.
 */
async function fill(path: string): Promise<void> {
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '2GB', threads: 2 });
  const store = createSeriesStore({ database, clock: systemClock });
  const writes = Array.from({ length: stored }, (_, index) => sampleWrite(index, 0));
  for (const city of cities) {
    await store.startExecution({
      executionId: 'day-0',
      nominalDay: '2026-01-01',
      startedAtUtc: '2026-01-01T03:00:00.000Z',
      cities: [],
    });
    await store.startCity({ executionId: 'day-0', city, startedAtUtc: '2026-01-01T03:00:00.000Z' });
  }
  await store.commit({ searchPages: [], listings: writes, unchanged: [], failures: [] });
  const names = `['${cities.join("', '")}']`;
  const copies = Math.ceil(listings / stored);
  const copied = (table: string) => `INSERT INTO ${table} SELECT l.* REPLACE (
      (listing_id::BIGINT + copy * ${stored})::VARCHAR AS listing_id, ${names}[1 + copy % ${cities.length}] AS city,
      price_eur + copy * 7 AS price_eur, area_m2 + copy % 50 AS area_m2, published_at - to_minutes(copy) AS published_at,
      substr(description, 1, 40) AS description, '{"Kunto":"Hyvä"}' AS other_details_json)
    FROM ${table} l, range(1, ${copies}) r(copy) WHERE l.listing_id::BIGINT < 10000000 + ${stored}`;
  await database.use(async ({ run }) => {
    await run(copied('listings'));
    await run(copied('listing_versions'));
    await run(`INSERT INTO executions (execution_id, nominal_day, status, started_at)
      SELECT 'day-' || d, DATE '2026-01-01' + d::INTEGER, 'completed', TIMESTAMP '2026-01-01 03:00' + to_days(d::INTEGER) FROM range(1, 330) t(d)`);
    await run(`INSERT INTO city_executions (execution_id, city, verdict, discovered, started_at)
      SELECT execution_id, city, 'complete', 1000, started_at FROM executions, unnest(${names}) c(city) WHERE execution_id <> 'day-0'`);
    await run(`INSERT INTO audit_log (event_id, occurred_at, type, severity, node_id, message, details_json)
      SELECT 'event-' || e, TIMESTAMP '2026-01-01' + to_seconds(e), 'RETRY_ATTEMPT',
        CASE WHEN e % 100 = 0 THEN 'ERROR' ELSE 'INFO' END, 'node-1', 'event', '{}' FROM range(1000000) t(e)`);
  });
  await publishSnapshot(database);
  await database.close();
}

async function measure({ origin }: RunningDashboard, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  for (const { path, isMain } of questions) {
    const times: number[] = [];
    let bytes = 0;
    const cpu = process.cpuUsage();
    for (let round = 0; round < repeats; round++) {
      const begin = performance.now();
      const response = await fetch(`${origin}/api/v1${path}`, { headers });
      bytes = (await response.arrayBuffer()).byteLength;
      if (response.status !== 200) throw new Error(`expected 200 for ${path}, got ${response.status}`);
      times.push(performance.now() - begin);
    }
    const { user, system } = process.cpuUsage(cpu);
    const cpuMs = ((user + system) / 1000 / repeats).toFixed(0);
    times.sort((one, other) => one - other);
    const [median = 0, p95 = 0] = [times[Math.floor(repeats / 2)], times[Math.floor(repeats * 0.95)]];
    if (isMain && p95 >= limitMs) process.exitCode = 1;
    console.log(
      `${path}: median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, processor ${cpuMs} ms, ${Math.ceil(bytes / 1024)} KiB`,
    );
  }
}

/** All listings as lines: how fast, and how much the process grows meanwhile. */
async function measureExport({ origin }: RunningDashboard, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' };
  const begin = performance.now();
  const response = await fetch(`${origin}/api/v1/listings`, { headers });
  let [bytes, lines, highest] = [0, 0, 0];
  for await (const part of response.body ?? []) {
    bytes += part.length;
    for (const byte of part) if (byte === 10) lines += 1;
    highest = Math.max(highest, process.memoryUsage().rss);
  }
  const seconds = (performance.now() - begin) / 1000;
  console.log(
    `all as lines: ${lines} lines, ${Math.round(bytes / 2 ** 20)} MiB in ${seconds.toFixed(1)} s, ` +
      `${Math.round(highest / 2 ** 20)} MiB resident at most, the client in it`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-api-'));
try {
  const databasePath = join(folder, 'bench.duckdb');
  await fill(databasePath);
  const { config } = loadConfig({ path: 'config/config.json', environment: {} });
  const series = createPublishedSeries({ databasePath, memoryLimit: '512MB', threads: 2, connections: 4 });
  const token = randomToken();
  const scopes = ['read:status', 'read:data', 'read:audit'] as const;
  const line = tokenLine(token, { name: 'bench', scopes, lastDay: null });
  const log = createLog({ level: 'error', destination: process.stderr });
  const audit = () => undefined;
  const cluster = openClusterView({ config, log, series });
  const running = await startDashboard({
    config: { ...config.dashboard, port: 0, tokens: [line], apiRequestsPerMinute: 100_000 },
    ...{
      scraper: config,
      series,
      live: nothingLive,
      users: null,
      sessionSecret: 'of this benchmark only',
      clock: systemClock,
    },
    ...{ log, audit, cluster, nodeId: 'bench', datasetsFolder: join(folder, 'dataset') },
    actions: createOperatorActions({ config, log, audit, onChanged: async () => undefined }),
  });
  console.log(`${listings} listings, file ${Math.round(statSync(databasePath).size / 2 ** 20)} MiB`);
  await measure(running, token);
  await measureExport(running, token);
  await running.close();
  await cluster.close();
  await series.close();
  console.log(
    `load average: ${loadavg()
      .map((average) => average.toFixed(1))
      .join(' ')}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
