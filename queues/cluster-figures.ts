/**
 * Figures of a cluster for its metrics: jobs of every queue in one question to Redis, breakers, nodes, the schedule. While
 * Redis is away they fail at once instead of waiting for it.
 */
import { z } from 'zod';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import type { FigureSources, NodeFigures, QueueFigures } from '../src/metrics/figures.ts';
import type { NodeRegistry, RegisteredNode } from './node-registry.ts';
import { createRedisBreakerStore } from './redis-breaker-store.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isAway } from './redis-connection.ts';
import { createScheduleBook } from './schedule-book.ts';

export interface ClusterFiguresOptions {
  readonly redis: RedisConnection;
  /** Before every key. */
  readonly prefix: string;
  readonly queues: readonly { readonly name: string; readonly city: string | null }[];
  readonly registry: Pick<NodeRegistry, 'list'>;
  /** When the next run starts, in epoch milliseconds; null when none is to come. */
  readonly nextRunMs: () => Promise<number | null>;
  readonly clock: Pick<Clock, 'now'>;
}

type ClusterFigures = Required<Pick<FigureSources, 'isRedisUp' | 'queues' | 'nodes' | 'breakers' | 'schedule'>>;

/** KEYS: begin of each queue's keys. Gives back the jobs of each in the order of `states`, those of a pause as waiting. */
const countScript = `
local counts = {}
for index, queue in ipairs(KEYS) do
  counts[index] = {
    redis.call('LLEN', queue .. ':wait') + redis.call('LLEN', queue .. ':paused'),
    redis.call('LLEN', queue .. ':active'),
    redis.call('ZCARD', queue .. ':prioritized'),
    redis.call('ZCARD', queue .. ':delayed'),
    redis.call('ZCARD', queue .. ':waiting-children'),
    redis.call('ZCARD', queue .. ':completed'),
    redis.call('ZCARD', queue .. ':failed'),
  }
end
return counts`;
const states = ['waiting', 'active', 'prioritized', 'delayed', 'waiting_children', 'completed', 'failed'] as const;
const countReply = z.array(z.array(z.number()).length(states.length));

const missedWindowDays = 7;

/** The sources; each rejects with ScraperError REDIS_AWAY while Redis is away. */
export function createClusterFigures(options: ClusterFiguresOptions): ClusterFigures {
  const { redis, prefix, registry, nextRunMs, clock } = options;
  const whileThere = <Value>(read: () => Promise<Value>) => {
    return async (): Promise<Value> => {
      if (isAway(redis)) throw new ScraperError('REDIS_AWAY', 'Redis is away', { category: 'NETWORK_ERROR' });
      return read();
    };
  };
  const breakers = createRedisBreakerStore({ redis, keyPrefix: `${prefix}:`, onProblem: () => undefined });
  const book = createScheduleBook({ redis, prefix });
  return {
    isRedisUp: () => !isAway(redis),
    queues: whileThere(() => readQueues(options)),
    nodes: whileThere(async () => (await registry.list()).map(nodeFigures)),
    breakers: whileThere(breakers.list),
    schedule: whileThere(async () => {
      const sinceDay = nominalDayOf(clock.now() - missedWindowDays * 86_400_000);
      const missed = (await book.days()).filter(({ day, outcome }) => outcome === 'missed' && day > sinceDay);
      return { nextRunMs: await nextRunMs(), isPaused: (await book.pause()) !== null, missedDays: missed.length };
    }),
  };
}

async function readQueues({ redis, prefix, queues }: ClusterFiguresOptions): Promise<readonly QueueFigures[]> {
  if (queues.length === 0) return [];
  const keys = queues.map(({ name }) => `${prefix}:${name}`);
  const counts = countReply.parse(await redis.eval(countScript, keys.length, ...keys));
  return queues.map(({ name, city }, index) => ({
    queue: name,
    city,
    jobs: Object.fromEntries(states.map((state, place) => [state, counts[index]?.[place] ?? 0])),
  }));
}

/** A node as the metrics show it. */
export function nodeFigures(node: RegisteredNode): NodeFigures {
  const { nodeId, role, status, cpuPercent, memoryPercent, diskPercent, activeJobs, lastHeartbeatUtc } = node;
  return { nodeId, role, status, cpuPercent, memoryPercent, diskPercent, activeJobs, lastHeartbeatUtc };
}
