/**
 * What a snapshot of a series of 100,000 listings costs, the two ways there are: the file copied after a checkpoint, and
 * DuckDB's COPY FROM DATABASE into a new file. After `npm run build`: `node dist/bench/publish-snapshot.js`. Never touches
 * another file than its own temporary ones.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import { publishSnapshot } from '../src/storage/snapshot.ts';

const listings = 100_000;
const changedListings = 2_000;
const repeats = 5;

/** Rows as wide as real ones: texts of 1,500 characters that do not repeat, labels of 2,500, and the keys of a day. */
const fill = [
  `INSERT INTO listings (listing_id, url, deal_type, city, address, price_eur, area_m2, description, other_details_json,
    first_seen_at, last_seen_at, data_quality_score, issues_json, content_hash, execution_id, fetched_at, request_url,
    response_sha256, parser, node_id)
  SELECT (10000000 + i)::VARCHAR, 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/' || i, 'sale', 'Helsinki',
    'Keksittykatu ' || i, 100000 + i * 7 % 400000, 20 + i % 100, repeat(md5(i::VARCHAR) || ' koti ', 40),
    json_object('labels', [md5(i || 'a' || n) || ' arvo' FOR n IN range(60)]), now()::TIMESTAMP, now()::TIMESTAMP, 0.9,
    '[]', sha256(i::VARCHAR), 'daily-2026-11-21', now()::TIMESTAMP, 'https://asunnot.oikotie.fi/' || i,
    sha256(i || 'r'), 'listing-page/1', 'bench'
  FROM range(${listings}) t(i)`,
  `INSERT INTO execution_listings SELECT 'daily-2026-11-21', 'Helsinki', listing_id, 1, 'new', now()::TIMESTAMP FROM listings`,
];

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function print(what: string, times: readonly number[]): void {
  const [least = 0, ...rest] = times.toSorted((a, b) => a - b);
  console.log(`${what.padEnd(58)} ${least.toFixed(0)} to ${(rest.at(-1) ?? least).toFixed(0)} ms`);
}

async function change(database: Database, round: number): Promise<void> {
  await database.use(({ run }) =>
    run(`UPDATE listings SET price_eur = price_eur - 1, description = description || '${round}'
      WHERE hash(listing_id || '${round}') % ${listings / changedListings} = 0`),
  );
}

async function copyDatabase(database: Database, path: string): Promise<void> {
  await database.use(async ({ run, rows }) => {
    const [row] = await rows('SELECT current_database() AS name');
    await run(`ATTACH '${path}' AS copied`);
    await run(`COPY FROM DATABASE "${String(row?.['name'])}" TO copied`);
    await run('DETACH copied');
  });
}

async function measure(database: Database): Promise<void> {
  for (const sql of fill) await database.use(({ run }) => run(sql));
  const first = await publishSnapshot(database);
  console.log(
    `database ${(statSync(database.path).size / 1e6).toFixed(0)} MB; first snapshot held it ${first.heldMs.toFixed(0)} ms`,
  );
  const held: number[] = [];
  const whole: number[] = [];
  const copied: number[] = [];
  for (let round = 0; round < repeats; round++) {
    await change(database, round);
    whole.push(await timed(async () => held.push((await publishSnapshot(database)).heldMs)));
    const path = join(folder, `copied-${round}.duckdb`);
    copied.push(await timed(() => copyDatabase(database, path)));
    rmSync(path);
  }
  print(`checkpoint and copy after ${changedListings} changes: writes wait`, held);
  print('checkpoint and copy: until it is published', whole);
  print('COPY FROM DATABASE: writes wait', copied);
  const load = loadavg().map((each) => each.toFixed(1));
  console.log(`memory ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB, load average ${load.join(' ')}`);
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
try {
  const path = join(folder, 'bench.duckdb');
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '1GB', threads: 2 });
  await measure(database);
  await database.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
