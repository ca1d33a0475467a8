/**
 * The nodes of a cluster in Redis: a hash a node, `<prefix>:node_health:<nodeId>`, written anew with each heartbeat and
 * forgotten with its time to live, and a sorted set of their names by the time of the last one. The clock is Redis' own:
 * one node's silence is judged by others. A name belongs to the process whose token stands in its hash.
 */
import { z } from 'zod';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { nodeHealths } from '../src/resilience/node-health.ts';
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

/** Heartbeats a node may miss before it is offline and its name is free. */
const missedHeartbeats = 3;
/** A silent node is forgotten after this long, or after four heartbeats where these are longer. */
const forgottenMs = 300_000;
/** How often the one that waits for a name looks whether it is free. */
const lookAgainMs = 500;

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

/** Only for a node that is there: the request must not outlive it. */
const drainScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'drain_requested', '1')
return 1`;

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
  interval_ms: count,
  token: z.string(),
  process: z
    .string()
    .transform((text) =>
      z.object({ machine: z.string(), pid: z.number(), startedAtTick: z.string() }).parse(JSON.parse(text)),
    ),
});

type NodeHash = z.infer<typeof nodeHash>;

const listReply = z.tuple([z.number(), z.array(z.array(z.string()))]);

/** Makes the registry on a connection; commands wait while Redis is away. One process uses one registry. */
export function createRedisNodeRegistry(options: RedisNodeRegistryOptions): NodeRegistry {
  const { redis, prefix, heartbeatIntervalMs, clock, log, identity = thisProcess() } = options;
  const token = options.newToken();
  const hashesBegin = `${prefix}:node_health:`;
  const namesKey = `${prefix}:nodes`;
  const lifetimeMs = Math.max(forgottenMs, Math.ceil((missedHeartbeats + 1) * heartbeatIntervalMs));
  const fieldsOf = (heartbeat: NodeHeartbeat): readonly string[] => [
    ...fieldsOfHeartbeat(heartbeat),
    ...['token', token, 'process', JSON.stringify(identity), 'interval_ms', String(heartbeatIntervalMs)],
  ];
  const evalFor = (script: string, nodeId: string, ...args: readonly (string | number)[]): Promise<unknown> =>
    redis.eval(script, 2, `${hashesBegin}${nodeId}`, namesKey, nodeId, ...args);

  /** Null when the name is ours, else who has it. */
  async function tryToJoin(heartbeat: NodeHeartbeat, goneToken: string): Promise<NodeHash | null> {
    const reply = await evalFor(joinScript, heartbeat.nodeId, token, lifetimeMs, goneToken, ...fieldsOf(heartbeat));
    const fields = z.array(z.string()).parse(reply);
    return fields.length === 0 ? null : toHash(fields);
  }

  async function readOwner(nodeId: string): Promise<NodeHash | null> {
    const hash = await redis.hgetall(`${hashesBegin}${nodeId}`);
    return hash['token'] === undefined ? null : nodeHash.parse(hash);
  }

  return {
    join: async (heartbeat, signal) => {
      const last = await readOwner(heartbeat.nodeId);
      // On this machine it is known who lives, however long it has been silent.
      const isHere = last !== null && last.process.machine === identity.machine;
      if (isHere && last.token !== token && !isGone(last.process, identity)) throw takenError(heartbeat.nodeId, last);
      let owner = await tryToJoin(heartbeat, isHere ? last.token : '');
      if (owner === null) return;
      if (owner.process.machine === identity.machine) throw takenError(heartbeat.nodeId, owner);
      const { node_id: nodeId, process } = owner;
      const waitMs = missedHeartbeats * owner.interval_ms;
      log.warn(
        { nodeId, machine: process.machine, waitMs },
        'name is taken by a silent node elsewhere; waiting for a sign',
      );
      for (const first = owner; owner !== null; owner = await tryToJoin(heartbeat, '')) {
        if (owner.token !== first.token || owner.beat_at_ms !== first.beat_at_ms) throw takenError(nodeId, owner);
        await clock.sleep(Math.min(lookAgainMs, waitMs), signal);
      }
    },
    beat: async (heartbeat) => {
      const written = await evalFor(beatScript, heartbeat.nodeId, token, lifetimeMs, ...fieldsOf(heartbeat));
      if (written !== 1) throw lostError(heartbeat.nodeId);
    },
    leave: async (nodeId) => void (await evalFor(leaveScript, nodeId, token)),
    list: async () => {
      const [nowMs, nodes] = listReply.parse(await redis.eval(listScript, 1, namesKey, hashesBegin));
      return nodes
        .map((fields) => toNode(toHash(fields), nowMs))
        .sort((left, right) => left.nodeId.localeCompare(right.nodeId, 'en', { numeric: true }));
    },
    requestDrain: async (nodeId) => (await redis.eval(drainScript, 1, `${hashesBegin}${nodeId}`)) === 1,
    isDrainRequested: async (nodeId) => (await redis.hget(`${hashesBegin}${nodeId}`, 'drain_requested')) === '1',
  };
}

function fieldsOfHeartbeat(heartbeat: NodeHeartbeat): readonly string[] {
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
function toHash(fields: readonly string[]): NodeHash {
  const pairs: [string, string][] = [];
  for (let index = 0; index < fields.length; index += 2) pairs.push([fields[index] ?? '', fields[index + 1] ?? '']);
  return nodeHash.parse(Object.fromEntries(pairs));
}

function toNode(hash: NodeHash, nowMs: number): RegisteredNode {
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
