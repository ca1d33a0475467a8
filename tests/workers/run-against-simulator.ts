/**
 * A standalone run against a simulator, as the tests of whole runs need it: quick limits, a database of its own, and a
 * reader for what was stored.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { createWorld } from '../../simulator/world.ts';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import type { ExecutionResult } from '../../src/quality/city-receipt.ts';
import type { CityProgress } from '../../workers/progress.ts';
import { runStandalone } from '../../workers/standalone.ts';

export interface Rig {
  readonly simulator: RunningSimulator;
  readonly config: Config;
  readonly run: (options?: RunChoices) => Promise<ExecutionResult>;
  readonly close: () => Promise<void>;
}

interface RunChoices {
  readonly cities?: readonly string[];
  readonly listingLimit?: number;
  /** Another search URL for every city. */
  readonly url?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (cities: readonly CityProgress[]) => void;
}

interface RigOptions {
  readonly helsinki?: number;
  readonly espoo?: number;
  readonly tampereRentals?: number;
  /** 0 = no limit. */
  readonly requestsPerSecond?: number;
  readonly globalSettings?: Readonly<Record<string, unknown>>;
}

/** Starts a simulator and prepares a configuration for it; close it when done. */
export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const { helsinki = 30, espoo = 0, tampereRentals = 0, requestsPerSecond = 0 } = options;
  const world = createWorld({
    seed: 7,
    cities: [
      { name: 'Helsinki', locationId: 64, saleCount: helsinki, rentCount: 0 },
      { name: 'Espoo', locationId: 39, saleCount: espoo, rentCount: 0 },
      { name: 'Tampere', locationId: 71, saleCount: 0, rentCount: tampereRentals },
    ],
  });
  const simulator = await startSimulator({ world });
  const folder = await mkdtemp(join(tmpdir(), 'oikotie-run-'));
  const task = (city: string, dealType: 'sale' | 'rent', count: number) =>
    count === 0
      ? []
      : [
          {
            city,
            enabled: true,
            url: simulator.searchUrl(city, dealType),
            rate_limit_seconds: requestsPerSecond === 0 ? 0 : 1 / requestsPerSecond,
          },
        ];
  const path = join(folder, 'config.json');
  const file = {
    tasks: [
      ...task('Helsinki', 'sale', helsinki),
      ...task('Espoo', 'sale', espoo),
      ...task('Tampere', 'rent', tampereRentals),
    ],
    global_settings: {
      database_path: join(folder, 'series.duckdb'),
      crawler: { contact: 'test@example.org', max_requests_per_second: null, request_timeout_seconds: 1 },
      retry: { listing: { max_attempts: 3, base_delay_seconds: 0.02, max_delay_seconds: 0.1 } },
      database: { batch_delay_ms: 50 },
      ...options.globalSettings,
    },
  };
  await writeFile(path, JSON.stringify(file));
  const { config } = loadConfig({ path, environment: {} });
  return {
    simulator,
    config,
    run: (choices = {}) => runOnce(config, choices),
    close: async () => {
      await simulator.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function runOnce(config: Config, choices: RunChoices): Promise<ExecutionResult> {
  const tasks = config.tasks
    .filter(({ city }) => choices.cities?.includes(city) ?? true)
    .map((task) => ({
      ...task,
      url: choices.url ?? task.url,
      listingLimit: choices.listingLimit ?? task.listingLimit,
    }));
  return runStandalone({
    config,
    tasks,
    clock: systemClock,
    random: () => 0.5,
    log: createLog({ level: 'silent', destination: process.stderr }),
    signal: choices.signal ?? new AbortController().signal,
    progressIntervalMs: 50,
    onProgress: choices.onProgress ?? (() => {}),
  });
}
