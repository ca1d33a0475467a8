/**
 * The coordinator for programs of other people: joins configuration, connection, presence and work items together, so
 * that a loop needs nothing but `createClusterCoordinator`.
 */
import { randomUUID } from 'node:crypto';
import { configPathFor } from '../config/config-path.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { ClusterCoordinator as Coordinator } from '../queues/cluster-coordinator.ts';
import type { CoordinatorOptions } from '../queues/work-coordinator.ts';
import { WorkCoordinator } from '../queues/work-coordinator.ts';
import { defaultWorkBackoff } from '../queues/work-items.ts';
import { systemClock } from '../src/clock.ts';
import type { Log } from '../src/log.ts';
import { createCountedLog, createLog } from '../src/log.ts';
import { clusterPrefix, connectCluster, isRedisReady } from './cluster.ts';
import { createLoopPresence } from './loop-presence.ts';
import { createClusterRegistry } from './node-membership.ts';
import { createNodeMeter } from './node-vitals.ts';

/** What is left out comes from the environment, then the configuration file, then the defaults named here. */
export interface ClusterCoordinatorOptions {
  /** `redis://[user:password@]host:port[/db]` or `rediss://…`; REDIS_URL. There is no default. */
  readonly redisUrl?: string | undefined;
  /** Unique in the cluster; NODE_ID. Default: the name of the machine and the number of the process. */
  readonly nodeId?: string | undefined;
  /** Between two signs of life; HEARTBEAT_INTERVAL (there in seconds). Default 30,000. */
  readonly heartbeatIntervalMs?: number | undefined;
  /** Life of a work lock whose owner does not release it; LOCK_TTL (there in seconds). Default 300,000. */
  readonly lockTtlMs?: number | undefined;
  /** Default `round_robin`: in turns. `sticky`: a city stays with its node. */
  readonly strategy?: 'round_robin' | 'sticky' | undefined;
  /** An item whose process shows no sign of life for this long is taken back; SCRAPER_JOB_LOCK. Default 15,000. */
  readonly itemLockMs?: number | undefined;
  /** Between two looks for such items, and for lost nodes; SCRAPER_STALLED_CHECK. Default 5,000. */
  readonly stalledCheckMs?: number | undefined;
  /** Waits before retries: the first one, doubled each time, and the longest. Default 30,000 and 300,000. */
  readonly backoff?: { readonly baseMs: number; readonly maxMs: number } | undefined;
  /** Default: config/config.json where the process stands, else the one of this package. */
  readonly configPath?: string | undefined;
  /** Told of an item that this process held and lost, because its lock was not renewed in time: another node does it. */
  readonly onLost?: ((workId: string) => void) | undefined;
  /** Default: warnings and errors to stderr, a JSON object a line. */
  readonly log?: Log | undefined;
}

/**
 * A node for a loop of your own. Nothing is sent before the first method is called, and nobody hands work to it by name
 * before `startHealthMonitoring`. End it with `coordinateShutdown`, or the process stays alive.
 * @throws ConfigError for settings that cannot be, or when no Redis is named. Its methods throw ScraperError REDIS_UNFIT
 * for a Redis that may lose work.
 */
export function createClusterCoordinator(options: ClusterCoordinatorOptions = {}): ClusterCoordinator {
  return new ClusterCoordinator(options);
}

/** One node of a cluster, as a program sees it. */
export type ClusterCoordinator = Coordinator;

/** `new ClusterCoordinator(options)` is `createClusterCoordinator(options)`. */
export const ClusterCoordinator: new (options?: ClusterCoordinatorOptions) => Coordinator =
  class ClusterCoordinator extends WorkCoordinator {
    constructor(options: ClusterCoordinatorOptions = {}) {
      super(partsOf(options));
    }
  };

/** Opens the connection, which waits for Redis in the background. */
function partsOf(options: ClusterCoordinatorOptions): CoordinatorOptions {
  const loaded = loadConfig({ path: configPathFor(options.configPath), overrides: overridesOf(options) });
  const nodeId = nodeIdOf(loaded);
  const config = { ...loaded.config, nodeId };
  const { cluster, stateDirectory } = config;
  const stderrLog = () => createLog({ level: 'warn', destination: { write: (line) => process.stderr.write(line) } });
  const { log, counts } = createCountedLog(options.log ?? stderrLog());
  const redis = connectCluster(config, log);
  const base = { redis, prefix: clusterPrefix, clock: systemClock, log, newToken: randomUUID };
  const registry = createClusterRegistry({ ...base, config });
  const measure = createNodeMeter({ folder: stateDirectory, cpuWindowMs: cluster.heartbeatIntervalMs });
  return {
    ...base,
    nodeId,
    registry,
    presence: createLoopPresence({ registry, config, counts, measure, clock: systemClock, log }),
    prepare: async () => void (await isRedisReady(redis, log, new AbortController().signal)),
    strategy: cluster.workDistributionStrategy,
    lockTtlMs: cluster.lockTtlMs,
    timing: { lockDurationMs: cluster.jobLockMs, stalledIntervalMs: cluster.stalledCheckMs },
    backoff: options.backoff ?? defaultWorkBackoff,
    ...(options.onLost === undefined ? {} : { onLost: options.onLost }),
  };
}

const section = 'global_settings.cluster_coordination';

/** The options under the names, and in the units, of the configuration file. */
function overridesOf(options: ClusterCoordinatorOptions): Readonly<Record<string, unknown>> {
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
  return {
    [`${section}.redis_url`]: options.redisUrl,
    'global_settings.node_id': options.nodeId,
    [`${section}.heartbeat_interval`]: seconds(options.heartbeatIntervalMs),
    [`${section}.lock_ttl`]: seconds(options.lockTtlMs),
    [`${section}.work_distribution_strategy`]: options.strategy,
    [`${section}.job_lock_seconds`]: seconds(options.itemLockMs),
    [`${section}.stalled_check_seconds`]: seconds(options.stalledCheckMs),
  };
}

/** Several loops run on one machine: without a name of its own, each process makes one. */
function nodeIdOf({ config, knobs }: LoadedConfig): string {
  const isNamed = knobs.some(({ path, source }) => path === 'global_settings.node_id' && source !== 'default');
  return isNamed ? config.nodeId : `${config.nodeId}-${process.pid}`;
}
