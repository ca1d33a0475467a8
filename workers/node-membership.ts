/**
 * A process as a node of the cluster: takes its name, tells its state again and again, watches its own health and the
 * other nodes, and hears when it is asked to drain. Any role calls it; what health means for its work, the role decides.
 */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { readVersion } from '../config/user-agent.ts';
import type { NodeHeartbeat, NodeRegistry, NodeRole, RegisteredNode } from '../queues/node-registry.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { createRedisNodeRegistry } from '../queues/redis-node-registry.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import { aborted, onAbort } from '../src/crawl/on-abort.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import type { LineCounts, Log } from '../src/log.ts';
import type { HealthSample, HealthState, NodeHealth } from '../src/resilience/node-health.ts';
import { concurrencyOf, fullHealth, nextHealth, reasonsOf } from '../src/resilience/node-health.ts';
import { clusterPrefix } from './cluster.ts';
import { createNodeMeter } from './node-vitals.ts';

export interface NodeMembership {
  /** Jobs at once that its health allows where `configured` are allowed; 0 while it is unhealthy. */
  readonly limit: (configured: number) => number;
  /** All nodes as they were last seen, this one as it is now. */
  readonly nodes: () => readonly RegisteredNode[];
  /** Aborts when the node is to end: by a signal, because it was asked to drain, or because it lost its name. */
  readonly ending: AbortSignal;
  /** Counts the role's jobs in its heartbeats; calls `look` now and whenever its health or another node may have changed. */
  readonly follow: (role: RoleWork) => void;
}

interface RoleWork {
  readonly activeJobs: () => number;
  readonly look: () => void;
}

export interface MembershipOptions {
  readonly registry: NodeRegistry;
  readonly config: {
    readonly nodeId: string;
    readonly cluster: Pick<Config['cluster'], 'heartbeatIntervalMs' | 'health'>;
  };
  readonly role: NodeRole;
  /** Cities it serves. */
  readonly cities: readonly string[];
  /** Of the log of this process. */
  readonly counts: Readonly<LineCounts>;
  readonly measure: () => Promise<HealthSample>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the node. */
  readonly signal: AbortSignal;
}

/** Longest time between two looks at health, other nodes and requests to drain, in milliseconds. */
const longestLookMs = 2_000;
/** How long a node that ends waits for a Redis that is away. */
const leaveWaitMs = 2_000;

interface RoleOptions extends Omit<MembershipOptions, 'registry' | 'measure' | 'config'> {
  readonly config: Pick<Config, 'nodeId' | 'cluster' | 'stateDirectory'>;
  readonly redis: RedisConnection;
}

/** A role's work as a node of the cluster of a Redis, with the figures of this machine. @throws as workAsNode */
export function workAsClusterNode(
  { redis, ...options }: RoleOptions,
  work: (node: NodeMembership) => Promise<void>,
): Promise<void> {
  const { config, clock, log } = options;
  const registry = createClusterRegistry({ redis, config, clock, log });
  const { stateDirectory: folder, cluster } = config;
  const measure = createNodeMeter({ folder, cpuWindowMs: cluster.heartbeatIntervalMs });
  return workAsNode({ ...options, registry, measure }, work);
}

interface RegistryOptions {
  readonly redis: RedisConnection;
  readonly config: Pick<Config, 'cluster'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The nodes of the cluster of a Redis, for a process that joins them and for one that only looks. */
export function createClusterRegistry({ redis, config, clock, log }: RegistryOptions): NodeRegistry {
  const { heartbeatIntervalMs } = config.cluster;
  const prefix = clusterPrefix;
  return createRedisNodeRegistry({ redis, prefix, heartbeatIntervalMs, newToken: randomUUID, clock, log });
}

/**
 * Joins the cluster, works, and leaves it however the work ends; works not at all when the signal aborts first.
 * With a registry and a measurement of the caller's own.
 * @throws ScraperError NODE_ID_TAKEN when another living process has the name, or has got it meanwhile; what `work` throws.
 */
export async function workAsNode(
  options: MembershipOptions,
  work: (node: NodeMembership) => Promise<void>,
): Promise<void> {
  const node = new ClusterNode(options, await options.measure());
  if (!(await node.join())) return;
  try {
    await work(node);
  } finally {
    await node.leave();
  }
}

class ClusterNode implements NodeMembership {
  readonly #options: MembershipOptions;
  readonly #startedAtUtc: string;
  readonly #ending = new AbortController();
  readonly #left = new AbortController();
  readonly #version = readVersion();
  #role: RoleWork = { activeJobs: () => 0, look: () => undefined };
  #going: Promise<void> = Promise.resolve();
  #sample: HealthSample;
  #state: HealthState = fullHealth;
  #others: readonly RegisteredNode[] = [];
  #beatAtMs: number;
  #problem: ScraperError | null = null;

  constructor(options: MembershipOptions, sample: HealthSample) {
    this.#options = options;
    this.#sample = sample;
    this.#beatAtMs = options.clock.now();
    this.#startedAtUtc = toUtcIso(this.#beatAtMs);
  }

  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  limit = (configured: number): number => concurrencyOf(this.#state.health, configured);

  nodes = (): readonly RegisteredNode[] => {
    const { health } = this.#state;
    const self = { ...this.#heartbeat(), status: health, lastHeartbeatUtc: toUtcIso(this.#beatAtMs) };
    return [...this.#others.filter(({ nodeId }) => nodeId !== self.nodeId), self];
  };

  follow = (role: RoleWork): void => {
    this.#role = role;
    role.look();
  };

  /** Takes the name and begins to tell its state; false when the signal aborted first. */
  async join(): Promise<boolean> {
    const { registry, signal } = this.#options;
    const stopped = aborted(signal).then(() => false);
    const joining = registry.join(this.#heartbeat(), signal).then(
      () => true,
      (error: unknown) => {
        if (signal.aborted) return false;
        throw error;
      },
    );
    if (!(await Promise.race([joining, stopped]))) return false;
    onAbort(signal, () => this.#end('it was told to stop'));
    this.#others = await registry.list();
    this.#going = this.#goOn();
    return true;
  }

  /** Takes the node out; waits two seconds at most for a Redis that is away. @throws ScraperError when its name was lost */
  async leave(): Promise<void> {
    const { registry, config, clock, log } = this.#options;
    const { nodeId } = config;
    this.#left.abort();
    const late = new AbortController();
    // A heartbeat that is under way would bring the node back.
    const leaving = this.#going.then(() => registry.leave(nodeId)).then(() => true);
    const waited = clock.sleep(leaveWaitMs, late.signal).then(() => false);
    const hasLeft = await Promise.race([leaving, waited]).catch(() => false);
    late.abort();
    for (const each of [leaving, waited]) each.catch(() => undefined);
    if (!hasLeft) log.warn({ nodeId }, 'node could not be taken out; it is shown offline for a while');
    if (this.#problem !== null) throw this.#problem;
  }

  #heartbeat(): NodeHeartbeat {
    const { config, role, cities, counts } = this.#options;
    return {
      ...this.#sample,
      nodeId: config.nodeId,
      role,
      health: this.#state.health,
      version: this.#version,
      cities,
      isDraining: this.#ending.signal.aborted,
      startedAtUtc: this.#startedAtUtc,
      activeJobs: this.#role.activeJobs(),
      errorCount: counts.errors,
      warningCount: counts.warnings,
    };
  }

  async #goOn(): Promise<void> {
    const { clock, config, log } = this.#options;
    const lookMs = Math.min(longestLookMs, config.cluster.heartbeatIntervalMs);
    let isTroubled = false;
    while (!this.#left.signal.aborted) {
      await clock.sleep(lookMs, this.#left.signal).catch(() => undefined);
      try {
        if (!this.#left.signal.aborted) await this.#look();
        isTroubled = false;
      } catch (error) {
        if (error instanceof ScraperError) return this.#loseName(error);
        if (!isTroubled && !this.#left.signal.aborted) {
          log.warn({ error: messageOf(error) }, 'node could not tell its state; trying again');
        }
        isTroubled = true;
      }
    }
  }

  async #look(): Promise<void> {
    const { registry, config, clock, measure } = this.#options;
    this.#sample = await measure();
    if (this.#left.signal.aborted) return;
    const hasChanged = this.#judge();
    if (hasChanged || clock.now() - this.#beatAtMs >= config.cluster.heartbeatIntervalMs) await this.#beat();
    if (await registry.isDrainRequested(config.nodeId)) this.#end('it was asked to from elsewhere');
    this.#others = await registry.list();
    this.#role.look();
  }

  /** True when the health is another one now. */
  #judge(): boolean {
    const { config, log, role } = this.#options;
    const { health: before } = this.#state;
    this.#state = nextHealth(this.#state, this.#sample, config.cluster.health);
    const { health } = this.#state;
    if (health === before) return false;
    const reasons = reasonsOf(this.#sample, config.cluster.health);
    const effect = effectOf(role, health);
    const fields = { nodeId: config.nodeId, from: before, to: health, ...this.#sample, reasons, effect };
    if (health === 'healthy') log.info(fields, 'node is healthy again');
    else log.warn(fields, health === 'degraded' ? 'node is degraded' : 'node is unhealthy');
    return true;
  }

  async #beat(): Promise<void> {
    await this.#options.registry.beat(this.#heartbeat());
    this.#beatAtMs = this.#options.clock.now();
  }

  #end(why: string): void {
    if (this.#ending.signal.aborted) return;
    const { config, log } = this.#options;
    this.#ending.abort(new Error(`node ${config.nodeId} ends: ${why}`));
    log.info({ nodeId: config.nodeId, why }, 'node drains: it takes nothing new and ends');
    // So that others know at once; what fails here is told again with the next heartbeat.
    this.#beat().catch(() => undefined);
  }

  #loseName(error: ScraperError): void {
    this.#problem = error;
    this.#options.log.error({ error: error.message }, 'node has lost its name and ends');
    this.#end('another process has its name');
  }
}

function effectOf(role: NodeRole, health: NodeHealth): string {
  if (role === 'worker') return effects[health];
  if (role === 'loop') return health === 'unhealthy' ? 'others are given its work' : 'it is given work';
  return 'it goes on: nobody else does its work';
}

const effects = {
  healthy: 'it takes as much as configured',
  degraded: 'it takes half as much',
  unhealthy: 'it takes nothing until it recovers',
} as const satisfies Record<NodeHealth, string>;
