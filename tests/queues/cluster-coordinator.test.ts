/** Work items through the coordinator, on a real Redis: handed out, taken, settled, tried again, given back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectRedis } from '../../queues/redis-connection.ts';
import type { WorkItem } from '../../queues/work-items.ts';
import { createCoordinatorCluster, someItems } from './coordinator-nodes.ts';
import { redisAt, silentLog, startRedisServer, useRedis } from './redis-server.ts';

const connection = useRedis();
const createCluster = () => createCoordinatorCluster(connection);
const patience = { timeout: 20_000, interval: 20 };

const idsOf = (items: readonly { readonly workId: string }[]): string[] => items.map(({ workId }) => workId);

/** The first of the items. @throws when there is none */
function only(items: readonly WorkItem[]): WorkItem {
  const [item] = items;
  if (item === undefined) throw new Error('expected an item, got none');
  return item;
}

describe('distributing work', () => {
  it('gives every loop its turn and adds up', async () => {
    const { join } = createCluster();
    const node = await join('a');
    await join('b');
    await join('c');

    const distribution = await node.distributeWork(someItems(30, ['Helsinki', 'Espoo']));

    expect(distribution).toMatchObject({ totalWorkItems: 30, distributedItems: 30, repeatedItems: 0, failedItems: 0 });
    const { nodeAssignments, distributionTimeMs } = distribution;
    expect(Object.entries(nodeAssignments).map(([name, ids]) => `${name} ${ids.length}`)).toEqual([
      'a 10',
      'b 10',
      'c 10',
    ]);
    expect(new Set(Object.values(nodeAssignments).flat()).size).toBe(30);
    expect(distributionTimeMs).toBeGreaterThanOrEqual(0);
  });

  it('goes on with the turns in the next call', async () => {
    const { join } = createCluster();
    const node = await join('a');
    await join('b');

    const names: string[] = [];
    for (const item of someItems(4)) {
      const { nodeAssignments } = await node.distributeWork([item]);
      names.push(...Object.keys(nodeAssignments));
    }

    expect(names).toEqual(['a', 'b', 'a', 'b']);
  });

  it('gives work to degraded loops, none to unhealthy ones', async () => {
    const { join } = createCluster();
    const node = await join('a', { cpuPercent: 70 });
    await join('ill', { cpuPercent: 95 });
    await vi.waitUntil(async () => (await node.getClusterStatus()).unhealthyNodes === 1, patience);

    const { nodeAssignments } = await node.distributeWork(someItems(4));

    expect(Object.keys(nodeAssignments)).toEqual(['a']);
  });

  it('keeps a city on its node when it is sticky, and moves only the cities of a node that goes', async () => {
    const { join } = createCluster();
    const options = { strategy: 'sticky' } as const;
    const node = await join('a', options);
    await join('b', options);
    const third = await join('c', options);
    const cities = Array.from({ length: 40 }, (_, index) => `City ${index}`);
    const nodesOf = async (day: string) => {
      const items = someItems(80, cities).map((item) => ({ ...item, workId: `${day} ${item.workId}` }));
      const { nodeAssignments } = await node.distributeWork(items);
      const cityOf = new Map(items.map(({ workId, city }) => [workId, city]));
      const found = new Map<string, Set<string>>();
      for (const [name, ids] of Object.entries(nodeAssignments)) {
        for (const id of ids) {
          const city = cityOf.get(id) ?? '';
          found.set(city, (found.get(city) ?? new Set()).add(name));
        }
      }
      return new Map([...found].map(([city, names]) => [city, [...names].join()]));
    };

    const before = await nodesOf('monday');
    const again = await nodesOf('tuesday');
    await third.coordinateShutdown();
    const after = await nodesOf('wednesday');

    expect([...new Set(before.values())].sort()).toEqual(['a', 'b', 'c']);
    expect(again).toEqual(before);
    for (const [city, name] of before) if (name !== 'c') expect(after.get(city)).toBe(name);
    expect([...after.values()]).not.toContain('c');
  });

  it('adds nothing when the same ids are handed out again, also by others at the same time and among other nodes', async () => {
    const { join } = createCluster();
    const [first, second] = [await join('a'), await join('b')];
    const items = someItems(40);

    const both = await Promise.all([first.distributeWork(items), second.distributeWork(items)]);
    await join('c');
    const third = await first.distributeWork(items);

    expect(both.reduce((sum, { distributedItems }) => sum + distributedItems, 0)).toBe(40);
    expect(both.reduce((sum, { repeatedItems }) => sum + repeatedItems, 0)).toBe(40);
    expect(third).toMatchObject({ distributedItems: 0, repeatedItems: 40, nodeAssignments: {} });
    expect(await first.getClusterStatus()).toMatchObject({ totalWorkItems: 40, pendingWorkItems: 40 });
  });

  it('reports bad items with what was expected, and adds the others', async () => {
    const node = await createCluster().join('a');
    const good = { workId: 'good', city: 'Helsinki', url: 'https://example.org/' };

    const { failures, ...distribution } = await node.distributeWork([
      good,
      { ...good, city: 'Espoo' },
      { ...good, workId: '' },
      { ...good, workId: 'no page', url: 'example.org' },
      { ...good, workId: 'half a retry', maxRetries: 0.5 },
    ]);

    expect(distribution).toMatchObject({ totalWorkItems: 5, distributedItems: 1, failedItems: 4 });
    expect(failures).toEqual([
      { workId: 'good', reason: 'workId: expected one that comes once in a call, got one that comes again' },
      { workId: '', reason: 'workId: expected 1 to 200 characters, got ""' },
      { workId: 'no page', reason: 'url: expected an http or https URL, got "example.org"' },
      { workId: 'half a retry', reason: 'maxRetries: expected a whole number from 0 to 100, got 0.5' },
    ]);
  });

  it('takes any text for an id', async () => {
    const node = await createCluster().join('a:1');
    const workIds = ['1', '0', 'helsinki:1', 'Jyväskylä / 2', 'a%20b', 'a b'];

    await node.distributeWork(workIds.map((workId) => ({ workId, city: 'x', url: 'https://example.org/' })));

    expect(idsOf(await node.getWorkForNode('a:1', 10)).sort()).toEqual(workIds.sort());
  });
});

describe('taking work', () => {
  it('gives items with every field, highest priority first, first come first', async () => {
    const node = await createCluster().join('a');
    const priorities = [-5, undefined, 1, 9];
    const beforeMs = Date.now();
    await node.distributeWork(someItems(4).map((item, index) => ({ ...item, priority: priorities[index] })));

    const items = await node.getWorkForNode('a', 10);

    expect(idsOf(items)).toEqual(['Helsinki-4', 'Helsinki-2', 'Helsinki-3', 'Helsinki-1']);
    const { createdAt, startedAt, ...rest } = items[1] ?? only([]);
    expect(rest).toEqual({
      workId: 'Helsinki-2',
      city: 'Helsinki',
      url: 'https://example.org/2',
      priority: 1,
      maxRetries: 3,
      retryCount: 0,
      status: 'active',
      assignedNode: 'a',
      completedAt: null,
      errorMessage: null,
    });
    for (const time of [createdAt, startedAt ?? '']) {
      expect(new Date(time).toISOString()).toBe(time);
      expect(Date.parse(time)).toBeGreaterThanOrEqual(beforeMs);
    }
  });

  it('gives a node its own items, not those of other healthy nodes, and at most as many as asked for', async () => {
    const { join } = createCluster();
    const [a, b] = [await join('a'), await join('b')];
    const { nodeAssignments } = await a.distributeWork(someItems(8));

    const some = await a.getWorkForNode('a', 3);
    const more = await a.getWorkForNode('a', 100);

    expect(some).toHaveLength(3);
    expect(idsOf([...some, ...more])).toEqual(nodeAssignments['a']);
    expect(idsOf(await b.getActiveWorkForNode('a')).sort()).toEqual(idsOf([...some, ...more]).sort());
    expect(await b.getActiveWorkForNode('b')).toEqual([]);
  });

  it('lets anybody take what was handed out while no loop was known', async () => {
    const { node } = createCluster();
    const [producer, taker] = [node('producer'), node('taker')];
    const { nodeAssignments, distributedItems } = await producer.distributeWork(someItems(2));

    const items = await taker.getWorkForNode('taker', 5);

    expect({ nodeAssignments, distributedItems }).toEqual({ nodeAssignments: {}, distributedItems: 2 });
    expect(items.map(({ assignedNode }) => assignedNode)).toEqual(['taker', 'taker']);
  });

  it('gives what waits for a node that has left, fallen silent or is unhealthy to the others', async () => {
    const { join } = createCluster();
    const [stays, leaves, falls] = [await join('stays'), await join('leaves'), await join('falls')];
    await stays.distributeWork(someItems(9));
    await leaves.coordinateShutdown();
    falls.vanish();

    const taken: string[] = [];
    await vi.waitUntil(async () => {
      taken.push(...idsOf(await stays.getWorkForNode('stays', 9)));
      return taken.length === 9;
    }, patience);

    expect(new Set(taken).size).toBe(9);
    expect(await stays.getActiveWorkForNode('stays')).toHaveLength(9);
  });

  it('gives items of a process that is gone to another node while its heartbeat still counts', async () => {
    const { join } = createCluster();
    const slow = { heartbeatIntervalMs: 60_000 };
    const [stays, falls] = [await join('stays', slow), await join('falls', slow)];
    await stays.distributeWork(someItems(6));
    const held = await falls.getWorkForNode('falls', 2);
    falls.vanish();

    const own = await stays.getWorkForNode('stays', 10);
    const taken: WorkItem[] = [];
    await vi.waitUntil(async () => {
      taken.push(...(await stays.getWorkForNode('stays', 10)));
      return taken.length >= 2;
    }, patience);

    expect(own).toHaveLength(3);
    expect(idsOf(taken).sort()).toEqual(idsOf(held).sort());
    expect(taken.map(({ retryCount }) => retryCount)).toEqual([0, 0]);
    // What still waits for it is its own, until it misses three heartbeats.
    expect(await stays.getClusterStatus()).toMatchObject({ pendingWorkItems: 1, activeWorkItems: 5 });
  });

  it('keeps an item as long as its process lives, longer than a lock', async () => {
    const { join } = createCluster();
    const quick = { timing: { lockDurationMs: 600, stalledIntervalMs: 50 } };
    const [holder, other] = [await join('holder', quick), await join('other', quick)];
    await holder.distributeWork(someItems(2));
    const item = only(await holder.getWorkForNode('holder', 1));

    const until = Date.now() + 1_500;
    const stolen: WorkItem[] = [];
    await vi.waitUntil(async () => {
      stolen.push(...(await other.getWorkForNode('other', 5)));
      return Date.now() > until;
    }, patience);

    expect(idsOf(stolen)).not.toContain(item.workId);
    expect(await holder.completeWorkItem(item)).toMatchObject({ status: 'completed' });
  });

  it('refuses a count that is none', async () => {
    const node = createCluster().node('a');

    await expect(node.getWorkForNode('a', 0)).rejects.toThrow('expected a whole number of 1 or more, got 0');
  });
});

describe('settling work', () => {
  it('completes an item once, and remembers it so that its id adds nothing', async () => {
    const node = await createCluster().join('a');
    await node.distributeWork(someItems(1));
    const item = only(await node.getWorkForNode('a', 1));

    const completed = await node.completeWorkItem(item);

    expect(completed).toMatchObject({ status: 'completed', retryCount: 0, errorMessage: null });
    expect(Date.parse(completed.completedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(item.startedAt ?? ''));
    await expect(node.completeWorkItem(item)).rejects.toMatchObject({ code: 'WORK_ITEM_LOST' });
    await expect(node.failWorkItem(item, 'late')).rejects.toMatchObject({ code: 'WORK_ITEM_LOST' });
    expect(await node.distributeWork(someItems(1))).toMatchObject({ distributedItems: 0, repeatedItems: 1 });
    expect(await node.getClusterStatus()).toMatchObject({ totalWorkItems: 1, completedWorkItems: 1 });
  });

  it('tries a failed item again after waits that double up to their limit, then fails it and keeps it', async () => {
    const node = await createCluster().join('a');
    await node.distributeWork(someItems(1));
    const ends: WorkItem[] = [];
    const waitsMs: number[] = [];
    let failedAtMs = 0;

    await vi.waitUntil(async () => {
      const [item] = await node.getWorkForNode('a', 1);
      if (item === undefined) return false;
      if (failedAtMs > 0) waitsMs.push(Date.now() - failedAtMs);
      failedAtMs = Date.now();
      ends.push(await node.failWorkItem(item, new Error(`try ${ends.length + 1}`)));
      return ends.at(-1)?.status === 'failed';
    }, patience);

    expect(ends.map(({ status, retryCount, errorMessage }) => [status, retryCount, errorMessage])).toEqual([
      ['retrying', 1, 'try 1'],
      ['retrying', 2, 'try 2'],
      ['retrying', 3, 'try 3'],
      ['failed', 3, 'try 4'],
    ]);
    for (const [index, leastMs] of [40, 80, 100].entries()) expect(waitsMs[index]).toBeGreaterThanOrEqual(leastMs - 2);
    expect(await node.getWorkForNode('a', 1)).toEqual([]);
    expect(await node.getClusterStatus()).toMatchObject({ totalWorkItems: 1, failedWorkItems: 1 });
    expect(await node.distributeWork(someItems(1))).toMatchObject({ repeatedItems: 1 });
  });

  it('hands the items whose wait is over to whoever asks for the retry queue, each once', async () => {
    const { join } = createCluster();
    const backoff = { baseMs: 300, maxMs: 300 };
    const node = await join('a', { backoff });
    await node.distributeWork(someItems(3));
    for (const item of await node.getWorkForNode('a', 3)) await node.failWorkItem(item, 'no answer');
    const early = await node.processRetryQueue();

    const due: WorkItem[] = [];
    await vi.waitUntil(async () => {
      due.push(...(await node.processRetryQueue()));
      return due.length >= 3;
    }, patience);

    expect(early).toEqual([]);
    expect(due.map(({ status, retryCount }) => [status, retryCount])).toEqual(Array(3).fill(['pending', 1]));
    expect(await node.processRetryQueue()).toEqual([]);
    expect(idsOf(await node.getWorkForNode('a', 9)).sort()).toEqual(idsOf(due).sort());
  });

  it('takes an item back without using a retry, at once or after a while', async () => {
    const node = await createCluster().join('a');
    await node.distributeWork(someItems(1).map((item) => ({ ...item, maxRetries: 0 })));

    const returned = await node.returnWorkItem(only(await node.getWorkForNode('a', 1)));
    const later = await node.returnWorkItem(only(await node.getWorkForNode('a', 1)), { delayMs: 60 });
    const meanwhile = await node.getWorkForNode('a', 1);
    const again = await vi.waitUntil(async () => (await node.getWorkForNode('a', 1))[0], patience);

    expect([returned.status, later.status, meanwhile]).toEqual(['pending', 'pending', []]);
    expect(again).toMatchObject({ retryCount: 0, status: 'active' });
    expect(await node.completeWorkItem(again)).toMatchObject({ status: 'completed' });
  });

  it('does not let a node settle what another one has taken over, and tells it so', async () => {
    const { join, prefix } = createCluster();
    const [slow, quick] = [await join('slow'), await join('quick')];
    await slow.distributeWork(someItems(2));
    const item = only(await slow.getWorkForNode('slow', 1));
    // Another token in the lock: what a node finds when it hung for longer than its lock.
    const key = `${prefix}:work-slow:item.${item.workId}:lock`;
    await connection().set(key, 'somebody else', 'PX', 50);

    await vi.waitUntil(() => slow.lost.length > 0, patience);
    const taken: WorkItem[] = [];
    await vi.waitUntil(async () => {
      taken.push(...(await quick.getWorkForNode('quick', 5)));
      return idsOf(taken).includes(item.workId);
    }, patience);

    expect(slow.lost).toEqual([item.workId]);
    await expect(slow.completeWorkItem(item)).rejects.toMatchObject({ code: 'WORK_ITEM_LOST' });
    expect(await quick.completeWorkItem(item)).toMatchObject({ status: 'completed', assignedNode: 'quick' });
  });
});

describe('what cannot be done', () => {
  it('fails an item that has cost too many processes, and a job that is none, without handing them out', async () => {
    const { join, prefix } = createCluster();
    const node = await join('a');
    await node.distributeWork(someItems(3));
    const jobKey = (workId: string) => `${prefix}:work-a:item.${workId}`;
    await connection().hset(jobKey('Helsinki-1'), 'defa', 'job stalled more than allowable limit');
    await connection().hset(jobKey('Helsinki-2'), 'data', '{"from":"elsewhere"}');

    const items = await node.getWorkForNode('a', 5);

    expect(idsOf(items)).toEqual(['Helsinki-3']);
    expect(await node.getClusterStatus()).toMatchObject({ totalWorkItems: 3, activeWorkItems: 1, failedWorkItems: 2 });
  });

  it('waits for a Redis that comes back, and goes on with what it had', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oikotie-redis-'));
    const extra = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];
    let server = await startRedisServer({ extra });
    const { port } = server;
    const redis = connectRedis({ target: redisAt(port), name: 'test', log: silentLog });
    const node = createCoordinatorCluster(() => redis).node('a', {
      timing: { lockDurationMs: 30_000, stalledIntervalMs: 100 },
    });
    onTestFinished(async () => {
      await node.coordinateShutdown();
      redis.disconnect();
      await server.kill();
      rmSync(folder, { recursive: true });
    });
    await node.distributeWork(someItems(2));
    const item = only(await node.getWorkForNode('a', 1));
    await server.kill();

    const completing = node.completeWorkItem(item);
    server = await startRedisServer({ extra, port });

    expect(await completing).toMatchObject({ status: 'completed' });
    expect(await node.getWorkForNode('a', 5)).toHaveLength(1);
  });
});

describe('work locks', () => {
  it('have one owner at a time, and only that one releases them', async () => {
    const { node } = createCluster();
    const [a, b] = [node('a'), node('b')];

    expect([await a.acquireWorkLock('x'), await b.acquireWorkLock('x'), await a.acquireWorkLock('x')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await b.releaseWorkLock('x'), await b.acquireWorkLock('x')]).toEqual([false, false]);
    expect([await a.releaseWorkLock('x'), await a.releaseWorkLock('x')]).toEqual([true, false]);
    expect([await b.acquireWorkLock('x'), await b.acquireWorkLock('y')]).toEqual([true, true]);
  });

  it('end with their time, and the one who had it does not release that of the next', async () => {
    const { node } = createCluster();
    const [a, b] = [node('a', { lockTtlMs: 50 }), node('b')];
    await a.acquireWorkLock('x');

    await vi.waitUntil(() => b.acquireWorkLock('x'), patience);

    expect(await a.releaseWorkLock('x')).toBe(false);
    expect(await a.acquireWorkLock('x')).toBe(false);
    expect(await b.releaseWorkLock('x')).toBe(true);
  });
});

describe('a shutdown', () => {
  it('gives everything back at once without using a retry, and leaves', async () => {
    const { join } = createCluster();
    const [leaves, stays] = [await join('leaves'), await join('stays')];
    await leaves.distributeWork(someItems(6));
    const held = await leaves.getWorkForNode('leaves', 2);
    await leaves.acquireWorkLock('x');

    const report = await leaves.coordinateShutdown();

    expect(report).toEqual({ returnedItems: 2, releasedLocks: 1 });
    expect(await leaves.coordinateShutdown()).toBe(report);
    expect(await stays.getClusterStatus()).toMatchObject({ totalNodes: 1, pendingWorkItems: 6, activeWorkItems: 0 });
    expect(await stays.acquireWorkLock('x')).toBe(true);
    const taken: WorkItem[] = [];
    await vi.waitUntil(async () => {
      taken.push(...(await stays.getWorkForNode('stays', 10)));
      return taken.length >= 6;
    }, patience);
    expect(idsOf(taken)).toEqual(expect.arrayContaining(idsOf(held)));
    expect(taken.every(({ retryCount }) => retryCount === 0)).toBe(true);
    await expect(leaves.getWorkForNode('leaves', 1)).rejects.toMatchObject({ code: 'COORDINATOR_CLOSED' });
    await expect(leaves.distributeWork([])).rejects.toMatchObject({ code: 'COORDINATOR_CLOSED' });
  });
});

describe('nodes', () => {
  it('show themselves with their state and work; what waits for a silent one is with those that would take it', async () => {
    const { join, prefix } = createCluster();
    const [a, b] = [await join('a'), await join('b', { cpuPercent: 70 })];
    const gone = await join('gone');
    await a.distributeWork(someItems(6));
    await a.getWorkForNode('a', 1);
    gone.vanish();

    await vi.waitUntil(async () => {
      const { offlineNodes, degradedNodes } = await a.getClusterStatus();
      return offlineNodes === 1 && degradedNodes === 1;
    }, patience);
    const status = await b.getClusterStatus();
    await connection().del(`${prefix}:node_health:gone`);
    const later = await b.getClusterStatus();

    expect(status).toMatchObject({ totalNodes: 3, healthyNodes: 1, degradedNodes: 1, offlineNodes: 1 });
    expect(status).toMatchObject({
      totalWorkItems: 6,
      pendingWorkItems: 5,
      activeWorkItems: 1,
      unassignedWorkItems: 0,
    });
    expect(status.nodes).toMatchObject({
      a: { status: 'healthy', role: 'loop', cpuPercent: 1, pendingWork: 2, activeWork: 1 },
      b: { status: 'degraded', pendingWork: 3, activeWork: 0 },
      gone: { status: 'offline', pendingWork: 0, activeWork: 0 },
    });
    expect(Object.keys(later.nodes)).toEqual(['a', 'b']);
    expect(later).toMatchObject({ totalWorkItems: 6, pendingWorkItems: 5 });
    expect(await a.getHealthyNodes()).toEqual(['a']);
  });

  it('refuse a name that another living process has', async () => {
    const { join, node } = createCluster();
    await join('a');

    await expect(node('a').startHealthMonitoring()).rejects.toMatchObject({ code: 'NODE_ID_TAKEN' });
  });

  it('take nothing new once they were asked to drain', async () => {
    const { join, prefix } = createCluster();
    const [asked, other] = [await join('asked'), await join('other')];
    await other.distributeWork(someItems(4));
    await connection().hset(`${prefix}:node_health:asked`, 'drain_requested', '1');

    await vi.waitUntil(() => asked.isDraining, patience);

    expect(await asked.getWorkForNode('asked', 5)).toEqual([]);
    expect(await other.getWorkForNode('other', 5)).toHaveLength(2);
  });
});
