/**
 * A cluster for a benchmark: a private Redis, the simulator in this process, and nodes as processes of their own, with what
 * they cost in processor time.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeProcess } from '../../cli/node-process.ts';
import { startNodeProcess } from '../../cli/node-process.ts';
import type { PrivateRedis } from '../../cli/private-redis.ts';
import { startPrivateRedis } from '../../cli/private-redis.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import type { World } from '../../simulator/world.ts';
import { createWorld } from '../../simulator/world.ts';
import { systemClock } from '../../src/clock.ts';
import type { CityProgress } from '../../src/jobs/city-progress.ts';
import { createLog } from '../../src/log.ts';
import { knownLocationIds } from '../../src/portal/known-location-ids.ts';
import { openReader } from '../../src/storage/reader.ts';
import { runOnCluster } from '../../workers/cluster-run.ts';

/** The cities of a place that names none. */
export const cities = ['Helsinki', 'Espoo', 'Vantaa'] as const;
/** Ids of cities whose own is not known begin here; those that are known lie below. */
const firstInventedId = 1_000;

export interface BenchPlace {
  readonly simulator: RunningSimulator;
  /** What the simulator offers. */
  readonly world: World;
  readonly redis: PrivateRedis;
  readonly config: Config;
  readonly start: (role: 'store' | 'worker', name: string) => NodeProcess;
  /** Follows one run to its end. */
  readonly run: (onProgress?: (cities: readonly CityProgress[]) => void) => ReturnType<typeof runOnCluster>;
  /** Ends the nodes; what they wrote can then be read. */
  readonly endNodes: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface BenchSize {
  /** Listings. */
  readonly perCity: number;
  /** Of a city. */
  readonly requestsPerSecond: number;
  /** By default three. */
  readonly cityNames?: readonly string[];
  /** Cities collected at once; by default all. */
  readonly concurrentCities?: number;
  /** Of all cities together; by default there is no such limit. */
  readonly portalPerSecond?: number;
}

/** Starts Redis and the simulator; the nodes are the caller's to start. */
export async function createBenchPlace(size: BenchSize): Promise<BenchPlace> {
  const { perCity, cityNames = cities } = size;
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
  const redis = await startPrivateRedis(folder);
  const world = createWorld({
    seed: 3,
    cities: cityNames.map((name, index) => ({
      ...{ name, locationId: locationIdOf(name, index) },
      ...{ saleCount: perCity, rentCount: 0 },
    })),
  });
  const simulator = await startSimulator({ world });
  const configPath = writeConfig(folder, redis, simulator, size);
  const { config } = loadConfig({ path: configPath, environment: {} });
  const nodes: NodeProcess[] = [];
  const endNodes = async (): Promise<void> => {
    for (const { child } of nodes) child.kill('SIGTERM');
    await Promise.all(nodes.map(({ ended }) => ended));
  };
  return {
    simulator,
    world,
    redis,
    config,
    start: (role, name) => {
      const onFailure = (code: number, lastWords: string) => process.stderr.write(`${name}: ${code}\n${lastWords}`);
      const node = startNodeProcess({ role, name, configPath, onFailure });
      nodes.push(node);
      return node;
    },
    run: (onProgress = () => undefined) =>
      runOnCluster({
        config,
        tasks: config.tasks,
        clock: systemClock,
        log: createLog({ level: 'warn', destination: process.stderr }),
        signal: new AbortController().signal,
        progressIntervalMs: 1_000,
        onProgress,
        onWaiting: () => undefined,
      }),
    endNodes,
    close: async () => {
      await endNodes();
      await redis.end();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeConfig(folder: string, redis: PrivateRedis, simulator: RunningSimulator, size: BenchSize): string {
  const { cityNames = cities } = size;
  const configPath = join(folder, 'config.json');
  const tasks = cityNames.map((city) => ({
    city,
    enabled: true,
    url: simulator.searchUrl(city, 'sale'),
    rate_limit_seconds: 1 / size.requestsPerSecond,
  }));
  const global_settings = {
    database_path: join(folder, 'series.duckdb'),
    logs_directory: null,
    log_level: 'WARNING',
    concurrent_cities: size.concurrentCities ?? cityNames.length,
    crawler: { contact: 'bench@example.org', max_requests_per_second: size.portalPerSecond ?? null },
    // On a busy machine the simulator answers late, which is no reason to ask it less.
    politeness: { adaptive_slow_down: size.portalPerSecond === undefined },
    // A bench keeps its machine busy on purpose.
    cluster_coordination: { redis_url: redis.url, health: { cpu_degraded: 100, cpu_unhealthy: 100 } },
  };
  writeFileSync(configPath, JSON.stringify({ tasks, global_settings }));
  return configPath;
}

function locationIdOf(name: string, index: number): number {
  return knownLocationIds.find((known) => known.name === name)?.id ?? firstInventedId + index;
}

/** Processor time that a process has used, in milliseconds; Linux only. */
export function cpuMsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return (ticks * 1000) / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

/** When the requests of a city left, oldest first, in epoch milliseconds, as the ledger has them; after `endNodes`. */
export async function departuresOf({ config }: BenchPlace, city: string): Promise<readonly number[]> {
  const reader = await openReader(config.databasePath);
  try {
    const query = `select epoch_ms(sent_at) as at from request_log where city = '${city}' order by sent_at`;
    const times: number[] = [];
    for await (const row of (await reader.runSelect(query)).rows) times.push(Number(row['at']));
    return times;
  } finally {
    await reader.close();
  }
}
