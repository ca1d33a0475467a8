/**
 * A cluster of real processes on a Redis of its own, against the simulator, whose every part can be killed and started
 * again. Everything in it ends with the test.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { vi } from 'vitest';
import { startRedisServer } from '../queues/redis-server.ts';
import type { Running } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

export type NodeRole = 'worker' | 'store' | 'scheduler';

export interface ClusterPlace extends Workplace {
  readonly redisUrl: string;
  /** Starts a node under its name; a node of that name that still runs is not replaced. */
  readonly node: (role: NodeRole, name: string) => Running;
  /** Changes the configuration file for the nodes that start from now on. */
  readonly configureTasks: (
    change: (task: TaskInFile) => object,
    globalSettings?: Readonly<Record<string, unknown>>,
  ) => void;
  readonly kill: (name: string) => Promise<void>;
  /** Ends Redis as a power cut would. */
  readonly killRedis: () => Promise<void>;
  /** Starts it again on its files. */
  readonly bringRedisBack: () => Promise<void>;
}

/** A task as the configuration file has it. */
export interface TaskInFile {
  readonly city: (typeof clusterCities)[number];
}

export interface ClusterSize {
  /** Listings of each of the three cities. */
  readonly perCity: number;
  readonly requestsPerSecond?: number;
  readonly globalSettings?: Readonly<Record<string, unknown>>;
  /** Under `cluster_coordination`, besides what makes lost jobs come back within seconds. */
  readonly coordination?: Readonly<Record<string, unknown>>;
}

/** A lost job comes back within seconds, on a busy machine within some more. */
export const patience = { timeout: 90_000, interval: 10 };

export const clusterCities = ['Helsinki', 'Espoo', 'Tampere'] as const;

interface ConfigFile {
  readonly tasks: readonly TaskInFile[];
  readonly global_settings: Readonly<Record<string, unknown>>;
}

export async function createCluster({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, size: ClusterSize) {
  const redisFolder = mkdtempSync(join(tmpdir(), 'oikotie-redis-'));
  const extra = ['--dir', redisFolder, '--appendonly', 'yes', '--appendfsync', 'always'];
  let redis = await startRedisServer({ extra });
  const redisUrl = `redis://127.0.0.1:${redis.port}`;
  const { perCity, requestsPerSecond = 15 } = size;
  const place = await createWorkplace({
    helsinki: perCity,
    espoo: perCity,
    tampereRentals: perCity,
    requestsPerSecond,
    globalSettings: {
      ...size.globalSettings,
      concurrent_cities: 3,
      cluster_coordination: {
        redis_url: redisUrl,
        job_lock_seconds: 6,
        stalled_check_seconds: 2,
        ...size.coordination,
      },
    },
  });
  const nodes = new Map<string, Running>();
  onTestFinished(async () => {
    await place.close();
    await redis.kill();
    rmSync(redisFolder, { recursive: true, force: true });
  });
  const cluster: ClusterPlace = {
    ...place,
    redisUrl,
    node: (role, name) => {
      const started = place.start([role], { environment: { NODE_ID: name } });
      nodes.set(name, started);
      return started;
    },
    configureTasks: (change, globalSettings = {}) => {
      // The file this workplace has written itself.
      const file = JSON.parse(readFileSync(place.configPath, 'utf8')) as ConfigFile;
      const tasks = file.tasks.map(change);
      const changed = { tasks, global_settings: { ...file.global_settings, ...globalSettings } };
      writeFileSync(place.configPath, JSON.stringify(changed));
    },
    kill: async (name) => {
      nodes.get(name)?.child.kill('SIGKILL');
      await nodes.get(name)?.ended;
    },
    killRedis: () => redis.kill(),
    bringRedisBack: async () => {
      redis = await startRedisServer({ extra, port: redis.port });
    },
  };
  return cluster;
}

/** Resolves when so many listing pages were asked for. */
export async function untilAsked(place: Workplace, count: number): Promise<void> {
  await vi.waitUntil(() => place.listingRequests() >= count, patience);
}

/** When the requests of a city came in, and when those left that the ledger has: a killed worker takes some with it. */
export async function requestTimesOf(
  place: Workplace,
  city: string,
): Promise<{ readonly arrivals: readonly number[]; readonly departures: readonly number[] }> {
  const entries = place.simulator.requestLog.entries().filter((entry) => entry.city === city);
  const sent = await place.sql(
    `select epoch_ms(sent_at) as at from request_log where city = '${city}' order by sent_at`,
  );
  return { arrivals: entries.map(({ at }) => at), departures: sent.map(({ at }) => Number(at)) };
}

/** What the stored records of all three cities must be. */
export function truthOf({ simulator }: Workplace) {
  const records = [
    ...simulator.world.truth('Helsinki', 'sale', simulator.origin),
    ...simulator.world.truth('Espoo', 'sale', simulator.origin),
    ...simulator.world.truth('Tampere', 'rent', simulator.origin),
  ];
  return new Map(records.map((record) => [record.listingId, record]));
}
