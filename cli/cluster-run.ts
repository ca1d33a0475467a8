/**
 * `oikotie run --cluster`: the same run, carried out by the workers and the store of a cluster, with the same progress
 * and the same result here. Without its Redis the run is done in this process instead, unless that was ruled out.
 */
import type { CityTask, Config } from '../config/config.ts';
import { systemClock } from '../src/clock.ts';
import type { ClusterRunEnd } from '../workers/cluster-run.ts';
import { runOnCluster } from '../workers/cluster-run.ts';
import { isClusterReachable } from '../workers/reach-cluster.ts';
import type { CommandIo } from './command.ts';
import { createRunOutput } from './run-output.ts';

export interface ClusterChoice {
  readonly config: Config;
  readonly tasks: readonly CityTask[];
  readonly acceptsDrop: boolean;
  /** True: an unreachable Redis is an error. */
  readonly isRequired: boolean;
}

/**
 * Follows a run on the cluster; null when Redis cannot be reached and the run is to be done in this process.
 * @throws ScraperError CLUSTER_UNREACHABLE when the cluster is required or refuses us.
 */
export async function collectOnCluster(choice: ClusterChoice, io: CommandIo): Promise<ClusterRunEnd | null> {
  const { config, tasks, acceptsDrop } = choice;
  const warn = (sentence: string) => void io.stderr.write(`warning: ${sentence}\n`);
  if (!(await isClusterReachable({ ...choice, warn }))) return null;
  const output = createRunOutput(io.stderr, config.logLevel);
  try {
    return await runOnCluster({
      config,
      tasks,
      acceptsDrop,
      clock: systemClock,
      log: output.log,
      signal: io.signal,
      progressIntervalMs: output.progressIntervalMs,
      onProgress: output.showProgress,
      onWaiting: output.say,
    });
  } finally {
    output.end();
  }
}
