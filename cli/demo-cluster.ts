/**
 * `oikotie demo --cluster`: a whole cluster on this machine against the simulator. A private Redis, a store and three
 * workers, each a process of its own; one worker is killed half-way, and in the end every listing is there once.
 */
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { systemClock } from '../src/clock.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import { openReader } from '../src/storage/reader.ts';
import { runOnCluster } from '../workers/cluster-run.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import type { DemoOptions } from './demo.ts';
import { inDemoFolder, lookAtData, startDemoPortal, writeDemoConfig } from './demo.ts';
import type { NodeProcess } from './node-process.ts';
import { startNodeProcess } from './node-process.ts';
import { offerDashboard } from './offer-dashboard.ts';
import { startPrivateRedis } from './private-redis.ts';
import { writeResult } from './run.ts';
import type { RunOutput } from './run-output.ts';
import { createRunOutput } from './run-output.ts';
import { runSql } from './sql.ts';

const workerNames = ['worker-1', 'worker-2', 'worker-3'];
const victim = 'worker-2';
const shownEveryMs = 2_000;

/** Shorter than in earnest, so that the end of a worker is soon noticed. */
const timing = { job_lock_seconds: 5, stalled_check_seconds: 2 };

/** Five processes on one small machine keep it busy on purpose: no reason to take less. */
const health = { cpu_degraded: 100, cpu_unhealthy: 100 };

const shareQuery = `
  select node_id as node, count(*) as requests, strftime(max(sent_at), '%H:%M:%S') as last_request_utc
    from request_log where execution_id = '$executionId' group by node_id order by node_id`;

/** So that the progress is never far behind. */
const quickBatches = { batch_delay_ms: 250 };

/** Runs it and gives back the exit code of the run; 3 when something was lost. */
export async function runDemoCluster(options: DemoOptions, io: CommandIo): Promise<number> {
  const { simulator, tasks, listingCount } = await startDemoPortal(options, io);
  try {
    return await inDemoFolder(async (folder) => {
      const redis = await startPrivateRedis(folder);
      try {
        const cluster_coordination = { redis_url: redis.url, ...timing, health };
        const settings = {
          cluster_coordination,
          concurrent_cities: 3,
          state_directory: folder,
          database: quickBatches,
        };
        const configPath = await writeDemoConfig(folder, tasks, options.database, settings);
        return await collect({ options, configPath, listingCount }, io);
      } finally {
        await redis.end();
      }
    });
  } finally {
    await simulator.close();
  }
}

interface Demo {
  readonly options: DemoOptions;
  readonly configPath: string;
  readonly listingCount: number;
}

async function collect({ options, configPath, listingCount }: Demo, io: CommandIo): Promise<number> {
  const { config } = loadConfig({ path: configPath, environment: {} });
  const output = createRunOutput(io.stderr, config.logLevel);
  const startNamed = (role: 'store' | 'worker', name: string) =>
    startNodeProcess({
      ...{ role, name, configPath },
      onFailure: (exitCode, lastWords) => output.say(`${name} ended with code ${exitCode}:\n${lastWords}`),
    });
  const nodes = [startNamed('store', 'store-1'), ...workerNames.map((name) => startNamed('worker', name))];
  io.stderr.write(`A private Redis, ${nodes.map(({ name }) => name).join(', ')}: one process each.\n`);
  let end: Awaited<ReturnType<typeof runOnCluster>>;
  try {
    end = await follow(config, nodes, output, io);
  } finally {
    output.end();
    for (const { child } of nodes) child.kill('SIGTERM');
    await Promise.all(nodes.map(({ ended }) => ended));
  }
  if (end.kind === 'left') {
    io.stderr.write('Stopped. What was found is stored.\n');
    return exitCodes.interrupted;
  }
  const exitCode = writeResult(end.result, config.databasePath, options.json, io);
  const isWhole = await showNothingLost(end.result, config, listingCount, options.json ? io.stderr : io.stdout);
  if (!options.json) {
    await runSql({ query: shareQuery.replace('$executionId', end.result.executionId), json: false, ...config }, io);
    await lookAtData(config.databasePath, io);
    if (isWhole) await inDemoFolder((folder) => offerDashboard(config, folder, io));
  }
  return isWhole ? exitCode : exitCodes.failed;
}

function follow(config: Config, nodes: readonly NodeProcess[], output: RunOutput, io: CommandIo) {
  const killHalfWay = killOnce(nodes, output);
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return runOnCluster({
    config,
    tasks: config.tasks,
    clock: systemClock,
    log: output.log,
    signal: io.signal,
    // Looked at more often than shown: half-way is soon over.
    progressIntervalMs: 250,
    onProgress: (cities) => {
      killHalfWay(cities);
      const isDone = cities.every((city) => city.isDone);
      if (systemClock.now() - shownAtMs < shownEveryMs && !isDone) return;
      shownAtMs = systemClock.now();
      output.showProgress(cities);
    },
    // The nodes of a demo are on their way.
    onWaiting: () => undefined,
  });
}

/** Kills one worker when half of the listings have been seen, as a machine that loses its power. */
function killOnce(nodes: readonly NodeProcess[], output: RunOutput): (cities: readonly CityProgress[]) => void {
  let isKilled = false;
  return (cities) => {
    const total = cities.reduce((sum, city) => sum + (city.total ?? Number.POSITIVE_INFINITY), 0);
    const settled = cities.reduce((sum, city) => sum + city.settled, 0);
    if (isKilled || total === 0 || settled * 2 < total) return;
    isKilled = true;
    nodes.find(({ name }) => name === victim)?.child.kill('SIGKILL');
    output.say(`${victim} is killed at ${settled} of ${total} listings (kill -9); the others take over what it had.`);
  };
}

/** Says how many of the listings are stored, each once; true when that is all of them. */
async function showNothingLost(
  { executionId }: ExecutionResult,
  { databasePath }: Config,
  listingCount: number,
  out: { readonly write: (text: string) => unknown },
): Promise<boolean> {
  const reader = await openReader(databasePath);
  try {
    const { rows } = await reader.runSelect(
      `select count(*) as entries, count(distinct (city, listing_id)) as listings from execution_listings
        where execution_id = '${executionId}'`,
    );
    for await (const { entries, listings } of rows) {
      const isWhole = Number(entries) === listingCount && Number(listings) === listingCount;
      const verdict = isWhole ? 'Nothing was lost and nothing doubled' : 'Something was lost or doubled';
      out.write(`\n${verdict}: ${listings} of ${listingCount} listings, ${entries} entries.\n\nWho asked:\n`);
      return isWhole;
    }
    return false;
  } finally {
    await reader.close();
  }
}
