/**
 * `oikotie run`: the main job. Loads the configuration, collects the cities in this process, ends with a summary.
 */
import type { CityTask, Config } from '../config/config.ts';
import { systemClock } from '../src/clock.ts';
import { StorageError } from '../src/errors.ts';
import type { DayRequests } from '../src/jobs/series-store.ts';
import type { ExecutionResult, ExecutionStatus } from '../src/quality/city-receipt.ts';
import { noRequests } from '../workers/asked-today.ts';
import { selectTasks } from '../workers/select-tasks.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { announceStop, createRunOutput } from './run-output.ts';
import { renderSummary } from './summary.ts';
import { widthOf } from './text-table.ts';

export interface RunOptions {
  readonly configPath: string | undefined;
  /** Null = the enabled ones. */
  readonly cities: readonly string[] | null;
  /** Null = each task's own. */
  readonly listingLimit: number | null;
  readonly json: boolean;
  /** The cities may lose more listings at once than is believed otherwise. */
  readonly acceptDrop: boolean;
  /** `preferred`: in this process when Redis cannot be reached. */
  readonly cluster: 'no' | 'preferred' | 'required';
  /** True ends with 0 when another run holds the database. */
  readonly unlessRunning: boolean;
}

const exitCodeOf = {
  completed: exitCodes.ok,
  degraded: exitCodes.degraded,
  failed: exitCodes.failed,
  interrupted: exitCodes.interrupted,
} as const satisfies Record<ExecutionStatus, number>;

/**
 * Runs and gives back the exit code.
 * @throws ConfigError before anything starts; StorageError when the database cannot be used.
 */
export async function runRun(options: RunOptions, io: CommandIo): Promise<number> {
  const { config, warnings } = await loadCommandConfig(options.configPath);
  const tasks = selectTasks(config.tasks, options.cities).map((task) => ({
    ...task,
    listingLimit: options.listingLimit ?? task.listingLimit,
  }));
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  if (options.cluster !== 'no') {
    // Either way of running loads much that the other does not need.
    const { collectOnCluster } = await import('./cluster-run.ts');
    const isRequired = options.cluster === 'required';
    const end = await collectOnCluster({ config, tasks, acceptsDrop: options.acceptDrop, isRequired }, io);
    if (end?.kind === 'left') {
      io.stderr.write(leftSentence(end.executionId));
      return exitCodes.interrupted;
    }
    if (end !== null) return writeResult(end.result, config.databasePath, options.json, io);
  }
  try {
    const result = await collectVisibly({ config, tasks, acceptsDrop: options.acceptDrop }, io);
    return writeResult(result, config.databasePath, options.json, io);
  } catch (error) {
    const isRunning = error instanceof StorageError && error.code === 'DATABASE_LOCKED';
    if (!isRunning || !options.unlessRunning) throw error;
    io.stderr.write(`Nothing was started, another one is at work: ${error.message}\n`);
    return exitCodes.ok;
  }
}

interface VisibleRun {
  readonly config: Config;
  readonly tasks: readonly CityTask[];
  readonly acceptsDrop?: boolean;
  readonly askedElsewhere?: DayRequests;
  /** Longest time between two looks at the progress, in milliseconds; by default what suits stderr. */
  readonly progressIntervalMs?: number;
}

/** Collects the cities in this process with progress and log on stderr, until done or stopped. */
export async function collectVisibly(run: VisibleRun, io: CommandIo): Promise<ExecutionResult> {
  const {
    config,
    tasks,
    acceptsDrop = false,
    askedElsewhere = noRequests,
    progressIntervalMs = Number.POSITIVE_INFINITY,
  } = run;
  const { runStandalone } = await import('../workers/standalone.ts');
  const output = createRunOutput(io.stderr, config.logLevel);
  const endWatch = announceStop(output, io.signal);
  return runStandalone({
    config,
    tasks,
    acceptsDrop,
    askedElsewhere,
    clock: systemClock,
    random: Math.random,
    log: output.log,
    signal: io.signal,
    progressIntervalMs: Math.min(output.progressIntervalMs, progressIntervalMs),
    onProgress: output.showProgress,
  }).finally(() => {
    endWatch();
    output.end();
  });
}

/** Prints the result as a person or a program wants it and gives back its exit code. */
export function writeResult(result: ExecutionResult, databasePath: string, json: boolean, io: CommandIo): number {
  if (json) io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else io.stdout.write(renderSummary(result, databasePath, widthOf(io.stdout)));
  if (result.status === 'interrupted') {
    io.stderr.write('Stopped. What was found is stored; the same command goes on from here.\n');
  } else if (hasFailures(result)) {
    const query = `from failed_listings where execution_id = '${result.executionId}' and category <> 'GONE'`;
    io.stderr.write(`What failed and why: oikotie sql "${query}" --database ${databasePath}\n`);
  }
  return exitCodeOf[result.status];
}

/** True when `failed_listings` says more than the summary does. */
function hasFailures({ cities }: ExecutionResult): boolean {
  return cities.some(({ failed, failedSearchPages }) => failed + failedSearchPages > 0);
}

function leftSentence(executionId: string | null): string {
  if (executionId === null) return 'Stopped before the run was on its queue; nothing was started.\n';
  return `Left ${executionId} to the cluster; it goes on. Follow it again with: oikotie run --cluster\n`;
}
