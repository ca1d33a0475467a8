/**
 * The day's run of all cities for programs of other people: the same run as `oikotie run`, in this process or on a
 * cluster, with its result, its progress while it goes on, and a clean stop. It decides nothing that those do not.
 */

import type { CityTask, Config } from '../config/config.ts';
import { configPathFor } from '../config/config-path.ts';
import { loadConfig } from '../config/load-config.ts';
import type { ClusterStatus } from '../queues/cluster-status.ts';
import type { Clock } from '../src/clock.ts';
import { systemClock, toUtcIso } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { Log } from '../src/log.ts';
import { createLog } from '../src/log.ts';
import type { CityReceipt, ExecutionResult, ExecutionStatus, MissingPart } from '../src/quality/city-receipt.ts';
import { answerSoon, readStatus, withCluster } from './cluster-access.ts';
import { runOnCluster } from './cluster-run.ts';
import { isClusterReachable } from './reach-cluster.ts';
import { selectTasks } from './select-tasks.ts';

export interface MultiCityOrchestratorOptions {
  /** Default: config/config.json where the process stands, else the one of this package. */
  readonly configPath?: string | undefined;
  /** Redis of the cluster; default: REDIS_URL, then the configuration file. */
  readonly redisUrl?: string | undefined;
  /**
   * True: the run is left to the workers and the store of a cluster, and done in this process when its Redis cannot be
   * reached. False: in this process, no Redis is asked. Default: true when a Redis is named.
   */
  readonly enableClusterCoordination?: boolean | undefined;
  /** Shuts down when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Default: as the configuration says (`log_level`) to stderr, a JSON object a line. */
  readonly log?: Log | undefined;
}

/** Where a run is done: in this process, or by the workers and the store of a cluster. */
export type RunMode = 'standalone' | 'cluster';

export interface MultiCityResult {
  /** E.g. `daily-2026-11-25`; null when the run was left before it was on the cluster's queue. */
  readonly executionId: string | null;
  /**
   * As `oikotie run` ends: `completed`, `degraded` (some data is missing), `failed`, `interrupted` (this process was
   * stopped; the next run of the day goes on). `running`: the cluster goes on with it, this process has stopped following;
   * what is known by then is in the totals.
   */
  readonly status: ExecutionStatus | 'running';
  readonly mode: RunMode;
  /** Cities whose verdict is `complete`. */
  readonly successfulCities: number;
  readonly totalCities: number;
  /** Listings stored for the first time. */
  readonly totalListingsNew: number;
  readonly totalListingsChanged: number;
  /** Tried and not got. */
  readonly totalListingsFailed: number;
  /** Time in which a process worked on it, in seconds. */
  readonly executionTimeSeconds: number;
  /** The receipt of each city: counts, verdict and its reason. */
  readonly cities: readonly CityReceipt[];
  /** What the run went on without, though it was asked for. */
  readonly missingParts: readonly MissingPart[];
}

export interface MultiCityExecution {
  /** Null until it is known. */
  readonly executionId: string | null;
  readonly status: 'running' | ExecutionStatus;
  readonly mode: RunMode;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string;
  /** The cities that have begun. */
  readonly cities: readonly CityProgress[];
}

export interface MultiCityOrchestrator {
  /**
   * Collects the enabled cities and gives back the result; a failing city is in it, not thrown. The day's run that was
   * stopped, or is under way on the cluster, is continued.
   * @throws ScraperError RUN_UNDER_WAY when a run of this orchestrator has not ended, ORCHESTRATOR_CLOSED after `shutdown`;
   * CLUSTER_UNREACHABLE when Redis refuses us; StorageError when the database cannot be used; ConfigError when no city is
   * enabled
   */
  readonly runDailyAutomation: () => Promise<MultiCityResult>;
  /** The run that goes on, else the last one as it ended; null before the first. */
  readonly getExecutionStatus: () => MultiCityExecution | null;
  /**
   * The nodes of the cluster and its work: cities, search pages and listings; null without cluster coordination, or when
   * the last run was done in this process because Redis could not be reached.
   * @throws ScraperError CLUSTER_UNREACHABLE when Redis does not answer
   */
  readonly getClusterStatus: () => Promise<ClusterStatus | null>;
  /**
   * Stops what goes on and waits for it: a run in this process finishes the requests under way, stores what was found and
   * ends `interrupted`; of a run on the cluster only the following ends. May be called again.
   */
  readonly shutdown: () => Promise<void>;
}

/** How often progress is read, in milliseconds. */
const progressIntervalMs = 1_000;

/**
 * Makes the orchestrator; nothing is opened before a run begins.
 * @throws ConfigError with every problem of the configuration
 */
export function createMultiCityOrchestrator(options: MultiCityOrchestratorOptions = {}): MultiCityOrchestrator {
  const overrides = { 'global_settings.cluster_coordination.redis_url': options.redisUrl };
  const { config, warnings } = loadConfig({ path: configPathFor(options.configPath), overrides });
  const destination = { write: (line: string) => process.stderr.write(line) };
  const log = options.log ?? createLog({ level: config.logLevel, destination });
  for (const warning of warnings) log.warn(warning);
  const usesCluster = options.enableClusterCoordination ?? config.cluster.redis !== null;
  return new Orchestrator({ config, log, usesCluster, clock: systemClock, signal: options.signal ?? null });
}

interface OrchestratorParts {
  readonly config: Config;
  readonly log: Log;
  readonly usesCluster: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
}

class Orchestrator implements MultiCityOrchestrator {
  readonly #parts: OrchestratorParts;
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  #execution: MultiCityExecution | null = null;
  #running: Promise<MultiCityResult> | null = null;

  constructor(parts: OrchestratorParts) {
    this.#parts = parts;
    const own = this.#stopping.signal;
    this.#signal = parts.signal === null ? own : AbortSignal.any([own, parts.signal]);
  }

  runDailyAutomation = async (): Promise<MultiCityResult> => {
    if (this.#signal.aborted) throw misuse('ORCHESTRATOR_CLOSED', 'one that was not shut down', 'make another one');
    if (this.#running !== null) throw misuse('RUN_UNDER_WAY', 'one run at a time', 'wait for the one that goes on');
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  };

  getExecutionStatus = (): MultiCityExecution | null => this.#execution;

  getClusterStatus = async (): Promise<ClusterStatus | null> => {
    const { config, usesCluster } = this.#parts;
    const isHere = this.#execution?.mode === 'standalone';
    if (!usesCluster || config.cluster.redis === null || isHere) return null;
    return withCluster(config, (access) => answerSoon(readStatus(access, config)));
  };

  shutdown = async (): Promise<void> => {
    this.#stopping.abort(new Error('the orchestrator was shut down'));
    // Who started the run hears how it ended.
    await this.#running?.catch(() => undefined);
  };

  async #run(): Promise<MultiCityResult> {
    const { config, log, usesCluster, clock } = this.#parts;
    const tasks = selectTasks(config.tasks, null);
    const warn = (sentence: string) => log.warn(sentence);
    const isOnCluster = usesCluster && (await isClusterReachable({ config, isRequired: false, warn }));
    const mode: RunMode = isOnCluster ? 'cluster' : 'standalone';
    this.#execution = {
      ...{ executionId: null, status: 'running', mode, cities: [] },
      startedAtUtc: toUtcIso(clock.now()),
    };
    try {
      const result = isOnCluster ? await this.#follow(tasks) : await this.#collect(tasks);
      this.#note({ status: result.status, executionId: result.executionId });
      return result;
    } catch (error) {
      this.#note({ status: 'failed' });
      throw error;
    }
  }

  async #collect(tasks: readonly CityTask[]): Promise<MultiCityResult> {
    // Only now: whoever uses the coordinator alone waits for no database and no browser to load.
    const { runStandalone } = await import('./standalone.ts');
    return toResult(await runStandalone({ ...this.#watched(tasks), random: Math.random }), 'standalone');
  }

  async #follow(tasks: readonly CityTask[]): Promise<MultiCityResult> {
    const { log, clock } = this.#parts;
    const startMs = clock.now();
    const onWaiting = (sentence: string) => log.warn(sentence);
    const end = await runOnCluster({ ...this.#watched(tasks), onWaiting });
    if (end.kind === 'ended') return toResult(end.result, 'cluster');
    const seconds = (clock.now() - startMs) / 1000;
    return leftResult(end.executionId, tasks.length, this.#execution?.cities ?? [], seconds);
  }

  #watched(tasks: readonly CityTask[]) {
    const { config, log, clock } = this.#parts;
    return {
      ...{ config, tasks, clock, log, signal: this.#signal, progressIntervalMs },
      onProgress: (cities: readonly CityProgress[]) => this.#note({ cities }),
      onStarted: (executionId: string) => this.#note({ executionId }),
    };
  }

  #note(change: Partial<MultiCityExecution>): void {
    if (this.#execution !== null) this.#execution = { ...this.#execution, ...change };
  }
}

function toResult(result: ExecutionResult, mode: RunMode): MultiCityResult {
  const { executionId, status, successfulCities, totalCities, executionTimeSeconds, cities, missingParts } = result;
  return {
    ...{ executionId, status, mode, successfulCities, totalCities },
    totalListingsNew: result.new,
    totalListingsChanged: result.changed,
    totalListingsFailed: result.failed,
    ...{ executionTimeSeconds, cities, missingParts },
  };
}

/** What is known of a run that others go on with. */
function leftResult(
  executionId: string | null,
  totalCities: number,
  progress: readonly CityProgress[],
  executionTimeSeconds: number,
): MultiCityResult {
  const sumOf = (count: 'new' | 'changed' | 'failed') => progress.reduce((sum, city) => sum + city[count], 0);
  return {
    ...{ executionId, status: 'running', mode: 'cluster', successfulCities: 0, totalCities },
    totalListingsNew: sumOf('new'),
    totalListingsChanged: sumOf('changed'),
    totalListingsFailed: sumOf('failed'),
    ...{ executionTimeSeconds, cities: [], missingParts: [] },
  };
}

function misuse(code: string, expected: string, remedy: string): ScraperError {
  const message = `daily automation: expected ${expected}, got another call; ${remedy}`;
  return new ScraperError(code, message, { category: 'UNKNOWN' });
}
