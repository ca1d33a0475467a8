/**
 * A Redis for one command alone: on a free port of this machine, behind a password of its own, with its file in a folder
 * that the caller throws away. For demonstrations; a cluster that is to last has its own Redis.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { ScraperError } from '../src/errors.ts';

export interface PrivateRedis {
  /** With its password. */
  readonly url: string;
  readonly end: () => Promise<void>;
  /** Ends it as a power cut would. */
  readonly kill: () => Promise<void>;
  /** Starts it again on its file and at its address. */
  readonly startAgain: () => Promise<void>;
}

/** Starts it. @throws ScraperError REDIS_MISSING when there is no redis-server to start, or it does not start. */
export async function startPrivateRedis(folder: string): Promise<PrivateRedis> {
  const port = await freePort();
  const password = randomBytes(16).toString('hex');
  const lines = [`port ${port}`, 'bind 127.0.0.1', `requirepass ${password}`, `dir ${folder}`, 'appendonly yes'];
  let end = await startServer([...lines, 'save ""', '']);
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    end: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    startAgain: async () => {
      end = await startServer([...lines, 'save ""', '']);
    },
  };
}

/** Starts a server with these lines of configuration and waits until it answers; gives back what ends it. */
async function startServer(lines: readonly string[]): Promise<(signal: NodeJS.Signals) => Promise<void>> {
  const server = spawn('redis-server', ['-'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => {
    server.on('error', () => resolve());
    server.on('exit', () => resolve());
  });
  // However this process ends, e.g. because nobody reads its output any more.
  const killNow = (): void => void server.kill('SIGKILL');
  process.once('exit', killNow);
  void ended.then(() => process.off('exit', killNow));
  // A program that is not there takes no input.
  server.stdin.on('error', () => undefined);
  // By standard input, so that the password is in no list of processes.
  server.stdin.end(lines.join('\n'));
  const isReady = (async () => {
    for await (const line of createInterface({ input: server.stdout })) {
      if (!line.includes('Ready to accept connections')) continue;
      server.stdout.resume();
      return true;
    }
    return false;
  })();
  if (!(await Promise.race([isReady, ended.then(() => false)]))) throw missingError();
  return async (signal) => {
    server.kill(signal);
    await ended;
  };
}

function missingError(): ScraperError {
  const message =
    'redis-server: expected it on PATH, able to start, got nothing that answers; install it (Debian: apt-get install ' +
    'redis-server), or run "oikotie demo", which needs none';
  return new ScraperError('REDIS_MISSING', message, { category: 'UNKNOWN' });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  server.close();
  await once(server, 'close');
  return port;
}
