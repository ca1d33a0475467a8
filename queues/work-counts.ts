/**
 * Where all work items stand, read by one script: every item is seen once, however busy the nodes are, so that
 * pending + active + completed + failed are all there are, and what the nodes have adds up to what is active.
 */
import { z } from 'zod';
import type { RedisConnection } from './redis-connection.ts';
import type { WorkQueues } from './work-queues.ts';

/** Work items by where they stand. */
export interface WorkCounts {
  /** Waiting to be taken, those that wait for a retry included. */
  readonly pending: number;
  readonly active: number;
  /** Within the last 24 hours. */
  readonly completed: number;
  readonly failed: number;
  /** What waits for each node and is with it; items that wait for whoever comes first are only in `pending`. */
  readonly byNode: ReadonlyMap<string, { readonly pending: number; readonly active: number }>;
}

/** Per queue the six keys of its states in KEYS and the begin of its jobs' keys in ARGV. */
const countScript = `
local counts = {}
for index = 1, #ARGV do
  local first = (index - 1) * 6
  local holders = {}
  for place, jobId in ipairs(redis.call('LRANGE', KEYS[first + 4], 0, -1)) do
    holders[place] = redis.call('HGET', ARGV[index] .. jobId, 'pb') or ''
  end
  local pending = redis.call('LLEN', KEYS[first + 1]) + redis.call('ZCARD', KEYS[first + 2])
    + redis.call('ZCARD', KEYS[first + 3])
  counts[index] = {pending, redis.call('ZCARD', KEYS[first + 5]), redis.call('ZCARD', KEYS[first + 6]), holders}
end
return counts`;

const states = ['wait', 'prioritized', 'delayed', 'active', 'completed', 'failed'];

const reply = z.array(z.tuple([z.number(), z.number(), z.number(), z.array(z.string())]));

/** @param nodes those that were ever given work; the queue of all is counted with them */
export async function countWork(
  redis: RedisConnection,
  queues: Pick<WorkQueues, 'queue'>,
  nodes: readonly string[],
): Promise<WorkCounts> {
  const places = [null, ...nodes];
  const keys = places.flatMap((node) => states.map((state) => queues.queue(node).toKey(state)));
  const begins = places.map((node) => queues.queue(node).toKey(''));
  const counts = reply.parse(await redis.eval(countScript, keys.length, ...keys, ...begins));
  const total = { pending: 0, active: 0, completed: 0, failed: 0 };
  const byNode = new Map<string, { pending: number; active: number }>();
  const of = (node: string) => {
    const known = byNode.get(node) ?? { pending: 0, active: 0 };
    byNode.set(node, known);
    return known;
  };
  for (const [index, [pending, completed, failed, holders]] of counts.entries()) {
    total.pending += pending;
    total.active += holders.length;
    total.completed += completed;
    total.failed += failed;
    const node = places[index] ?? null;
    if (node !== null) of(node).pending += pending;
    for (const holder of holders) of(holder).active += 1;
  }
  return { ...total, byNode };
}
