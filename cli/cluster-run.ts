/**
 * `oikotie run --cluster`: the same run, carried out by the workers and the store of a cluster, with the same progress
 * and the same result here. Without its Redis the run is done in this process instead, unless that was ruled out.
 */
import type { CityTask, Config } from '../config/config.ts';
import { probeRedis } from '../queues/redis-probe.ts';
import { systemClock } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import type { ClusterRunEnd } from '../workers/cluster-run.ts';
import { runOnCluster } from '../workers/cluster-run.ts';
import type { CommandIo } from './command.ts';
import { createRunOutput } from './run-output.ts';

export interface ClusterChoice {
  readonly config: Config;
  readonly tasks: readonly CityTask[];
  /** True: an unreachable Redis is an error. */
  readonly isRequired: boolean;
}

/**
 * Follows a run on the cluster; null when Redis cannot be reached and the run is to be done in this process.
 * @throws ScraperError CLUSTER_UNREACHABLE when the cluster is required or refuses us.
 */
export async function collectOnCluster(choice: ClusterChoice, io: CommandIo): Promise<ClusterRunEnd | null> {
  const { config, tasks } = choice;
  if (!(await isReachable(choice, io))) return null;
  const output = createRunOutput(io.stderr, config.logLevel);
  try {
    return await runOnCluster({
      config,
      tasks,
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

async function isReachable({ config, isRequired }: ClusterChoice, io: CommandIo): Promise<boolean> {
  const { redis: target } = config.cluster;
  const probe = target === null ? null : await probeRedis({ target });
  if (probe?.kind === 'ok') return true;
  const problem = probe === null ? 'cluster_coordination.redis_url is not set' : probe.message;
  if (isRequired || probe?.kind === 'refused') {
    const message = `cluster cannot be used: expected a Redis that answers, got: ${problem}; start it, or run without --cluster`;
    throw new ScraperError('CLUSTER_UNREACHABLE', message, { category: 'NETWORK_ERROR' });
  }
  io.stderr.write(`warning: the cluster cannot be reached (${problem}); collecting in this process instead\n`);
  return false;
}
