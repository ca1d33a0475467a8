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
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import type { CityProgress } from '../../src/jobs/city-progress.ts';
import type { Log } from '../../src/log.ts';
import { createLog } from '../../src/log.ts';
import type { ExecutionResult } from '../../src/quality/city-receipt.ts';
import { runStandalone } from '../../workers/standalone.ts';
import type { PortalConfigOptions } from './portal-config.ts';
import { portalConfig, startSmallPortal } from './portal-config.ts';

export interface Rig {
  readonly simulator: RunningSimulator;
  readonly config: Config;
  readonly run: (options?: RunChoices) => Promise<ExecutionResult>;
  readonly close: () => Promise<void>;
}

interface RunChoices {
  /** Default the rig's. */
  readonly config?: Config;
  readonly cities?: readonly string[];
  readonly listingLimit?: number;
  /** Another search URL for every city. */
  readonly url?: string;
  readonly signal?: AbortSignal;
  /** Geospatial sources of every city. */
  readonly geospatialSources?: readonly string[];
  /** Takes the log; by default nobody reads it. */
  readonly log?: Log;
  readonly onProgress?: (cities: readonly CityProgress[]) => void;
  /** Default the system's. */
  readonly clock?: Clock;
  /** Default 50; Infinity reads the progress at the end only. */
  readonly progressIntervalMs?: number;
}

/** Starts a simulator and prepares a configuration for it; close it when done. */
export async function createRig(options: PortalConfigOptions = {}): Promise<Rig> {
  const simulator = await startSmallPortal(options);
  return createRigFor(simulator, (folder) => portalConfig(simulator, folder, options));
}

/** A rig for a simulator of the test's own, with the configuration file that `fileFor` gives for its folder. */
export async function createRigFor(simulator: RunningSimulator, fileFor: (folder: string) => unknown): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'oikotie-run-'));
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify(fileFor(folder)));
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
      geospatialSources: choices.geospatialSources ?? task.geospatialSources,
    }));
  return runStandalone({
    config: choices.config ?? config,
    tasks,
    clock: choices.clock ?? systemClock,
    random: () => 0.5,
    log: choices.log ?? createLog({ level: 'silent', destination: process.stderr }),
    signal: choices.signal ?? new AbortController().signal,
    progressIntervalMs: choices.progressIntervalMs ?? 50,
    onProgress: choices.onProgress ?? (() => {}),
  });
}
