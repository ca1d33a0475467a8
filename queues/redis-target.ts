/**
 * Which Redis is meant, and how a client for it is opened: one server, the master that Sentinels name, or a Redis Cluster.
 * What is said of it names hosts and ports, never a user or a password.
 */
import type { RedisOptions } from 'ioredis';
import { Cluster, Redis } from 'ioredis';
import { forgetCommand } from './redis-errors.ts';

export interface RedisAddress {
  /** Name or address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface RedisAccess {
  /** Null is the default user. */
  readonly username: string | null;
  readonly password: string | null;
  /** Null = without TLS. `ca`: PEM certificates; null = those that Node.js knows. */
  readonly tls: { readonly ca: string | null } | null;
}

/** The same shape as in the configuration, which this room does not know. */
export type RedisTarget = RedisAccess &
  (
    | { readonly kind: 'single'; readonly address: RedisAddress; readonly database: number }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly RedisAddress[];
        readonly master: string;
        readonly sentinelPassword: string | null;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] }
  );

/** An open connection to any kind of Redis. */
export type RedisConnection = Redis | Cluster;

export interface ClientBehaviour {
  /** Pause before the next attempt to connect, in milliseconds; null gives up. */
  readonly retryMs: (attempt: number) => number | null;
  /** False: a command fails at once while there is no connection. */
  readonly waitsForRedis: boolean;
  /** Opens the connection only when `connect` is called. */
  readonly isLazy?: boolean;
  /** Name shown by CLIENT LIST. */
  readonly name?: string;
  /** What else each single connection does. */
  readonly options?: Pick<
    RedisOptions,
    'connectTimeout' | 'commandTimeout' | 'disconnectTimeout' | 'maxRetriesPerRequest' | 'enableReadyCheck'
  >;
}

/** Pause before a command is sent again that a Redis Cluster could not take, in milliseconds. */
const redirectDelayMs = 200;
/** A command of one that waits goes on waiting while a Redis Cluster elects a new master. */
const endlessRedirections = 1_000_000;

/** Opens a client; whoever opens it closes it. It needs a listener for `error`. */
export function openRedis(target: RedisTarget, behaviour: ClientBehaviour): RedisConnection {
  const redis = target.kind === 'cluster' ? openCluster(target, behaviour) : openSingle(target, behaviour);
  redis.on('error', forgetCommand);
  return redis;
}

/** Hosts and ports, for logs and messages. */
export function describeTarget(target: RedisTarget): string {
  if (target.kind === 'single') return describeAddress(target.address);
  if (target.kind === 'cluster') return `Redis Cluster ${target.nodes.map(describeAddress).join(', ')}`;
  return `${target.master} of Sentinel ${target.sentinels.map(describeAddress).join(', ')}`;
}

export function describeAddress({
  host = '',
  port = 0,
}: Partial<{ readonly host: string | undefined; readonly port: number | undefined }>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What a connection to any single server has. */
function optionsOf({ username, password, tls }: RedisTarget, { name, options }: ClientBehaviour) {
  return {
    ...(name === undefined ? {} : { connectionName: name }),
    // One more right that the user would need.
    disableClientInfo: true,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls === null ? {} : { tls: tlsOptionsOf(tls) }),
    ...options,
  };
}

function tlsOptionsOf({ ca }: { readonly ca: string | null }) {
  return ca === null ? {} : { ca };
}

function openSingle(target: Exclude<RedisTarget, { kind: 'cluster' }>, behaviour: ClientBehaviour): Redis {
  const { retryMs, waitsForRedis, isLazy = false } = behaviour;
  return new Redis({
    ...optionsOf(target, behaviour),
    ...(target.kind === 'single' ? { ...target.address, db: target.database } : sentinelOptionsOf(target, behaviour)),
    lazyConnect: isLazy,
    enableOfflineQueue: waitsForRedis,
    retryStrategy: retryMs,
    // The master was made a replica: its successor is asked for, and the command sent there.
    reconnectOnError: (error) => (waitsForRedis && error.message.startsWith('READONLY') ? 2 : false),
  });
}

function sentinelOptionsOf(
  { sentinels, master, sentinelPassword, tls }: Extract<RedisTarget, { kind: 'sentinel' }>,
  { retryMs, waitsForRedis }: ClientBehaviour,
) {
  return {
    sentinels: sentinels.map((address) => ({ ...address })),
    name: master,
    sentinelRetryStrategy: waitsForRedis ? retryMs : () => null,
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    ...(tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptionsOf(tls) }),
  };
}

function openCluster(target: Extract<RedisTarget, { kind: 'cluster' }>, behaviour: ClientBehaviour): Cluster {
  const { retryMs, waitsForRedis, isLazy = false } = behaviour;
  return new Cluster(
    target.nodes.map((address) => ({ ...address })),
    {
      lazyConnect: isLazy,
      enableOfflineQueue: waitsForRedis,
      clusterRetryStrategy: retryMs,
      // A node that is away is waited for, as a single server is, until another one has its slots.
      ...(waitsForRedis ? { clusterNodeRetryStrategy: retryMs, maxRedirections: endlessRedirections } : {}),
      retryDelayOnFailover: redirectDelayMs,
      retryDelayOnClusterDown: redirectDelayMs,
      retryDelayOnMoved: redirectDelayMs,
      // A certificate is made out to the name of a node, not to its address.
      ...(target.tls === null ? {} : { dnsLookup: (host, callback) => callback(null, host) }),
      redisOptions: optionsOf(target, behaviour),
    },
  );
}
