/**
 * A node as it stands in Redis: a hash of published names (snake_case) and texts, and how it becomes what the program
 * knows. Pure.
 */
import { z } from 'zod';
import { toUtcIso } from '../src/clock.ts';
import { nodeHealths } from '../src/resilience/node-health.ts';
import type { NodeHeartbeat, RegisteredNode } from './node-registry.ts';

/** Heartbeats a node may miss before it is offline and its name is free. */
export const missedHeartbeats = 3;

const count = z.coerce.number();
const flag = z.string().transform((text) => text === 'true');

const nodeHash = z.object({
  node_id: z.string(),
  role: z.enum(['worker', 'store', 'scheduler', 'loop']),
  status: z.enum(nodeHealths),
  version: z.string(),
  cpu_percent: count,
  memory_percent: count,
  disk_percent: count,
  active_jobs: count,
  error_count: count,
  warning_count: count,
  cities: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  is_draining: flag,
  started_at_utc: z.string(),
  beat_at_ms: count,
  /** When it last asked whether it is to drain; missing for one that never does. */
  seen_at_ms: count.optional(),
  interval_ms: count,
  token: z.string(),
  process: z
    .string()
    .transform((text) =>
      z.object({ machine: z.string(), pid: z.number(), startedAtTick: z.string() }).parse(JSON.parse(text)),
    ),
});

export type NodeHash = z.infer<typeof nodeHash>;

/** What a heartbeat says, as names and values in turns. */
export function fieldsOfHeartbeat(heartbeat: NodeHeartbeat): readonly string[] {
  const fields = {
    node_id: heartbeat.nodeId,
    role: heartbeat.role,
    status: heartbeat.health,
    version: heartbeat.version,
    cpu_percent: heartbeat.cpuPercent,
    memory_percent: heartbeat.memoryPercent,
    disk_percent: heartbeat.diskPercent,
    active_jobs: heartbeat.activeJobs,
    error_count: heartbeat.errorCount,
    warning_count: heartbeat.warningCount,
    cities: JSON.stringify(heartbeat.cities),
    is_draining: heartbeat.isDraining,
    started_at_utc: heartbeat.startedAtUtc,
  };
  return Object.entries(fields).flatMap(([name, value]) => [name, String(value)]);
}

/** From the names and values in turns that Redis gives back. @throws ZodError for a hash no version of ours has written */
export function toHash(fields: readonly string[]): NodeHash {
  const pairs: [string, string][] = [];
  for (let index = 0; index < fields.length; index += 2) pairs.push([fields[index] ?? '', fields[index + 1] ?? '']);
  return nodeHash.parse(Object.fromEntries(pairs));
}

/** The node as others see it at `nowMs` by the clock of Redis. */
export function toNode(hash: NodeHash, nowMs: number): RegisteredNode {
  const isOffline = nowMs - hash.beat_at_ms > missedHeartbeats * hash.interval_ms;
  return {
    nodeId: hash.node_id,
    role: hash.role,
    health: hash.status,
    status: isOffline ? 'offline' : hash.status,
    version: hash.version,
    cpuPercent: hash.cpu_percent,
    memoryPercent: hash.memory_percent,
    diskPercent: hash.disk_percent,
    activeJobs: hash.active_jobs,
    errorCount: hash.error_count,
    warningCount: hash.warning_count,
    cities: hash.cities,
    isDraining: hash.is_draining,
    startedAtUtc: hash.started_at_utc,
    lastHeartbeatUtc: toUtcIso(hash.beat_at_ms),
  };
}
