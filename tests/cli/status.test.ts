/**
 * The nodes of a cluster of real processes: what `oikotie status` says of them while a run goes on, how one is drained from
 * afar, and what becomes of the work of one that is ill, gone or not wanted.
 */
import type { TestContext } from 'vitest';
import { describe, expect, it, vi } from 'vitest';
import { startRedisServer } from '../queues/redis-server.ts';
import type { Running } from './oikotie-process.ts';
import { processTime } from './oikotie-process.ts';
import { createWorkplace } from './workplace.ts';

interface ShownNode {
  readonly status: string;
  readonly role: string;
  readonly cpu_percent: number;
  readonly memory_percent: number;
  readonly pending_work: number;
  readonly active_work: number;
}

type Shown = Readonly<Record<string, number>> & { readonly nodes: Readonly<Record<string, ShownNode>> };

const patience = { timeout: 60_000, interval: 20 };

async function createCluster(
  { onTestFinished }: TestContext,
  perCity: number,
  settings: Readonly<Record<string, unknown>> = {},
) {
  const redis = await startRedisServer();
  const place = await createWorkplace({
    ...{ helsinki: perCity, espoo: perCity, tampereRentals: perCity, requestsPerSecond: 8 },
    globalSettings: {
      concurrent_cities: 3,
      cluster_coordination: {
        ...{ redis_url: `redis://127.0.0.1:${redis.port}`, heartbeat_interval: 1 },
        ...{ job_lock_seconds: 6, stalled_check_seconds: 2, ...settings },
      },
    },
  });
  onTestFinished(async () => {
    await place.close();
    await redis.kill();
  });
  return {
    ...place,
    node: (role: 'worker' | 'store', name: string, environment: Readonly<Record<string, string>> = {}) =>
      place.start([role], { environment: { NODE_ID: name, ...environment } }),
    /** One `oikotie status --json --watch`, whose lines are looked at as they come. */
    watch: (): Watch => {
      const running = place.start(['status', '--json', '--watch']);
      let text = '';
      running.child.stdout.on('data', (chunk: string) => {
        text += chunk;
      });
      // What `status --json` prints, a line each time.
      const shown = () =>
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Shown);
      const until = async (isThere: (shown: Shown) => boolean): Promise<Shown> => {
        const from = Math.max(0, shown().length - 1);
        return vi.waitUntil(() => shown().slice(from).find(isThere), patience);
      };
      return { running, shown, until };
    },
  };
}

interface Watch {
  readonly running: Running;
  readonly shown: () => readonly Shown[];
  /** The first status from the latest one on that is as it should be. */
  readonly until: (isThere: (shown: Shown) => boolean) => Promise<Shown>;
}

function expectSums(shown: Shown): void {
  const { total_work_items, pending_work_items, active_work_items, completed_work_items, failed_work_items } = shown;
  const nodes = Object.values(shown.nodes);
  const sumOf = (part: 'pending_work' | 'active_work') => nodes.reduce((sum, node) => sum + node[part], 0);
  const statuses = ['healthy', 'degraded', 'unhealthy', 'offline'];
  const parts = [pending_work_items, active_work_items, completed_work_items, failed_work_items];
  expect(parts.reduce((sum, part) => (sum ?? 0) + (part ?? 0))).toBe(total_work_items);
  expect(sumOf('active_work')).toBe(active_work_items);
  expect(sumOf('pending_work') + (shown['unassigned_work_items'] ?? 0)).toBe(pending_work_items);
  expect(statuses.reduce((sum, status) => sum + (shown[`${status}_nodes`] ?? 0), 0)).toBe(shown['total_nodes']);
  for (const status of statuses) {
    expect(nodes.filter((node) => node.status === status).length, status).toBe(shown[`${status}_nodes`]);
  }
}

describe('the status of a cluster', { timeout: 120_000 }, () => {
  it('adds up during a run, and follows nodes that are killed, come back, are drained or not wanted', async (context) => {
    const cluster = await createCluster(context, 25);
    cluster.node('store', 'store-1');
    const killed = cluster.node('worker', 'worker-1');
    const drained = cluster.node('worker', 'worker-2');
    const watch = cluster.watch();
    await watch.until((shown) => shown['healthy_nodes'] === 3);
    const run = cluster.start(['run', '--cluster', '--json']);

    const busy = await watch.until((shown) => (shown['active_work_items'] ?? 0) > 3);
    const twin = await cluster.node('worker', 'worker-2').ended;
    killed.child.kill('SIGKILL');
    const mourning = await watch.until((shown) => shown['healthy_nodes'] === 2 && shown['offline_nodes'] === 1);
    cluster.node('worker', 'worker-1');
    await watch.until((shown) => shown.nodes['worker-1']?.status === 'healthy');
    const drain = await cluster.oikotie(['node', 'drain', 'worker-2']);
    const { exitCode } = await drained.ended;
    const [unknown, page, result] = await Promise.all([
      cluster.oikotie(['node', 'drain', 'worker-2']),
      cluster.oikotie(['status']),
      run.ended,
    ]);
    watch.running.child.kill('SIGINT');

    for (const shown of watch.shown()) expectSums(shown);
    expect(busy).toMatchObject({ total_nodes: 3, nodes: { 'store-1': { role: 'store', pending_work: 0 } } });
    expect(busy.nodes['worker-1']?.memory_percent).toBeGreaterThan(0);
    expect(busy.nodes['worker-1']?.cpu_percent).toBeGreaterThanOrEqual(0);
    expect(twin).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('set NODE_ID to another name') });
    expect(mourning).toMatchObject({ total_nodes: 3, nodes: { 'worker-1': { status: 'offline' } } });
    expect(drain).toMatchObject({ exitCode: 0, stdout: 'worker-2 has drained and is gone.\n' });
    expect(exitCode).toBe(0);
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('one of store-1, worker-1') });
    expect(page).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Nodes: 2 \(2 healthy/) });
    expect(JSON.parse(result.stdout)).toMatchObject({ status: 'completed', new: 75 });
    expect(await watch.running.ended).toMatchObject({ exitCode: 0 });
  });

  it('shows a node that is ill; sticky, its cities are another node’s until it recovers', async (context) => {
    const cluster = await createCluster(context, 8, { work_distribution_strategy: 'sticky' });
    const ill = { SCRAPER_HEALTH_MEMORY_DEGRADED: '0.001', SCRAPER_HEALTH_MEMORY_UNHEALTHY: '0.002' };
    const store = cluster.node('store', 'store-1');
    const sick = cluster.node('worker', 'sick', ill);
    cluster.node('worker', 'well');
    const watch = cluster.watch();

    const before = await watch.until((shown) => shown['unhealthy_nodes'] === 1 && shown['healthy_nodes'] === 2);
    const run = await cluster.oikotie(['run', '--cluster', '--json']);
    store.child.kill('SIGTERM');
    await store.ended;

    for (const shown of watch.shown()) expectSums(shown);
    expect(before.nodes['sick']).toMatchObject({ status: 'unhealthy', active_work: 0 });
    expect(sick.stderrSoFar()).toMatch(/"from":"healthy","to":"unhealthy".*"msg":"node is unhealthy"/);
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'completed', new: 24 });
    expect(await cluster.sql('select distinct node_id from request_log')).toEqual([{ node_id: 'well' }]);
  });
});

describe('the status without a cluster', processTime, () => {
  it('says that none is configured, or that its Redis does not answer, and never a password', async ({
    onTestFinished,
  }) => {
    const place = await createWorkplace();
    onTestFinished(place.close);

    const none = await place.oikotie(['status']);
    const away = await place.oikotie(['status'], { environment: { REDIS_URL: 'redis://:secret@127.0.0.1:1' } });

    expect(none).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('set it or REDIS_URL') });
    expect(away).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining('a Redis that answers') });
    expect(away.stderr).not.toContain('secret');
  });
});
