/**
 * Whether a run can be left to the cluster. A Redis that cannot be reached is a reason to collect in this process instead;
 * one that answers and refuses us is a mistake in the settings that nobody should find out about later.
 */
import type { Config } from '../config/config.ts';
import { probeRedis } from '../queues/redis-probe.ts';
import { ScraperError } from '../src/errors.ts';

export interface ClusterChoice {
  readonly config: Pick<Config, 'cluster'>;
  /** True: an unreachable Redis is an error. */
  readonly isRequired: boolean;
  /** Told in one sentence why the run is done in this process instead. */
  readonly warn: (sentence: string) => void;
}

/**
 * True when the cluster's Redis answers; false, after a warning, when the run is to be done in this process.
 * @throws ScraperError CLUSTER_UNREACHABLE when the cluster is required or refuses us.
 */
export async function isClusterReachable({ config, isRequired, warn }: ClusterChoice): Promise<boolean> {
  const { redis: target } = config.cluster;
  const probe = target === null ? null : await probeRedis({ target });
  if (probe?.kind === 'ok') return true;
  const problem = probe === null ? 'cluster_coordination.redis_url is not set' : probe.message;
  if (isRequired || probe?.kind === 'refused') {
    const message = `cluster cannot be used: expected a Redis that answers, got: ${problem}; start it, or run without --cluster`;
    throw new ScraperError('CLUSTER_UNREACHABLE', message, { category: 'NETWORK_ERROR' });
  }
  warn(`the cluster cannot be reached (${problem}); collecting in this process instead`);
  return false;
}
