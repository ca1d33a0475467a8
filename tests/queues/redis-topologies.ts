/**
 * The kinds of Redis besides a single one on its port: behind TLS with users, as a Redis Cluster of three nodes, behind a
 * Sentinel. Real servers on free ports of this machine, each ended by its process id.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import type { RedisServer } from './redis-server.ts';
import { freePort, startRedisServer } from './redis-server.ts';

const patience = { timeout: 30_000, interval: 50 };

/** What came of a server, to be closed when the test or the file is done. */
interface Place {
  readonly folder: string;
  readonly close: () => Promise<void>;
}

function createFolder(): string {
  return mkdtempSync(join(tmpdir(), 'oikotie-topology-'));
}

export interface TlsPlace extends Place {
  readonly port: number;
  /** The authority that signed the server's certificate. */
  readonly caFile: string;
  /** A connection that may do everything. */
  readonly admin: Redis;
}

/** A server that speaks only TLS and lets in only the user of docs/redis.md (and one to look on). */
export async function startTlsRedis(): Promise<TlsPlace> {
  const folder = createFolder();
  const tlsFolder = makeTlsFiles(folder);
  const inFolder = (name: string) => join(tlsFolder, name);
  const caFile = inFolder('ca.crt');
  const aclFile = inFolder('users.acl');
  appendFileSync(aclFile, 'user admin on >admin ~* &* +@all\n');
  const port = await freePort();
  const files = ['--tls-cert-file', inFolder('redis.crt'), '--tls-key-file', inFolder('redis.key')];
  const tls = ['--tls-port', String(port), ...files, '--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no'];
  const server = await startRedisServer({ port: 0, extra: [...tls, '--aclfile', aclFile, '--dir', folder] });
  const admin = new Redis({
    ...{ host: '127.0.0.1', port, username: 'admin', password: 'admin' },
    tls: { ca: readFileSync(caFile) },
  });
  const close = async (): Promise<void> => {
    admin.disconnect();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, port, caFile, admin, close };
}

/** The user of docs/redis.md. */
export const leastUser = { username: 'oikotie', password: 'pass/word:with#signs%' };

/** The line of docs/redis.md that makes it. */
function leastPrivilege(): string {
  const line = readFileSync('docs/redis.md', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`user ${leastUser.username} `));
  if (line === undefined) throw new Error('docs/redis.md: expected the line of the user oikotie, got none');
  return line.replace('>CHANGE-ME', `>${leastUser.password}`);
}

/** Certificates and users as the script of the compose file makes them; gives back their folder. */
function makeTlsFiles(folder: string): string {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${leastUser.password}\n`);
  const made = join(folder, 'tls');
  const { status, stderr } = spawnSync('deploy/compose/make-redis-tls.sh', [made, passwordFile], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`make-redis-tls.sh failed: ${stderr}`);
  return made;
}

export interface ClusterOfRedis extends Place {
  readonly ports: readonly number[];
  /** The port of the node that has the keys beginning with `{scraper}`. */
  readonly ownerPort: number;
  /** Ends a node as a power cut would, and starts it again on its files. */
  readonly restart: (port: number) => Promise<void>;
}

/** Three masters that share the slots, with the user of docs/redis.md. */
export async function startRedisCluster(): Promise<ClusterOfRedis> {
  const folder = createFolder();
  const ports = [await freePort(), await freePort(), await freePort()];
  const servers = new Map<number, RedisServer>();
  const busPorts = new Map<number, number>();
  const start = async (port: number): Promise<void> => {
    const directory = join(folder, String(port));
    mkdirSync(directory, { recursive: true });
    const bus = ['--cluster-port', String(busPorts.get(port) ?? 0), '--cluster-node-timeout', '2000'];
    const users = join(directory, 'users.acl');
    writeFileSync(users, `user default on nopass ~* &* +@all\n${leastPrivilege()}\n`);
    const files = ['--dir', directory, '--aclfile', users, '--appendonly', 'yes', '--appendfsync', 'always'];
    servers.set(port, await startRedisServer({ port, extra: ['--cluster-enabled', 'yes', ...bus, ...files] }));
  };
  for (const port of ports) busPorts.set(port, await freePort());
  await Promise.all(ports.map(start));
  const clients = ports.map((port) => new Redis(port, '127.0.0.1'));
  await joinNodes(clients, [...busPorts]);
  const slot = Number(await clients[0]?.cluster('KEYSLOT', '{scraper}'));
  for (const client of clients) client.disconnect();
  return {
    folder,
    ports,
    ownerPort: ports[Math.floor(slot / slotsPerNode)] ?? 0,
    restart: async (port) => {
      await servers.get(port)?.kill();
      await start(port);
    },
    close: async () => {
      await Promise.all([...servers.values()].map((server) => server.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const slots = 16_384;
const slotsPerNode = Math.ceil(slots / 3);

/** Gives each node its share of the slots and makes them known to each other. */
async function joinNodes(clients: readonly Redis[], busPorts: readonly (readonly [number, number])[]): Promise<void> {
  for (const [index, client] of clients.entries()) {
    const last = Math.min(slots, (index + 1) * slotsPerNode) - 1;
    await client.call('CLUSTER', 'ADDSLOTSRANGE', index * slotsPerNode, last);
    // Each its own, so that no two of them claim the same.
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const [port, busPort] of busPorts) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  await vi.waitUntil(async () => {
    const states = await Promise.all(clients.map((client) => client.cluster('INFO')));
    return states.every((state) => state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:3'));
  }, patience);
}

export interface SentinelPlace extends Place {
  readonly masterName: string;
  readonly sentinelPort: number;
  readonly sentinelPassword: string;
  /** Makes the replica the master, and resolves when the Sentinel says so. */
  readonly failOver: () => Promise<void>;
  /** Port of the master, as the Sentinel says. */
  readonly masterPort: () => Promise<number>;
}

/** A master, its replica, and one Sentinel that watches them. */
export async function startSentinel(): Promise<SentinelPlace> {
  const folder = createFolder();
  const [masterName, sentinelPassword] = ['oikotie', 'sentinel-secret'];
  const [masterPort, replicaPort, sentinelPort] = [await freePort(), await freePort(), await freePort()];
  const inFolder = (name: string): readonly string[] => {
    mkdirSync(join(folder, name));
    return ['--dir', join(folder, name)];
  };
  const replication = ['--repl-diskless-sync-delay', '0'];
  const master = await startRedisServer({ port: masterPort, extra: [...inFolder('master'), ...replication] });
  const follows = ['--replicaof', '127.0.0.1', String(masterPort)];
  const replica = await startRedisServer({
    port: replicaPort,
    extra: [...inFolder('replica'), ...replication, ...follows],
  });
  const [, sentinelFolder = folder] = inFolder('sentinel');
  const configuration = [
    `port ${sentinelPort}`,
    'bind 127.0.0.1',
    `requirepass ${sentinelPassword}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 1`,
    `sentinel down-after-milliseconds ${masterName} 2000`,
    `sentinel failover-timeout ${masterName} 10000`,
  ];
  writeFileSync(join(sentinelFolder, 'sentinel.conf'), `${configuration.join('\n')}\n`);
  const watcher = await startRedisServer({ sentinelFile: join(sentinelFolder, 'sentinel.conf'), port: sentinelPort });
  const sentinel = new Redis({ port: sentinelPort, host: '127.0.0.1', password: sentinelPassword });
  const askMasterPort = async (): Promise<number> => {
    const address = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName);
    return Array.isArray(address) ? Number(address[1]) : 0;
  };
  return {
    folder,
    masterName,
    sentinelPort,
    sentinelPassword,
    masterPort: askMasterPort,
    failOver: async () => {
      const before = await askMasterPort();
      // Refused until the Sentinel has found the replica.
      const order = () =>
        sentinel.call('SENTINEL', 'FAILOVER', masterName).then(
          () => true,
          () => false,
        );
      await vi.waitUntil(order, patience);
      await vi.waitUntil(async () => (await askMasterPort()) !== before, patience);
    },
    close: async () => {
      sentinel.disconnect();
      await Promise.all([watcher, master, replica].map((server) => server.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
