/** The roles of a cluster on a real Redis: what each shows of itself, and what its watchdog tells. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import type { RoleOptions } from '../../workers/cluster.ts';
import { runOnCluster } from '../../workers/cluster-run.ts';
import { runScheduler } from '../../workers/scheduler.ts';
import { runStore } from '../../workers/store.ts';
import { watchRedis } from '../../workers/watchdog.ts';
import { runWorker } from '../../workers/worker.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { hasRedisServer, silentLog, startRedis } from '../queues/redis-server.ts';
import { startWebServer } from './message-servers.ts';
import { portalConfig, startSmallPortal } from './portal-config.ts';

/** The watchdog's minute takes a fifth of a second. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === 60_000 ? 200 : ms, signal),
};

interface Role {
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
  readonly stop: () => Promise<void>;
}

async function startRole(run: (options: RoleOptions) => Promise<void>, config: RoleOptions['config']): Promise<Role> {
  const stopping = new AbortController();
  const urls: string[] = [];
  const log = createLog({
    level: 'info',
    destination: { write: (line) => void (JSON.parse(line).url && urls.push(JSON.parse(line).url)) },
  });
  const ended = run({ config, clock, random: Math.random, log, signal: stopping.signal });
  await vi.waitFor(() => expect(urls).toHaveLength(1), { timeout: 10_000 });
  return {
    get: async (path) => {
      const response = await fetch(new URL(path, urls[0]));
      return { status: response.status, text: await response.text() };
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

it.runIf(hasRedisServer)('every role answers, and the watchdog tells who is missing', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-monitoring-'));
  const [portal, web, port] = await Promise.all([startSmallPortal({ helsinki: 4 }), startWebServer(), startRedis()]);
  const globalSettings = {
    metrics_port: 0,
    cluster_coordination: { redis_url: `redis://127.0.0.1:${port}` },
    schedule: { enabled: false },
    alerts: { webhook_url: `${web.origin}/hook`, dead_man_url: `${web.origin}/alive` },
  };
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(portalConfig(portal, folder, { helsinki: 4, globalSettings })));
  const { config } = loadConfig({ path: file, environment: {} });
  const told = () => web.requests.map(({ path, body }) => (path === '/hook' ? JSON.parse(body).alerts : [path]).flat());
  const events = () =>
    told()
      .flat()
      .map((each) => (typeof each === 'string' ? each : `${each.type} ${each.key}`));

  const store = await startRole(runStore, { ...config, nodeId: 'store-1' });
  const scheduler = await startRole(runScheduler, { ...config, nodeId: 'scheduler-1' });
  for (const role of [store, scheduler]) {
    await vi.waitFor(async () => expect((await role.get('/readyz')).status).toBe(200), { timeout: 10_000 });
  }
  const run = runOnCluster({
    ...{ config, tasks: config.tasks, clock, log: silentLog, signal: new AbortController().signal },
    ...{ progressIntervalMs: 1_000, onProgress: () => {}, onWaiting: () => {} },
  });
  await vi.waitFor(() => expect(events()).toContain('opened role_missing/worker'), { timeout: 10_000 });
  const worker = await startRole(runWorker, { ...config, nodeId: 'worker-1' });
  const end = await run;
  await vi.waitFor(
    () => expect(events().sort()).toEqual(['/alive', 'opened role_missing/worker', 'resolved role_missing/worker']),
    {
      timeout: 10_000,
    },
  );

  expect(end).toMatchObject({ kind: 'ended', result: { status: 'completed' } });
  const [ofWorker, ofStore] = await Promise.all([worker.get('/metrics'), store.get('/metrics')]);
  // Its figures are ten seconds old at most.
  const ofScheduler = await vi.waitFor(
    async () => {
      const page = await scheduler.get('/metrics');
      expect(page.text).toContain('oikotie_queue_jobs{queue="crawl-helsinki",city="Helsinki",state="completed"} 5\n');
      for (const node of ['scheduler-1', 'store-1', 'worker-1']) {
        expect(page.text).toContain(`oikotie_node_up{node="${node}",role="${node.slice(0, -2)}"} 1\n`);
      }
      return page;
    },
    { timeout: 12_000, interval: 500 },
  );
  expect(ofWorker.text).toMatch(/^oikotie_requests_total\{city="Helsinki",kind="listing",.*category="none"\} 4$/m);
  expect(ofWorker.text).toContain('oikotie_jobs_total{kind="listing",outcome="completed"} 4\n');
  expect(ofWorker.text).toContain('oikotie_redis_up 1\n');
  expect(ofWorker.text).toContain('oikotie_node_up{node="worker-1",role="worker"} 1\n');
  expect(ofWorker.text).not.toContain('store-1');
  expect(ofStore.text).toContain('oikotie_city_completeness_ratio{city="Helsinki"} 1\n');
  expect(ofStore.text).toContain('oikotie_run_status{status="completed"} 1\n');
  expect(ofStore.text).toContain('oikotie_store_lag_seconds_count 4\n');
  expect(ofScheduler.text).not.toMatch(/oikotie_metrics_source_up\{source="\w+"\} 0/);
  expect((await worker.get('/readyz')).text).toBe('{"status":"ready","reasons":{}}\n');
  expect((await store.get('/healthz')).status).toBe(200);

  await Promise.all([worker.stop(), scheduler.stop(), store.stop()]);
  await Promise.all([portal.close(), web.close()]);
  rmSync(folder, { recursive: true });
});

it('the watchdog tells by itself that Redis is away for a minute, and that it is back', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oikotie-watch-'));
  const web = await startWebServer();
  const fake = createFakeClock();
  const stopping = new AbortController();
  const redis = { status: 'ready' };
  const alerts = { isEnabled: true, webhookUrl: web.origin, ntfyUrl: null, smtpUrl: null };
  const watched = watchRedis({
    config: { nodeId: 'scheduler-1', stateDirectory: directory, alerts } as Parameters<typeof watchRedis>[0]['config'],
    redis: redis as RedisConnection, // nothing but its status is looked at
    ...{ clock: fake, log: silentLog, signal: stopping.signal, metrics: null },
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 5) {
      await vi.waitFor(() => expect(fake.sleepers()).toBe(1));
      await fake.advance(5_000);
    }
    await vi.waitFor(() => expect(fake.sleepers()).toBe(1));
  };
  const titles = () =>
    web.requests.map(({ body }) => JSON.parse(body).alerts[0]).map(({ type, kind }) => `${type} ${kind}`);

  await pass(60);
  redis.status = 'reconnecting';
  await pass(30);
  const soon = titles();
  await pass(180);
  const late = titles();
  redis.status = 'ready';
  await pass(120);
  stopping.abort();
  await watched;

  expect(soon).toEqual([]);
  expect(late).toEqual(['opened redis_away']);
  expect(titles()).toEqual(['opened redis_away', 'resolved redis_away']);
  await web.close();
  rmSync(directory, { recursive: true });
});
