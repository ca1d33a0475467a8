/**
 * `oikotie demo`: the main job against the built-in simulator, then a look at the data. It needs no internet, no Redis
 * and no browser, and touches only its own database file.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { RunningSimulator } from '../simulator/server.ts';
import { startSimulator } from '../simulator/server.ts';
import type { World } from '../simulator/world.ts';
import { createWorld } from '../simulator/world.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { runListings } from './listings.ts';
import { offerDashboard } from './offer-dashboard.ts';
import { collectVisibly, writeResult } from './run.ts';
import { runSql } from './sql.ts';

export interface DemoOptions {
  /** Listings for sale in the largest city; the others follow. */
  readonly listings: number;
  readonly database: string;
  readonly json: boolean;
}

/** Requests per second to the simulator: quick to watch, still visibly limited. */
const demoRequestsPerSecond = 25;

const marketQuery = `
  select city, deal_type as deal, count(*) as count,
    round(median(coalesce(price_eur, rent_eur_month))) as median_eur,
    round(median(coalesce(price_eur, rent_eur_month) / area_m2), 2) as eur_per_m2
  from listings group by city, deal_type order by count desc`;

/** Collects, shows the data, and gives back the exit code of the run. */
export async function runDemo(options: DemoOptions, io: CommandIo): Promise<number> {
  const { config, exitCode } = await collectDemo(options, io);
  if (!options.json && exitCode === exitCodes.ok) {
    await inDemoFolder((folder) => offerDashboard(config, folder, io));
  }
  return exitCode;
}

async function collectDemo(options: DemoOptions, io: CommandIo): Promise<{ config: Config; exitCode: number }> {
  const { simulator, tasks } = await startDemoPortal(options, io);
  try {
    const { config } = await inDemoFolder(async (folder) =>
      loadConfig({ path: await writeDemoConfig(folder, tasks, options.database), environment: {} }),
    );
    const result = await collectVisibly({ config, tasks: config.tasks, progressIntervalMs: 2_000 }, io);
    const exitCode = writeResult(result, config.databasePath, options.json, io);
    if (!options.json && result.status === 'completed') await lookAtData(config.databasePath, io);
    return { config, exitCode };
  } finally {
    await simulator.close();
  }
}

export interface DemoPortal {
  readonly simulator: RunningSimulator;
  readonly tasks: readonly DemoTask[];
  readonly listingCount: number;
}

/** Three cities of the simulator; the caller closes it. */
export async function startDemoPortal(
  { listings, database }: Pick<DemoOptions, 'listings' | 'database'>,
  io: CommandIo,
): Promise<DemoPortal> {
  const counts = { helsinki: listings, espoo: Math.ceil(listings / 2), tampere: Math.ceil(listings / 3) };
  const world = createWorld({
    seed: 1,
    cities: [
      { name: 'Helsinki', locationId: 64, saleCount: counts.helsinki, rentCount: 0 },
      { name: 'Espoo', locationId: 39, saleCount: counts.espoo, rentCount: 0 },
      { name: 'Tampere', locationId: 71, saleCount: 0, rentCount: counts.tampere },
    ],
  });
  const simulator = await startOnOwnPort(world, database);
  io.stderr.write(`The simulator stands in for the portal at ${simulator.origin}.\nIts listings are invented.\n`);
  const tasks = [
    { city: 'Helsinki', url: simulator.searchUrl('Helsinki', 'sale'), priority: 3 },
    { city: 'Espoo', url: simulator.searchUrl('Espoo', 'sale'), priority: 2 },
    { city: 'Tampere', url: simulator.searchUrl('Tampere', 'rent'), priority: 1 },
  ];
  return { simulator, tasks, listingCount: counts.helsinki + counts.espoo + counts.tampere };
}

/**
 * The same database meets its listings at the same address each time, or every url would have changed since the last
 * demo. Below 32768, where systems do not hand out ports of their own accord; another free one when it is taken.
 */
async function startOnOwnPort(world: World, database: string): Promise<RunningSimulator> {
  const digest = createHash('sha256').update(resolve(database)).digest();
  try {
    return await startSimulator({ world, port: 20_000 + (digest.readUInt16BE() % 12_000) });
  } catch {
    // Taken, or not allowed: the demo works at any port; only "unchanged" becomes "changed".
    return startSimulator({ world });
  }
}

interface DemoTask {
  readonly city: string;
  readonly url: string;
  readonly priority: number;
}

/** Gives the work a folder of its own, which is gone afterwards. */
export async function inDemoFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'oikotie-demo-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The demo's configuration goes through a file as anyone's does; gives back its path. */
export async function writeDemoConfig(
  folder: string,
  tasks: readonly DemoTask[],
  databasePath: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const path = join(folder, 'config.json');
  const file = {
    tasks: tasks.map((task) => ({ ...task, enabled: true, rate_limit_seconds: 1 / demoRequestsPerSecond })),
    global_settings: {
      database_path: databasePath,
      logs_directory: null,
      log_level: 'WARNING',
      // Nothing but its own database.
      publish: { snapshots: false, datasets: false },
      crawler: { contact: 'demo@example.org', max_requests_per_second: null },
      ...settings,
    },
  };
  await writeFile(path, JSON.stringify(file));
  return path;
}

/** Prints what was collected, and where to go from there. */
export async function lookAtData(databasePath: string, io: CommandIo): Promise<void> {
  io.stdout.write('\nThe market, as stored:\n');
  await runSql({ query: marketQuery, json: false, databasePath }, io);
  io.stdout.write('\nFive listings:\n');
  await runListings({ databasePath, limit: 5, json: false }, io);
  io.stdout.write(
    [
      '',
      'Look further:',
      `  npx oikotie dashboard --database ${databasePath}    (pages in a browser)`,
      `  npx oikotie listings --database ${databasePath} --city Espoo`,
      `  npx oikotie sql "from city_executions" --database ${databasePath}`,
      '  npx oikotie demo    (again: nothing new, all unchanged)',
      '  npx oikotie doctor  (before the first run for real)',
      '  npx oikotie run     (for real, with config/config.json)',
      '',
    ].join('\n'),
  );
}
