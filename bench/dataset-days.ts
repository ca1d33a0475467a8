/**
 * What the dataset of a day costs when two years lie before it: the first one, written whole, and the one of the next day, which
 * takes over what is as it was. After `npm run build`: `node dist/bench/dataset-days.js [listings, default 20000] [small cities
 * beside the ten, default 0]`. Never touches another folder than its own temporary one.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import { writeDataset } from '../src/storage/dataset.ts';
import { inventSeries, lastDay } from './invented-series.ts';

const [listings = '20000', smallCities = '0'] = process.argv.slice(2);
const nextDay = '2026-11-30';
/** One of so many that are offered changes on a day. */
const changedOf = 50;

/** Every listing is seen on each day it is offered, by the run of that day. */
const seenEachDay = `INSERT INTO execution_listings
  SELECT x.execution_id, l.city, l.listing_id, 1, 'unchanged', x.started_at FROM executions x JOIN listings l
    ON x.started_at >= l.first_seen_at - INTERVAL 1 DAY AND x.started_at <= l.last_seen_at`;

const offered = 'gone_at IS NULL';
const theNextDay = [
  `INSERT INTO executions (execution_id, nominal_day, status, started_at, finished_at)
    VALUES ('daily-${nextDay}', '${nextDay}', 'completed', '${nextDay} 02:00:00', '${nextDay} 05:00:00')`,
  `INSERT INTO execution_listings SELECT 'daily-${nextDay}', city, listing_id, 1, 'unchanged', TIMESTAMP '${nextDay} 04:00:00'
    FROM listings WHERE ${offered}`,
  `UPDATE listing_versions SET valid_to = '${nextDay} 04:00:00', end_reason = 'changed'
    WHERE valid_to IS NULL AND hash(listing_id) % ${changedOf} = 0`,
  `INSERT INTO listing_versions SELECT * REPLACE (valid_to AS valid_from, NULL AS valid_to, NULL AS end_reason)
    FROM listing_versions WHERE valid_to = '${nextDay} 04:00:00'`,
  `UPDATE listings SET last_seen_at = '${nextDay} 04:00:00' WHERE ${offered}`,
];

async function printDataset(what: string, databasePath: string, day: string): Promise<void> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const generatedAtUtc = `${day}T06:00:00.000Z`;
  const request = {
    databasePath,
    directory: join(folder, 'dataset'),
    programVersion: 'bench',
    keep: 2,
    generatedAtUtc,
  };
  const { manifest, path } = await writeDataset({ ...request, executionId: `daily-${day}` });
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - begin) / 1000;
  const { files } = manifest;
  const linked = files.filter((file) => statSync(join(path, file.path)).nlink > 1).length;
  const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const cost = `${seconds.toFixed(1)} s, CPU ${((user + system) / 1e6).toFixed(1)} s`;
  console.log(`${what}: ${cost}; ${files.length} files of ${megabytes.toFixed(0)} MB, ${linked} of them links`);
}

async function fill(path: string, statements: readonly string[], isNew: boolean): Promise<Database> {
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '2GB', threads: 2 });
  if (isNew) await inventSeries(database, Number(listings), { smallCities: Number(smallCities) });
  for (const sql of statements) await database.use(({ run }) => run(sql));
  return database;
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
try {
  const path = join(folder, 'bench.duckdb');
  await (await fill(path, [seenEachDay], true)).close();
  await printDataset('the first dataset', path, lastDay);
  await printDataset('another one, nothing has changed', path, lastDay);
  await (await fill(path, theNextDay, false)).close();
  await printDataset('the one of the next day', path, nextDay);
  const load = loadavg().map((each) => each.toFixed(1));
  console.log(
    `peak of this process ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, load average ${load.join(' ')}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
