/**
 * Which node an item is meant for. Decided once, in Redis, under `<prefix>:work:assigned:<workId>`: who distributes the
 * same item again, at the same time or after the nodes have changed, comes to the same node's queue, where its id is known.
 */
import { z } from 'zod';
import { preferredNode } from '../src/resilience/rendezvous.ts';
import type { DistributionStrategy } from './distribution.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { CheckedWorkItem } from './work-items.ts';

interface AssignmentOptions {
  readonly redis: RedisConnection;
  readonly prefix: string;
}

/** A completed item is known for so long; after that its name may come again. */
export const keptWorkMs = 86_400_000;
/** Items per call of the script, so that Redis is never busy for long. */
const itemsPerCall = 500;

/**
 * KEYS[1] the turn, then one key per item. ARGV[1] how many nodes, then their names, then per item the node it wants
 * ('' = whose turn it is). A name is '' for the queue of all.
 */
const assignScript = `
local count = tonumber(ARGV[1])
local assigned = {}
for index = 2, #KEYS do
  local node = redis.call('GET', KEYS[index])
  if not node then
    node = ARGV[count + index]
    if node == '' then node = ARGV[2 + (redis.call('INCR', KEYS[1]) - 1) % count] end
    redis.call('SET', KEYS[index], node)
  end
  assigned[index - 1] = node
end
return assigned`;

export class WorkAssignment {
  readonly #options: AssignmentOptions;

  constructor(options: AssignmentOptions) {
    this.#options = options;
  }

  /**
   * The node of each item, in turns or by city (`sticky`), null for the queue of all; items that have one keep it.
   * @param nodes names of those that can be given work, in a fixed order; none sends new items to the queue of all
   */
  async assign(
    items: readonly Pick<CheckedWorkItem, 'workId' | 'city'>[],
    nodes: readonly string[],
    strategy: DistributionStrategy,
  ): Promise<readonly (string | null)[]> {
    const names = nodes.length === 0 ? [''] : nodes;
    const assigned: (string | null)[] = [];
    for (let from = 0; from < items.length; from += itemsPerCall) {
      const some = items.slice(from, from + itemsPerCall);
      const wanted = some.map(({ city }) => (strategy === 'sticky' ? (preferredNode(city, names) ?? '') : ''));
      assigned.push(...(await this.#call(some, names, wanted)));
    }
    return assigned;
  }

  async #call(items: readonly { readonly workId: string }[], names: readonly string[], wanted: readonly string[]) {
    const { redis, prefix } = this.#options;
    const keys = [`${prefix}:work:turn`, ...items.map(({ workId }) => this.#keyOf(workId))];
    const reply = await redis.eval(assignScript, keys.length, ...keys, names.length, ...names, ...wanted);
    return z
      .array(z.string())
      .parse(reply)
      .map((name) => (name === '' ? null : name));
  }

  /** From now on the item is remembered for another day only: it has been completed. */
  async forgetLater(workId: string): Promise<void> {
    await this.#options.redis.pexpire(this.#keyOf(workId), keptWorkMs);
  }

  /** Every node that was given work and may still have some, by name. */
  async nodes(): Promise<readonly string[]> {
    return (await this.#options.redis.smembers(this.#nodesKey)).sort();
  }

  /** Makes sure that their queues are looked into. */
  async rememberNodes(names: ReadonlySet<string>): Promise<void> {
    if (names.size > 0) await this.#options.redis.sadd(this.#nodesKey, ...names);
  }

  /** For a node that is gone and has left nothing. */
  async forgetNode(nodeId: string): Promise<void> {
    await this.#options.redis.srem(this.#nodesKey, nodeId);
  }

  get #nodesKey(): string {
    return `${this.#options.prefix}:work:nodes`;
  }

  #keyOf(workId: string): string {
    return `${this.#options.prefix}:work:assigned:${workId}`;
  }
}
