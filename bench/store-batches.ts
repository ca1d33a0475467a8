/**
 * How fast the series takes batches: rows/s and processor time for new, changed and unchanged listings in a table of
 * 100,000, against one row at a time in the same run; then what counting a city costs, how fast ready-made cells are
 * appended by themselves, and the memory. After `npm run build`: `node dist/bench/store-batches.js`. Never touches another
 * file than its own temporary one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import { contentHashOf, stagedVersionColumns, versionCells } from '../src/storage/listing-rows.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import { typesOf } from '../src/storage/staging.ts';
import { sampleWrite } from './sample-listings.ts';

const tableRows = 100_000;
const measuredRows = 10_000;
const batchSizes = [1, 20, 100, 500, 1000];
const baselineRows = 100;
const measuredCounts = 20;
const floorRows = 1000;
const floorRounds = 10;

interface Measurement {
  readonly what: string;
  readonly batchRows: number;
  readonly rowsPerSecond: number;
  /** Processor time of all threads: steadier on a busy machine. */
  readonly cpuMsPerCommit: number;
  readonly cpuMsPerRow: number;
}

/** Seconds of the clock and of the processor that the store took to commit the rows `from`, `from + 1`, …; making the samples is not counted. */
async function measureStoring(
  store: SeriesStore,
  { from, rows, batchRows, version }: { from: number; rows: number; batchRows: number; version: number },
): Promise<{ seconds: number; cpuSeconds: number }> {
  let elapsedMs = 0;
  let cpuMicros = 0;
  for (let start = from; start < from + rows; start += batchRows) {
    const listings = Array.from({ length: batchRows }, (_, offset) => sampleWrite(start + offset, version));
    const cpu = process.cpuUsage();
    const begin = performance.now();
    await store.commit({ searchPages: [], listings, unchanged: [], failures: [] });
    elapsedMs += performance.now() - begin;
    const { user, system } = process.cpuUsage(cpu);
    cpuMicros += user + system;
  }
  return { seconds: elapsedMs / 1000, cpuSeconds: cpuMicros / 1e6 };
}

async function measure(store: SeriesStore): Promise<readonly Measurement[]> {
  const results: Measurement[] = [];
  let version = 1;
  let nextId = 0;
  const add = async (what: string, batchRows: number, rows: number, from: number, sampleVersion: number) => {
    const { seconds, cpuSeconds } = await measureStoring(store, { from, rows, batchRows, version: sampleVersion });
    const cpuMsPerRow = (cpuSeconds * 1000) / rows;
    results.push({
      what,
      batchRows,
      rowsPerSecond: rows / seconds,
      cpuMsPerCommit: cpuMsPerRow * batchRows,
      cpuMsPerRow,
    });
  };
  await add('fill the table', 2000, tableRows, nextId, version);
  nextId += tableRows;
  printMemory(`after ${tableRows} rows`);
  for (const batchRows of batchSizes) {
    const rows = batchRows === 1 ? baselineRows : Math.min(measuredRows, batchRows * 20);
    await add('new', batchRows, rows, nextId, ++version);
    nextId += rows;
    await add('changed', batchRows, rows, 20_000, ++version);
    await add('unchanged', batchRows, rows, 20_000, version);
  }
  return results;
}

function printTable(results: readonly Measurement[]): void {
  const baselines = new Map(results.filter((row) => row.batchRows === 1).map((row) => [row.what, row]));
  console.log('what            batch    rows/s   x one at a time   CPU ms/commit   CPU ms/row   x less CPU');
  for (const { what, batchRows, rowsPerSecond, cpuMsPerCommit, cpuMsPerRow } of results) {
    const baseline = baselines.get(what);
    const cells = [
      String(batchRows).padStart(6),
      rowsPerSecond.toFixed(0).padStart(9),
      (baseline === undefined ? '' : (rowsPerSecond / baseline.rowsPerSecond).toFixed(1)).padStart(17),
      cpuMsPerCommit.toFixed(1).padStart(15),
      cpuMsPerRow.toFixed(3).padStart(12),
      (baseline === undefined ? '' : (baseline.cpuMsPerRow / cpuMsPerRow).toFixed(1)).padStart(12),
    ];
    console.log(`${what.padEnd(14)} ${cells.join(' ')}`);
  }
}

/**
 * The floor under new rows: cells made beforehand, appended to a table of the same columns without a key and committed.
 * No hash, no look for known listings, no outcomes.
 */
async function printFloor(database: Database): Promise<void> {
  const columns = stagedVersionColumns;
  const definitions = columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  await database.use((session) => session.run(`CREATE TABLE floor_rows (${definitions})`));
  const writes = Array.from({ length: floorRows }, (_, id) => sampleWrite(id, 0));
  const cells = versionCells(
    writes.map((write) => ({ write, contentHash: contentHashOf(write.record), isNew: true, goneAtUtc: null })),
  );
  const begin = performance.now();
  for (let round = 0; round < floorRounds; round++) {
    await database.transact((session) =>
      session.append({ name: 'floor_rows', catalog: null, types: typesOf(columns) }, cells),
    );
  }
  const seconds = (performance.now() - begin) / 1000;
  console.log(`appending ready-made cells alone: ${((floorRows * floorRounds) / seconds).toFixed(0)} rows/s`);
}

async function printCounting(store: SeriesStore): Promise<void> {
  const cpu = process.cpuUsage();
  for (let look = 0; look < measuredCounts; look++) await store.countCity('execution-1', 'Helsinki');
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000 / measuredCounts;
  console.log(`counting a city of ${tableRows} listings: ${cpuMs.toFixed(1)} CPU ms`);
}

function printMemory(when: string): void {
  console.log(`memory ${when}: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident`);
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
try {
  const path = join(folder, 'bench.duckdb');
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '1GB', threads: 1 });
  const store = createSeriesStore({ database, clock: systemClock });
  printTable(await measure(store));
  await printCounting(store);
  await printFloor(database);
  printMemory('at the end');
  console.log(
    `load average: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  await database.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
