import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFileAlertBook } from '../../queues/file-alert-book.ts';
import { createRedisAlertBook } from '../../queues/redis-alert-book.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import { connectRedis } from '../../queues/redis-connection.ts';
import { describeAlertBook } from './alert-book-contract.ts';
import type { RedisServer } from './redis-server.ts';
import { hasRedisServer, redisAt, silentLog, startRedisServer } from './redis-server.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oikotie-alerts-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const problems: string[] = [];
const fileBook = () => createFileAlertBook({ directory, onProblem: (message) => problems.push(message) });

describeAlertBook('a file', fileBook);

it('a damaged file of alerts is moved aside and said', async () => {
  writeFileSync(join(directory, 'alerts.json'), '{"format": 1, "open": 3}');

  expect(await fileBook().open()).toEqual([]);

  expect(readdirSync(directory)).toEqual(['alerts.json.damaged']);
  expect(problems[0]).toContain('what is wrong is told once more');
});

describe.runIf(hasRedisServer)('with Redis', () => {
  let server: RedisServer;
  let redis: RedisConnection;
  let test = 0;
  beforeAll(async () => {
    server = await startRedisServer();
    redis = connectRedis({ target: redisAt(server.port), name: 'test', log: silentLog });
  });
  beforeEach(() => {
    test += 1;
  });
  afterAll(async () => {
    redis.disconnect();
    await server.kill();
  });

  describeAlertBook('Redis', () => createRedisAlertBook({ redis, prefix: `{test-${test}}` }));
});
