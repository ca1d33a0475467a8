/**
 * The doctor's look at Redis: whether it answers, may carry a cluster's jobs, and has the same time as this machine. Its
 * address is shown without user and password.
 */
import type { RedisTarget } from '../config/config-connections.ts';
import { probeRedis } from '../queues/redis-probe.ts';
import { describeTarget } from '../queues/redis-target.ts';
import type { Finding } from './finding.ts';
import { findingOf } from './finding.ts';

/** Heartbeats, locks and the gate go by one clock or the other: this much is not noticed. */
const largestSkewMs = 5_000;

const name = 'redis';

/** Findings about the Redis of the configuration. `isNeeded`: the role does nothing without one. */
export async function checkRedis(target: RedisTarget | null, isNeeded: boolean): Promise<readonly Finding[]> {
  if (target === null) return isNeeded ? [missing] : [];
  const address = describeTarget(target);
  const probe = await probeRedis({ target });
  if (probe.kind !== 'ok') {
    const remedy =
      probe.kind === 'refused'
        ? 'Check user and password of Redis, and the rights of the user (docs/redis.md)'
        : 'Start Redis, or correct where it is said to be (docs/redis.md); without Redis a run works alone on this machine';
    return [{ name, status: 'problem', seen: `${address}: ${probe.message}`, remedy }];
  }
  const { refusals, warnings } = probe.fitness;
  return [
    { name, status: 'ok', seen: `${address} answers, version ${probe.version}`, remedy: null },
    ...refusals.map((sentence) => findingOf(name, 'problem', sentence)),
    ...warnings.map((sentence) => findingOf(name, 'warning', sentence)),
    ...(probe.skewMs === null ? [] : [clockFinding(probe.skewMs)]),
  ];
}

const missing: Finding = {
  name,
  status: 'problem',
  seen: 'no Redis is configured, and this role belongs to a cluster',
  remedy: 'Set cluster_coordination.redis_url or REDIS_URL (docs/redis.md)',
};

function clockFinding(skewMs: number): Finding {
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
  const seen = `this clock and that of Redis differ by ${seconds} s`;
  if (Math.abs(skewMs) <= largestSkewMs) return { name: 'clock of redis', status: 'ok', seen, remedy: null };
  const remedy = 'Set both clocks (NTP): nodes are judged by heartbeats, and requests spaced by the clock of Redis';
  return { name: 'clock of redis', status: 'warning', seen, remedy };
}
