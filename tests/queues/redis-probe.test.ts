/** The Redis probe against a real server, and against none. */
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeRedis } from '../../queues/redis-probe.ts';
import { freePort, hasRedisServer, redisAt, startRedis } from './redis-server.ts';

describe.skipIf(!hasRedisServer)('redis probe (needs redis-server)', () => {
  it('tells the version of a server that answers', async () => {
    const port = await startRedis();

    const probe = await probeRedis({ target: redisAt(port) });

    expect(probe).toMatchObject({ kind: 'ok', version: expect.stringMatching(/^\d+\.\d+/) });
  });

  it('takes the right password', async () => {
    const port = await startRedis({ password: 'right' });

    const probe = await probeRedis({ target: redisAt(port, { password: 'right' }) });

    expect(probe.kind).toBe('ok');
  });

  it.each([
    ['a wrong password', 'not the right one', /WRONGPASS/],
    ['no password', null, /NOAUTH/],
  ])('is refused with %s, and does not repeat it', async (_name, password, expected) => {
    const port = await startRedis({ password: 'right' });

    const probe = await probeRedis({ target: redisAt(port, { password }) });

    expect(probe).toMatchObject({ kind: 'refused', message: expect.stringMatching(expected) });
    expect(JSON.stringify(probe)).not.toContain('not the right one');
  });
});

describe('redis probe', () => {
  it('says at once that nobody listens', async () => {
    const port = await freePort();

    const probe = await probeRedis({ target: redisAt(port) });

    expect(probe).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  });

  it('does not wait for a server that never answers', async () => {
    const server = createServer((socket) => socket.on('error', () => socket.destroy()));
    const port = await freePort();
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
    onTestFinished(() => {
      server.close();
    });

    const probe = await probeRedis({ target: redisAt(port), timeoutMs: 200 });

    expect(probe.kind).toBe('unreachable');
  });
});
