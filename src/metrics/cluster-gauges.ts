/**
 * Gauges of what is shared: jobs by queue and state, nodes, breakers, the schedule, Redis, parts that are missing, alerts.
 */
import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import type { BreakerState } from '../resilience/breaker-state.ts';
import { notClosedMs } from '../resilience/breaker-state.ts';
import type { FigureSources, NodeFigures, ReadFigures } from './figures.ts';
import { noCity } from './work-metrics.ts';

const breakerStates = ['closed', 'half_open', 'open', 'held'] as const;
const nodeStatuses = ['healthy', 'degraded', 'unhealthy', 'offline'] as const;

export interface ClusterGaugeOptions {
  readonly registry: Registry;
  readonly figures: ReadFigures;
  readonly sources: () => Pick<FigureSources, 'missingParts' | 'isRedisUp'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function addClusterGauges(options: ClusterGaugeOptions): void {
  addQueues(options);
  addNodes(options);
  addBreakers(options);
  addSchedule(options);
  addStanding(options);
}

function addQueues({ registry, figures }: ClusterGaugeOptions): void {
  new Gauge({
    name: 'oikotie_queue_jobs',
    help: 'Jobs by queue, city (none: all cities) and state.',
    labelNames: ['queue', 'city', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { queue, city, jobs } of figures('queues') ?? []) {
        for (const [state, count] of Object.entries(jobs)) this.set({ queue, city: city ?? noCity, state }, count);
      }
    },
  });
}

function addNodes({ registry, figures }: ClusterGaugeOptions): void {
  const gaugeOf = (name: string, help: string, figureOf: (node: NodeFigures) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['node', 'role'],
      registers: [registry],
      collect() {
        this.reset();
        for (const each of figures('nodes') ?? []) this.set({ node: each.nodeId, role: each.role }, figureOf(each));
      },
    });
  };
  gaugeOf(
    'oikotie_node_up',
    '0 when a node has missed three heartbeats; it is forgotten after five minutes.',
    (node) => (node.status === 'offline' ? 0 : 1),
  );
  gaugeOf('oikotie_node_cpu_ratio', 'Processor in use, 0 to 1.', ({ cpuPercent }) => cpuPercent / 100);
  gaugeOf('oikotie_node_memory_ratio', 'Memory in use, 0 to 1.', ({ memoryPercent }) => memoryPercent / 100);
  gaugeOf('oikotie_node_disk_ratio', 'Disk of its state in use, 0 to 1.', ({ diskPercent }) => diskPercent / 100);
  gaugeOf('oikotie_node_active_jobs', 'Jobs the node is at.', ({ activeJobs }) => activeJobs);
  gaugeOf(
    'oikotie_node_last_heartbeat_timestamp_seconds',
    'Last heartbeat of the node, in seconds since 1970.',
    ({ lastHeartbeatUtc }) => Date.parse(lastHeartbeatUtc) / 1000,
  );
  new Gauge({
    name: 'oikotie_node_status',
    help: '1 for the status of a node.',
    labelNames: ['node', 'role', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { nodeId: node, role, status } of figures('nodes') ?? []) {
        for (const each of nodeStatuses) this.set({ node, role, status: each }, each === status ? 1 : 0);
      }
    },
  });
}

function addBreakers({ registry, figures, now }: ClusterGaugeOptions): void {
  const registers = [registry];
  new Gauge({
    name: 'oikotie_breaker_state',
    help: '1 for the state of a breaker (a city, or portal); held = opened by an operator.',
    labelNames: ['breaker', 'state'],
    registers,
    collect() {
      this.reset();
      for (const [breaker, state] of figures('breakers') ?? []) {
        const name = nameOf(state);
        for (const each of breakerStates) this.set({ breaker, state: each }, each === name ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'oikotie_breaker_not_closed_seconds',
    help: 'How long a breaker has been anything but closed, trials included; 0 while it is closed.',
    labelNames: ['breaker'],
    registers,
    collect() {
      this.reset();
      for (const [breaker, state] of figures('breakers') ?? []) this.set({ breaker }, notClosedMs(state, now()) / 1000);
    },
  });
}

function nameOf({ status, isForced }: Pick<BreakerState, 'status' | 'isForced'>): (typeof breakerStates)[number] {
  if (status === 'OPEN') return isForced ? 'held' : 'open';
  return status === 'HALF_OPEN' ? 'half_open' : 'closed';
}

function addSchedule({ registry, figures }: ClusterGaugeOptions): void {
  const registers = [registry];
  new Gauge({
    name: 'oikotie_schedule_next_run_timestamp_seconds',
    help: 'When the next run starts, in seconds since 1970; absent when none is to come.',
    registers,
    collect() {
      const nextRunMs = figures('schedule')?.nextRunMs ?? null;
      if (nextRunMs === null) this.remove();
      else this.set(nextRunMs / 1000);
    },
  });
  new Gauge({
    name: 'oikotie_schedule_paused',
    help: '1 while the schedule is paused.',
    registers,
    collect() {
      const schedule = figures('schedule');
      if (schedule === null) this.remove();
      else this.set(schedule.isPaused ? 1 : 0);
    },
  });
  new Gauge({
    name: 'oikotie_schedule_missed_days',
    help: 'Days of the last seven on which no run was started because no scheduler was there.',
    registers,
    collect() {
      const schedule = figures('schedule');
      if (schedule === null) this.remove();
      else this.set(schedule.missedDays);
    },
  });
}

function addStanding({ registry, figures, sources }: ClusterGaugeOptions): void {
  const registers = [registry];
  new Gauge({
    name: 'oikotie_redis_up',
    help: '0 while the Redis of the cluster does not answer this process; absent without a cluster.',
    registers,
    collect() {
      const { isRedisUp } = sources();
      if (isRedisUp === undefined) this.remove();
      else this.set(isRedisUp() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'oikotie_missing_part',
    help: '1 for each part that the process goes on without.',
    labelNames: ['part'],
    registers,
    collect() {
      this.reset();
      for (const { part } of sources().missingParts?.() ?? []) this.set({ part }, 1);
    },
  });
  new Gauge({
    name: 'oikotie_alerts_open',
    help: 'Alerts that the program itself has open, by kind.',
    labelNames: ['alert'],
    registers,
    collect() {
      this.reset();
      for (const alert of figures('openAlerts') ?? []) this.inc({ alert });
    },
  });
}
