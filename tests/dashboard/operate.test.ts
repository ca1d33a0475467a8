/** What an operator may do from the dashboard, on a real Redis: it is done, recorded, and done once; a viewer may not. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BullMqQueues } from '../../queues/bullmq-queues.ts';
import type { NodeHeartbeat } from '../../queues/node-registry.ts';
import { createRedisBreakerStore } from '../../queues/redis-breaker-store.ts';
import { createCityLimitStore } from '../../queues/redis-city-limits.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import { connectRedis } from '../../queues/redis-connection.ts';
import { createScheduleBook } from '../../queues/schedule-book.ts';
import { systemClock } from '../../src/clock.ts';
import { queueNames } from '../../src/jobs/job-names.ts';
import { clusterPrefix as prefix } from '../../workers/cluster.ts';
import { createClusterRegistry } from '../../workers/node-membership.ts';
import type { RedisServer } from '../queues/redis-server.ts';
import { hasRedisServer, redisAt, silentLog, startRedisServer } from '../queues/redis-server.ts';
import { listingWrite, writesOf } from '../storage/samples.ts';
import type { RunningTestDashboard, Visitor } from './running-dashboard.ts';
import { startTestDashboard } from './running-dashboard.ts';

/** A busy machine takes its time to hash passwords and to start a Redis. */
const startTimeMs = 120_000;
const quarantine = { executionId: 'daily-2026-11-21', city: 'Helsinki' };

describe.skipIf(!hasRedisServer)('an operator on a cluster', { timeout: 60_000 }, () => {
  let server: RedisServer;
  let redis: RedisConnection;
  let queues: BullMqQueues;
  let dashboard: RunningTestDashboard;
  let otto: Visitor;
  let vera: Visitor;

  beforeAll(async () => {
    server = await startRedisServer();
    redis = connectRedis({ target: redisAt(server.port), name: 'test', log: silentLog });
    queues = new BullMqQueues({ redis, prefix, log: silentLog });
    dashboard = await startTestDashboard({
      settings: { cluster_coordination: { redis_url: `redis://127.0.0.1:${server.port}` } },
    });
    [otto, vera] = await Promise.all([dashboard.visitor('otto'), dashboard.visitor('vera')]);
  }, startTimeMs);
  afterAll(async () => {
    await dashboard.close();
    await queues.close();
    redis.disconnect();
    await server.kill();
  });

  /** Sends the form of an action as the page would; gives back status and page. */
  async function act(kind: string, fields: Readonly<Record<string, string>> = {}, key: string = randomUUID()) {
    const answer = await otto.post(`/actions/${kind}`, { ...fields, key, to: '/cluster' });
    return { status: answer.status, page: await answer.text() };
  }

  /** What the audit trail says of the last try. */
  function lastTry() {
    const last = dashboard.audited.findLast(({ details }) => details['from'] === 'dashboard');
    return { message: last?.message, city: last?.city };
  }

  it('starts a run of one city with a limit, once, however often the button is pressed', async () => {
    const key = randomUUID();
    const [first, second] = await Promise.all([
      act('run', { city: 'Espoo', limit: '5' }, key),
      act('run', { city: 'Espoo', limit: '5' }, key),
    ]);
    const again = await act('run', { city: 'Espoo', limit: '5' });

    expect([first.status, second.status, again.status]).toEqual([200, 200, 409]);
    expect(first.page).toMatch(/daily-[\d-]+ is on its queue/);
    expect(first.page).toContain('No store is running');
    expect(again.page).toMatch(/daily-[\d-]+ is under way/);
    const jobs = await queues.queue(queueNames.runs).getJobs();
    expect(jobs.map(({ data }) => data.payload.tasks)).toEqual([
      [expect.objectContaining({ city: 'Espoo', listingLimit: 5 })],
    ]);
    expect(lastTry()).toEqual({ message: 'dashboard: run by otto: refused', city: 'Espoo' });
    const tries = dashboard.audited.filter(({ message }) => message === 'dashboard: run by otto: done');
    expect(tries).toHaveLength(1);
  });

  it('accepts a drop of a city, and says that a run under way cannot take it in any more', async () => {
    expect((await act('accept-drop', { city: 'Helsinki' })).status).toBe(409);
    await queues.queue(queueNames.runs).obliterate({ force: true });
    expect((await act('accept-drop', { city: 'Helsinki' })).status).toBe(200);
    const [job] = await queues.queue(queueNames.runs).getJobs();
    expect(job?.data.payload).toMatchObject({ acceptsDrop: true, tasks: [{ city: 'Helsinki' }] });
    await queues.queue(queueNames.runs).obliterate({ force: true });
    expect((await act('retry-failed', { city: 'Helsinki' })).page).toContain('asks for the failed listings again');
    await queues.queue(queueNames.runs).obliterate({ force: true });
  });

  it('pauses and resumes a city, and says when it was so already', async () => {
    const paused = await act('pause-city', { city: 'helsinki' });
    expect([paused.status, await queues.isPaused('crawl-helsinki')]).toEqual([200, true]);
    expect(lastTry().message).toBe('dashboard: pause-city by otto: done');
    expect(await otto.page('/cluster')).toMatch(/Helsinki\s*<span class="badge warn">paused/);
    expect((await act('pause-city', { city: 'Helsinki' })).page).toContain('It was so already.');
    await act('resume-city', { city: 'Helsinki' });
    expect(await queues.isPaused('crawl-helsinki')).toBe(false);
  });

  it('changes the rate of a city live, and takes the configured one again', async () => {
    const set = await act('set-limits', { city: 'Helsinki', rate: '0.5', workers: '' });
    expect(set.page).toContain('0.5 requests/s');
    const overrides = await createCityLimitStore({ redis, prefix }).read();
    expect(overrides.get('Helsinki')).toMatchObject({ requestIntervalMs: 2_000 });
    expect(await queues.queue('crawl-helsinki').getGlobalRateLimit()).toEqual({ max: 1, duration: 2_000 });
    expect((await act('reset-limits', { city: 'Helsinki' })).status).toBe(200);
    expect((await act('reset-limits', { city: 'Helsinki' })).page).toContain('Nothing was set for Helsinki');
  });

  it('holds a breaker open, closes and resets it, with a history', async () => {
    const store = createRedisBreakerStore({ redis, keyPrefix: `${prefix}:`, onProblem: () => undefined });
    await act('open-breaker', { breaker: 'Espoo' });
    expect((await store.read('Espoo')).state).toMatchObject({ status: 'OPEN', isForced: true });
    expect(await otto.page('/cluster')).toContain('held open by an operator');
    await act('close-breaker', { breaker: 'Espoo' });
    await act('reset-breaker', { breaker: 'Espoo' });
    expect((await store.read('Espoo')).state).toMatchObject({ status: 'CLOSED', isForced: false });
    expect((await act('open-breaker', { breaker: 'Nowhere' })).page).toContain('no breaker called Nowhere');
  });

  it('pauses and resumes the schedule', async () => {
    const book = createScheduleBook({ redis, prefix });
    await act('pause-schedule');
    expect(await book.pause()).not.toBeNull();
    expect(await otto.page('/cluster')).toContain('no run starts by itself');
    expect((await act('resume-schedule')).page).toContain('No scheduler is running');
    expect(await book.pause()).toBeNull();
  });

  it('drains a node, and says when there is none of that name', async () => {
    const parts = { redis, config: dashboard.config, clock: systemClock, log: silentLog };
    const registry = createClusterRegistry(parts);
    await registry.join(heartbeat, new AbortController().signal);
    expect(await otto.page('/cluster')).toContain('worker-7');
    expect((await act('drain-node', { node: 'worker-7' })).status).toBe(200);
    expect(await registry.isDrainRequested('worker-7')).toBe(true);
    expect((await act('drain-node', { node: 'worker-8' })).page).toContain('no node called worker-8');
  });

  it('lets a viewer look, and do nothing', async () => {
    const page = await vera.page('/cluster');
    expect(page).toContain('crawl-helsinki');
    expect(page).not.toContain('/actions/');
    const before = dashboard.audited.length;
    expect((await vera.get('/actions/pause-city?city=Helsinki')).status).toBe(403);
    const sent = await vera.post('/actions/pause-city', { city: 'Helsinki', key: randomUUID() });
    expect([sent.status, await queues.isPaused('crawl-helsinki')]).toEqual([403, false]);
    expect(dashboard.audited).toHaveLength(before);
  });

  it('does nothing for a form of another site, or one that cannot be read', async () => {
    const key = randomUUID();
    const foreign = await otto.post('/actions/pause-city', { city: 'Helsinki', key, _csrf: 'guessed' });
    const bad = await act('set-limits', { city: 'Helsinki', rate: 'fast' });
    const neither = await act('set-limits', { city: 'Helsinki' });
    const keyless = await otto.post('/actions/pause-city', { city: 'Helsinki' });
    const unknown = await act('drop-database');
    expect([foreign.status, bad.status, neither.status, keyless.status, unknown.status]).toEqual([
      403, 400, 400, 400, 404,
    ]);
    expect(bad.page).toContain('rate');
    expect(await queues.isPaused('crawl-helsinki')).toBe(false);
  });

  describe('at the queues', () => {
    const own = () => ({ origin: dashboard.origin, 'sec-fetch-site': 'same-origin' });
    const put = (visitor: Visitor, path: string, headers: Readonly<Record<string, string>>) =>
      fetch(`${dashboard.origin}${path}`, { method: 'PUT', headers: { cookie: visitor.cookies(), ...headers } });

    it('sees every queue, those of new cities too, and no more of a payload than it needs', async () => {
      const queue = queues.queue('crawl-helsinki');
      const card = { listingId: '1', address: 'Koivukuja 3', priceEur: 100 };
      await queue.add('listing', { executionId: 'daily-1', city: 'Helsinki', card }, { jobId: 'one' });
      const answer = await vera.page(
        '/queues/api/queues?activeQueue=crawl-helsinki&status=latest&page=1&jobsPerPage=10',
      );
      const { queues: shown } = JSON.parse(answer);
      expect(shown.map(({ name }: { name: string }) => name)).toEqual(
        expect.arrayContaining([
          'runs',
          'cities',
          'store',
          'schedule',
          'crawl-helsinki',
          'crawl-espoo',
          'crawl-vantaa',
        ]),
      );
      expect(answer).toContain('"priceEur":100');
      expect(answer).not.toContain('Koivukuja');
    });

    it('may pause a queue as an operator from our page, and nobody from elsewhere', async () => {
      const path = '/queues/api/queues/crawl-espoo/pause';
      const refusals = await Promise.all([
        put(vera, path, own()),
        put(otto, path, {}),
        put(otto, path, { ...own(), origin: 'https://evil.example' }),
        put(otto, path, { ...own(), 'sec-fetch-site': 'cross-site' }),
      ]);
      expect(refusals.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
      expect(await queues.isPaused('crawl-espoo')).toBe(false);
      expect((await put(otto, path, own())).status).toBe(200);
      expect(await queues.isPaused('crawl-espoo')).toBe(true);
      expect(lastTry().message).toBe('dashboard: queue by otto: done');
    });

    it.each(['empty', 'obliterate', 'clean/failed', 'retry/failed', 'one/retry', 'one/clean', 'concurrency'])(
      'refuses %s to an operator too',
      async (what) => {
        const answer = await put(otto, `/queues/api/queues/crawl-helsinki/${what}`, own());
        expect(answer.status).toBe(403);
        expect(await queues.queue('crawl-helsinki').getJobCountByTypes('waiting')).toBe(1);
      },
    );

    it('is on a page of its own policy, with nothing of another host', async () => {
      const answer = await vera.get('/queues/queue/crawl-helsinki');
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("script-src 'self'; ");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(await answer.text()).not.toMatch(/https?:/);
    });
  });

  it('is told at once that Redis is away, on this page alone, and that it is back', async () => {
    await server.kill();
    expect(await otto.page('/cluster')).toContain('Redis does not answer');
    expect((await act('pause-city', { city: 'Helsinki' })).page).toContain('nothing was asked of the cluster');
    expect((await vera.get('/queues/api/queues')).status).toBe(503);
    expect((await vera.get('/')).status).toBe(200);
    server = await startRedisServer({ port: server.port });
    await expect.poll(() => otto.page('/cluster'), { timeout: 15_000 }).toContain('crawl-helsinki');
  });
});

describe('an operator without a cluster', () => {
  let dashboard: RunningTestDashboard;
  let otto: Visitor;

  beforeAll(async () => {
    dashboard = await startTestDashboard({
      fill: async (store) => {
        await store.commit(writesOf({ listings: [listingWrite('1')] }));
        const openedAtUtc = '2026-11-21T05:00:00.000Z';
        await store.quarantineCity({ ...quarantine, reason: 'price_eur fell', drifts: [], openedAtUtc });
      },
    });
    otto = await dashboard.visitor('otto');
  }, startTimeMs);
  afterAll(() => dashboard.close());

  it('is told why a run cannot be started here, and what to type', async () => {
    const page = await otto.get('/actions/run?city=Espoo');
    expect(page.status).toBe(409);
    expect(await page.text()).toContain('oikotie run --city &quot;Espoo&quot;');
    expect(await otto.page('/queues')).toContain('There are no queues here');
    expect(await otto.page('/cluster')).toContain('There is no cluster here');
  });

  it('holds a breaker open for the next request of a run', async () => {
    const sent = await otto.post('/actions/open-breaker', { breaker: 'Espoo', key: randomUUID() });
    expect(sent.status).toBe(200);
    expect(await otto.page('/cluster')).toContain('held open by an operator');
  });

  it('is told that a run holds the database, and decides the quarantine when it does not', async () => {
    const fields = { execution: quarantine.executionId, city: quarantine.city };
    const held = await otto.post('/actions/release-quarantine', { ...fields, key: randomUUID() });
    expect([held.status, await held.text()]).toEqual([409, expect.stringContaining('A run holds the database')]);
    await dashboard.database.close();
    const released = await otto.post('/actions/release-quarantine', { ...fields, key: randomUUID() });
    const again = await otto.post('/actions/discard-quarantine', { ...fields, key: randomUUID() });
    expect([released.status, await released.text()]).toEqual([
      200,
      expect.stringContaining('Released listings: 1 / 1'),
    ]);
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('no such quarantine')]);
  });
});

const heartbeat: NodeHeartbeat = {
  ...{ nodeId: 'worker-7', role: 'worker' as const, health: 'healthy' as const, version: '0.1.0', cities: ['Vantaa'] },
  ...{ isDraining: false, startedAtUtc: '2026-11-22T03:00:00.000Z', activeJobs: 0 },
  ...{ cpuPercent: 20, memoryPercent: 30, diskPercent: 40, errorCount: 0, warningCount: 0 },
};
