import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisBudgetCounter } from '../../queues/redis-budget-counter.ts';
import { describeBudgetCounter } from '../resilience/budget-counter-contract.ts';
import { hasRedisServer, startRedis } from './redis-server.ts';

function connect(port: number): Redis {
  const redis = new Redis({ port, host: '127.0.0.1' });
  onTestFinished(() => redis.disconnect());
  return redis;
}

describe.skipIf(!hasRedisServer)('over Redis', () => {
  describeBudgetCounter('redis', async (count) => {
    const port = await startRedis();
    return Array.from({ length: count }, () => createRedisBudgetCounter({ redis: connect(port), prefix: '{test}' }));
  });

  it('forgets a day by itself', async () => {
    const redis = connect(await startRedis());
    const counter = createRedisBudgetCounter({ redis, prefix: '{test}' });

    await counter.take({ day: '2026-11-22', city: 'Helsinki', cityLimit: 1, portalLimit: null });

    const seconds = await redis.ttl('{test}:budget:2026-11-22');
    expect(seconds).toBeGreaterThan(25 * 3600);
    expect(seconds).toBeLessThanOrEqual(48 * 3600);
  });
});
