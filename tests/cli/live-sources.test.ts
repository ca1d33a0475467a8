/** What the dashboard sees of a cluster in its Redis, and of one that is away. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLiveSources } from '../../cli/live-sources.ts';
import { loadConfig } from '../../config/load-config.ts';
import { createRedisBreakerStore } from '../../queues/redis-breaker-store.ts';
import { connectRedis } from '../../queues/redis-connection.ts';
import { createRunBoard } from '../../queues/run-board.ts';
import { createScheduleBook } from '../../queues/schedule-book.ts';
import { systemClock } from '../../src/clock.ts';
import type { CityProgress } from '../../src/jobs/city-progress.ts';
import { closedBreaker } from '../../src/resilience/breaker-state.ts';
import { clusterPrefix } from '../../workers/cluster.ts';
import type { RedisServer } from '../queues/redis-server.ts';
import { hasRedisServer, redisAt, silentLog, startRedisServer } from '../queues/redis-server.ts';

const executionId = 'daily-2026-11-22';
const espoo: CityProgress = {
  ...{ city: 'Espoo', settled: 3, total: 10, portalTotal: 12, requests: 5, requestsPerSecond: 1 },
  ...{ allowedPerSecond: Number.POSITIVE_INFINITY, new: 1, changed: 1, unchanged: 1, failed: 0, etaMs: null },
  isDone: false,
};

describe.skipIf(!hasRedisServer)('the sources of a cluster', () => {
  let folder: string;
  let server: RedisServer;
  let opened: ReturnType<typeof openLiveSources>;
  let nowMs = Date.parse('2026-11-22T09:00:00Z');

  beforeAll(async () => {
    server = await startRedisServer();
    folder = mkdtempSync(join(tmpdir(), 'oikotie-live-'));
    const path = join(folder, 'config.json');
    const url = `https://asunnot.oikotie.fi/myytavat-asunnot?cardType=100&locations=${encodeURIComponent('[[39,6,"Espoo"]]')}`;
    const settings = {
      ...{ state_directory: folder, logs_directory: null, schedule: { enabled: true } },
      cluster_coordination: { redis_url: `redis://127.0.0.1:${server.port}` },
    };
    writeFileSync(path, JSON.stringify({ tasks: [{ city: 'Espoo', enabled: true, url }], global_settings: settings }));
    const { config } = loadConfig({ path, environment: {} });
    opened = openLiveSources({ config, clock: { ...systemClock, now: () => nowMs }, log: silentLog });
  });
  afterAll(async () => {
    await opened.close();
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  it('are its run board, its breakers and its schedule, and say since when nothing has moved', async () => {
    const redis = connectRedis({ target: redisAt(server.port), name: 'test', log: silentLog });
    const board = createRunBoard({ redis, prefix: clusterPrefix });
    await redis.rpush(`${clusterPrefix}:runs:active`, `${executionId}.run`);
    await board.write(executionId, 'progress', [espoo]);
    await createScheduleBook({ redis, prefix: clusterPrefix }).setPause({ atUtc: '2026-11-21T08:00:00.000Z', by: 'n' });
    const breakers = createRedisBreakerStore({ redis, onProblem: () => {}, keyPrefix: `${clusterPrefix}:` });
    await breakers.compareAndSet('Espoo', '0', { ...closedBreaker, status: 'OPEN', retryAtMs: nowMs + 60_000 });
    const { sources } = opened;

    const [first] = await sources.runs();
    const movedAtMs = nowMs;
    nowMs += 300_000;
    const [later] = await sources.runs();
    await board.write(executionId, 'progress', [{ ...espoo, settled: 4 }]);
    const [moved] = await sources.runs();

    expect(first).toMatchObject({ executionId, isAlive: true, movedAtMs, cities: [espoo] });
    expect([later?.movedAtMs, moved?.movedAtMs]).toEqual([movedAtMs, nowMs]);
    expect(await sources.breakers()).toMatchObject([{ name: 'Espoo', state: 'open', retryAtMs: expect.any(Number) }]);
    expect(await sources.schedule()).toMatchObject({ pausedSinceUtc: '2026-11-21T08:00:00.000Z', hasScheduler: false });
    expect(await sources.hasEnded(executionId)).toBe(false);
    await board.write(executionId, 'result', { executionId });
    expect(await sources.hasEnded(executionId)).toBe(true);
    redis.disconnect();
  });

  it('say soon that Redis is away, and at once the next time', async () => {
    await server.kill();
    await expect(opened.sources.runs()).rejects.toThrow(/expected a Redis that answers, got none/);
    const begin = performance.now();
    await expect(opened.sources.runs()).rejects.toThrow(/expected a Redis that answers/);
    expect(performance.now() - begin).toBeLessThan(500);
  });
});
