/**
 * A real Redis for one test: own free port, nothing kept on disk, ended by its process id when the test ends.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { connectRedis } from '../../queues/redis-connection.ts';
import type { RedisAccess, RedisTarget } from '../../queues/redis-target.ts';
import { createLog } from '../../src/log.ts';

export const silentLog = createLog({ level: 'silent', destination: process.stderr });

/** Whether this machine has a redis-server to start. */
export const hasRedisServer: boolean = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
  readonly port: number;
  /** Ends the server as a power cut would. */
  readonly kill: () => Promise<void>;
}

/** The server on a port of this machine, as a process would be told of it. */
export function redisAt(port: number, access: Partial<RedisAccess> = {}): RedisTarget {
  const address = { host: '127.0.0.1', port };
  return { kind: 'single', address, database: 0, username: null, password: null, tls: null, ...access };
}

/** Starts a server for one test and waits until it takes connections; gives back its port. */
export async function startRedis(options: { readonly password?: string } = {}): Promise<number> {
  const server = await startRedisServer(options);
  onTestFinished(server.kill);
  return server.port;
}

interface RedisServerOptions {
  readonly password?: string;
  readonly port?: number;
  readonly extra?: readonly string[];
  /** Starts a Sentinel with this configuration instead. */
  readonly sentinelFile?: string;
}

/** What a server says when it takes connections. */
const readySentences = ['Ready to accept connections', '+monitor master'];

/** Starts a server that lives until it is killed, e.g. for all tests of a file. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const server = spawn('redis-server', flagsOf(port, options));
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  let said = '';
  for await (const chunk of server.stdout) {
    said += String(chunk);
    if (readySentences.some((sentence) => said.includes(sentence))) {
      server.stdout.resume();
      return { port, kill };
    }
  }
  throw new Error(`redis-server did not start on port ${port}:\n${said}`);
}

function flagsOf(port: number, { password, extra = [], sentinelFile }: RedisServerOptions): readonly string[] {
  if (sentinelFile !== undefined) return [sentinelFile, '--sentinel'];
  const requirePassword = password === undefined ? [] : ['--requirepass', password];
  return ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...requirePassword, ...extra];
}

/** One server and one connection for all tests of a file; gives back how to get the connection once a test runs. */
export function useRedis(): () => Redis {
  let server: RedisServer | null = null;
  let redis: Redis | null = null;
  beforeAll(async () => {
    server = await startRedisServer();
    const connected = connectRedis({ target: redisAt(server.port), name: 'test', log: silentLog });
    if (connected instanceof Redis) redis = connected;
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.kill();
  });
  return () => {
    if (redis === null) throw new Error('the Redis of this file is there only while its tests run');
    return redis;
  };
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
