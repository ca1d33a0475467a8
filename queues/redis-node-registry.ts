/**
 * The nodes of a cluster in Redis: a hash a node, `<prefix>:node_health:<nodeId>`, written anew with each heartbeat and
 * forgotten with its time to live, and a sorted set of their names by the time of the last one. The clock is Redis' own:
 * one node's silence is judged by others. A name belongs to the process whose token stands in its hash.
 */
import { z } from 'zod';
import type { Clock } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { NodeHash } from './node-hash.ts';
import { fieldsOfHeartbeat, missedHeartbeats, toHash, toNode } from './node-hash.ts';
import type { NodeHeartbeat, NodeRegistry, RegisteredNode } from './node-registry.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { isGone, thisProcess } from './process-identity.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RedisNodeRegistryOptions {
  /** Stays the caller's: it opens and closes it. */
  readonly redis: RedisConnection;
  /** Before every key; in Redis Cluster with a hash tag, `{scraper}`. */
  readonly prefix: string;
  /** Time between two heartbeats of this process. */
  readonly heartbeatIntervalMs: number;
  /** Names this process among all that ever have this node's name. */
  readonly newToken: () => string;
  /** For the wait until a silent node counts as gone. */
  readonly clock: Clock;
  readonly log: Log;
  /** By default this process. */
  readonly identity?: ProcessIdentity;
}

/** A silent node is forgotten after this long, or after four heartbeats where these are longer. */
const forgottenMs = 300_000;
/** How often the one that waits for a name looks whether it is free. */
const lookAgainMs = 500;
/** A node that asks whether it is to drain, every two seconds or so, is gone when it has not for this long. */
const askingNodeGoneMs = 10_000;

const nowScript = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local function write(nodeId, lifetimeMs, fields)
  redis.call('HSET', KEYS[1], 'beat_at_ms', string.format('%.0f', nowMs), unpack(fields))
  redis.call('PEXPIRE', KEYS[1], lifetimeMs)
  redis.call('ZADD', KEYS[2], nowMs, nodeId)
end`;

/**
 * KEYS: the node's hash, the set of names. ARGV: node, token, lifetime, token of a process that is gone ('' = none), then
 * fields. Gives back nothing when the name is ours now, else the hash of the one who has it and the time.
 */
const joinScript = `${nowScript}
local owner = redis.call('HGET', KEYS[1], 'token')
if owner and owner ~= ARGV[2] and owner ~= ARGV[4] then
  local silentMs = nowMs - redis.call('HGET', KEYS[1], 'beat_at_ms')
  if silentMs <= ${missedHeartbeats} * redis.call('HGET', KEYS[1], 'interval_ms') then
    return redis.call('HGETALL', KEYS[1])
  end
end
redis.call('DEL', KEYS[1])
write(ARGV[1], ARGV[3], {unpack(ARGV, 5)})
return {}`;

/** As above without the dead. 1 when written, 0 when another process has the name. A forgotten node comes back. */
const beatScript = `${nowScript}
local owner = redis.call('HGET', KEYS[1], 'token')
if owner and owner ~= ARGV[2] then return 0 end
write(ARGV[1], ARGV[3], {unpack(ARGV, 4)})
return 1`;

const leaveScript = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])`;

/** KEYS: the set of names; ARGV: begin of the hashes' keys. Names whose hash has expired are forgotten here. */
const listScript = `
local time = redis.call('TIME')
local nodes = {}
for _, nodeId in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local fields = redis.call('HGETALL', ARGV[1] .. nodeId)
  if #fields == 0 then redis.call('ZREM', KEYS[1], nodeId) else nodes[#nodes + 1] = fields end
end
return {time[1] * 1000 + math.floor(time[2] / 1000), nodes}`;

/** KEYS as above; ARGV: node, token. What is asked for is only for the one who has the name. */
const askScript = `${nowScript}
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then return false end
redis.call('HSET', KEYS[1], 'seen_at_ms', string.format('%.0f', nowMs))
return redis.call('HGET', KEYS[1], 'drain_requested')`;

/** Only for a node that is there: the request must not outlive it. */
const drainScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'drain_requested', '1')
return 1`;

const listReply = z.tuple([z.number(), z.array(z.array(z.string()))]);

/** Makes the registry on a connection; commands wait while Redis is away. One process uses one registry. */
export function createRedisNodeRegistry(options: RedisNodeRegistryOptions): NodeRegistry {
  return new RedisNodeRegistry(options);
}

class RedisNodeRegistry implements NodeRegistry {
  readonly #options: RedisNodeRegistryOptions;
  readonly #identity: ProcessIdentity;
  readonly #token: string;
  readonly #lifetimeMs: number;
  readonly #hashesBegin: string;
  readonly #namesKey: string;

  constructor(options: RedisNodeRegistryOptions) {
    const { prefix, heartbeatIntervalMs } = options;
    this.#options = options;
    this.#identity = options.identity ?? thisProcess();
    this.#token = options.newToken();
    this.#lifetimeMs = Math.max(forgottenMs, Math.ceil((missedHeartbeats + 1) * heartbeatIntervalMs));
    this.#hashesBegin = `${prefix}:node_health:`;
    this.#namesKey = `${prefix}:nodes`;
  }

  join = async (heartbeat: NodeHeartbeat, signal: AbortSignal): Promise<void> => {
    const last = await this.#readOwner(heartbeat.nodeId);
    // On this machine it is known who lives, however long it has been silent.
    const isHere = last !== null && last.process.machine === this.#identity.machine;
    if (isHere && last.token !== this.#token && !isGone(last.process, this.#identity)) {
      throw takenError(heartbeat.nodeId, last);
    }
    const owner = await this.#tryToJoin(heartbeat, isHere ? last.token : '');
    if (owner === null) return;
    if (owner.process.machine === this.#identity.machine) throw takenError(heartbeat.nodeId, owner);
    await this.#outwait(owner, heartbeat, signal);
  };

  beat = async (heartbeat: NodeHeartbeat): Promise<void> => {
    const { nodeId } = heartbeat;
    const fields = this.#fieldsOf(heartbeat);
    if ((await this.#evalFor(beatScript, nodeId, this.#lifetimeMs, ...fields)) !== 1) throw lostError(nodeId);
  };

  leave = async (nodeId: string): Promise<void> => void (await this.#evalFor(leaveScript, nodeId));

  list = async (): Promise<readonly RegisteredNode[]> => {
    const reply = await this.#options.redis.eval(listScript, 1, this.#namesKey, this.#hashesBegin);
    const [nowMs, nodes] = listReply.parse(reply);
    return nodes
      .map((fields) => toNode(toHash(fields), nowMs))
      .sort((left, right) => left.nodeId.localeCompare(right.nodeId, 'en', { numeric: true }));
  };

  requestDrain = async (nodeId: string): Promise<boolean> =>
    (await this.#options.redis.eval(drainScript, 1, `${this.#hashesBegin}${nodeId}`)) === 1;

  isDrainRequested = async (nodeId: string): Promise<boolean> => (await this.#evalFor(askScript, nodeId)) === '1';

  /** Takes the name of a node elsewhere when that gives no sign of life. @throws ScraperError NODE_ID_TAKEN when it does */
  async #outwait(owner: NodeHash, heartbeat: NodeHeartbeat, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const { node_id: nodeId, seen_at_ms: seenAtMs, token: goneToken } = owner;
    const silentMs = missedHeartbeats * owner.interval_ms;
    const waitMs = seenAtMs === undefined ? silentMs : Math.min(silentMs, askingNodeGoneMs);
    log.warn(
      { nodeId, machine: owner.process.machine, waitMs },
      'name belongs to a node elsewhere; is it still there?',
    );
    const endMs = clock.now() + waitMs;
    for (;;) {
      const isOver = clock.now() >= endMs;
      const now = await this.#tryToJoin(heartbeat, isOver ? goneToken : '');
      if (now === null) return;
      if (now.token !== goneToken || now.beat_at_ms !== owner.beat_at_ms || now.seen_at_ms !== seenAtMs) {
        throw takenError(nodeId, now);
      }
      await clock.sleep(Math.min(lookAgainMs, waitMs), signal);
    }
  }

  /** Null when the name is ours, else who has it. @param goneToken of a process that need not be asked; '' = none */
  async #tryToJoin(heartbeat: NodeHeartbeat, goneToken: string): Promise<NodeHash | null> {
    const fields = this.#fieldsOf(heartbeat);
    const reply = await this.#evalFor(joinScript, heartbeat.nodeId, this.#lifetimeMs, goneToken, ...fields);
    const owner = z.array(z.string()).parse(reply);
    return owner.length === 0 ? null : toHash(owner);
  }

  async #readOwner(nodeId: string): Promise<NodeHash | null> {
    const hash = await this.#options.redis.hgetall(`${this.#hashesBegin}${nodeId}`);
    return hash['token'] === undefined ? null : toHash(Object.entries(hash).flat());
  }

  /** Every script has the node's hash and the set of names as keys, and begins its arguments with node and token. */
  #evalFor(script: string, nodeId: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const keys = [`${this.#hashesBegin}${nodeId}`, this.#namesKey];
    return this.#options.redis.eval(script, keys.length, ...keys, nodeId, this.#token, ...args);
  }

  #fieldsOf(heartbeat: NodeHeartbeat): readonly string[] {
    return [
      ...fieldsOfHeartbeat(heartbeat),
      ...['token', this.#token, 'process', JSON.stringify(this.#identity)],
      ...['interval_ms', String(this.#options.heartbeatIntervalMs)],
    ];
  }
}

function takenError(nodeId: string, owner: NodeHash): ScraperError {
  const message =
    `node ${nodeId}: expected a name of its own, got one that a running ${owner.role} has ` +
    `(process ${owner.process.pid} on ${owner.process.machine.split(' ')[0]}); set NODE_ID to another name`;
  return new ScraperError('NODE_ID_TAKEN', message, { category: 'UNKNOWN', details: { nodeId } });
}

function lostError(nodeId: string): ScraperError {
  const message = `node ${nodeId}: expected to keep its name, got another process that took it while this one was silent; set NODE_ID to another name`;
  return new ScraperError('NODE_ID_TAKEN', message, { category: 'UNKNOWN', details: { nodeId } });
}
