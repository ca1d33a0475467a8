import { describe, expect, it, onTestFinished } from 'vitest';
import { connectRedis } from '../../queues/redis-connection.ts';
import { checkRedisFitness, judgeRedis } from '../../queues/redis-fitness.ts';
import { createLog } from '../../src/log.ts';
import { redisAt, startRedisServer } from './redis-server.ts';

const log = createLog({ level: 'silent', destination: process.stderr });

async function fitnessWith(extra: readonly string[]) {
  const server = await startRedisServer({ extra });
  const redis = connectRedis({ target: redisAt(server.port), name: 'test', log });
  onTestFinished(async () => {
    redis.disconnect();
    await server.kill();
  });
  return checkRedisFitness(redis);
}

describe('a Redis that is to carry jobs', () => {
  it('is refused when it may throw keys away, with the setting to change', async () => {
    const { refusals } = await fitnessWith(['--maxmemory-policy', 'allkeys-lru']);

    expect(refusals).toEqual([expect.stringMatching(/expected maxmemory-policy noeviction, got allkeys-lru; set it/)]);
  });

  it('is warned of when it keeps no log of its writes', async () => {
    const { refusals, warnings } = await fitnessWith([]);

    expect(refusals).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('"appendonly yes"')]);
  });

  it('is refused when it is too old', () => {
    const versionOf = (version: string) => judgeRedis(new Map([['redis_version', version]])).refusals;

    expect(versionOf('6.0.16')).toEqual(['Redis is too old: expected 6.2 or later, got 6.0.16; update it']);
    expect(versionOf('5.0.7')).toHaveLength(1);
    expect(['6.2.0', '7.0.15', '8.2.1'].map((version) => versionOf(version).length)).toEqual([0, 0, 0]);
  });
});
