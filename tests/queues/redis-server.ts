/**
 * A real Redis for one test: own free port, nothing kept on disk, ended by its process id when the test ends.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** Whether this machine has a redis-server to start. */
export const hasRedisServer: boolean = spawnSync('redis-server', ['--version']).status === 0;

/** Starts a server and waits until it takes connections; gives back its port. */
export async function startRedis(options: { readonly password?: string } = {}): Promise<number> {
  const port = await freePort();
  const password = options.password === undefined ? [] : ['--requirepass', options.password];
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...password]);
  onTestFinished(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  });
  for await (const chunk of server.stdout) {
    if (String(chunk).includes('Ready to accept connections')) return port;
  }
  throw new Error(`redis-server did not start on port ${port}`);
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
