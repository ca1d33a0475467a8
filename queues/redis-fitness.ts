/**
 * Whether a Redis may carry a cluster's jobs. One that may throw keys away would lose work in silence; one that keeps
 * nothing on disk loses a run at a restart, which an operator may choose.
 */
import type { Redis } from 'ioredis';
import { Cluster } from 'ioredis';
import type { RedisConnection } from './redis-target.ts';
import { describeAddress } from './redis-target.ts';

export interface RedisFitness {
  /** What must be changed first: each says what was expected, what is there, and the setting. */
  readonly refusals: readonly string[];
  /** What may be lost as it is. */
  readonly warnings: readonly string[];
}

/** BullMQ's scripts need it; older ones are not tested. */
const oldestVersion = [6, 2] as const;

/** Reads INFO of every server that takes writes; waits while Redis is away. */
export async function checkRedisFitness(redis: RedisConnection): Promise<RedisFitness> {
  // On a Redis Cluster its nodes are known when it has answered.
  await redis.ping();
  return judgeServers(await readServers(redis));
}

/** What a server that takes writes says of itself in INFO, and what it is called in a sentence. */
export interface ServerInfo {
  readonly name: string;
  readonly info: ReadonlyMap<string, string>;
}

/** INFO of every server that takes writes, of a connection that stands. */
export async function readServers(redis: RedisConnection): Promise<readonly ServerInfo[]> {
  return Promise.all(
    eachServer(redis).map(async ({ server, name }) => ({ name, info: parseInfo(await server.info()) })),
  );
}

/** The judgement of all of them. */
export function judgeServers(servers: readonly ServerInfo[]): RedisFitness {
  const verdicts = servers.map(({ info, name }) => judgeRedis(info, name));
  return {
    refusals: verdicts.flatMap(({ refusals }) => refusals),
    warnings: verdicts.flatMap(({ warnings }) => warnings),
  };
}

/** The servers that take writes, each with what it is called in a sentence: the only one, or the masters of a Redis Cluster. */
export function eachServer(redis: RedisConnection): readonly { readonly server: Redis; readonly name: string }[] {
  if (!(redis instanceof Cluster)) return [{ server: redis, name: 'Redis' }];
  return redis.nodes('master').map((server) => ({ server, name: `Redis node ${describeAddress(server.options)}` }));
}

/** @internal The judgement alone, for its tests. */
export function judgeRedis(info: ReadonlyMap<string, string>, name = 'Redis'): RedisFitness {
  const refusals: string[] = [];
  const warnings: string[] = [];
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    refusals.push(
      `${name} may throw jobs away when its memory is full: expected maxmemory-policy noeviction, got ${policy}; ` +
        'set it with "CONFIG SET maxmemory-policy noeviction" and in redis.conf',
    );
  }
  const version = info.get('redis_version') ?? 'unknown';
  if (isOlder(version)) {
    refusals.push(`${name} is too old: expected ${oldestVersion.join('.')} or later, got ${version}; update it`);
  }
  if (info.get('aof_enabled') === '0') {
    warnings.push(
      `${name} keeps no log of its writes: a restart may lose the run that is under way (what was stored is safe); ` +
        'set "appendonly yes" in redis.conf',
    );
  }
  return { refusals, warnings };
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestVersion;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
