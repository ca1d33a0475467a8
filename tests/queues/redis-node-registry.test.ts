import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import type { NodeHeartbeat, NodeRegistry } from '../../queues/node-registry.ts';
import type { ProcessIdentity } from '../../queues/process-identity.ts';
import { isGone, thisProcess } from '../../queues/process-identity.ts';
import { createRedisNodeRegistry } from '../../queues/redis-node-registry.ts';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { hasRedisServer, silentLog, useRedis } from './redis-server.ts';

const never = new AbortController().signal;
const patience = { timeout: 20_000, interval: 10 };
const elsewhere: ProcessIdentity = { machine: 'elsewhere', pid: 1, startedAtTick: '1' };

function heartbeatOf(nodeId: string, more: Partial<NodeHeartbeat> = {}): NodeHeartbeat {
  return {
    nodeId,
    role: 'worker',
    health: 'healthy',
    version: '1.2.3',
    cities: ['Helsinki', 'Jyväskylä'],
    isDraining: false,
    startedAtUtc: '2026-11-25T06:00:00.000Z',
    cpuPercent: 12.5,
    memoryPercent: 40,
    diskPercent: 61,
    activeJobs: 3,
    errorCount: 1,
    warningCount: 2,
    ...more,
  };
}

describe.skipIf(!hasRedisServer)('nodes in Redis', () => {
  const redis = useRedis();
  let deployments = 0;

  /** Registries of processes of their own in one new deployment. */
  function createDeployment(intervalMs = 60_000) {
    deployments += 1;
    const prefix = `{test-${deployments}}`;
    const registryOf = (identity?: ProcessIdentity, clock: Clock = systemClock): NodeRegistry =>
      createRedisNodeRegistry({
        redis: redis(),
        prefix,
        heartbeatIntervalMs: intervalMs,
        newToken: randomUUID,
        clock,
        log: silentLog,
        ...(identity === undefined ? {} : { identity }),
      });
    return { prefix, registryOf };
  }

  it('shows every node as it last told of itself', async () => {
    const { registryOf } = createDeployment();
    const [one, two] = [registryOf(), registryOf()];

    await one.join(heartbeatOf('worker-10'), never);
    await two.join(heartbeatOf('worker-9', { role: 'store', cities: [] }), never);
    await one.beat(heartbeatOf('worker-10', { health: 'degraded', cpuPercent: 81.4, isDraining: true }));
    const nodes = await two.list();

    expect(nodes).toMatchObject([
      { ...heartbeatOf('worker-9', { role: 'store', cities: [] }), status: 'healthy' },
      {
        ...heartbeatOf('worker-10', { health: 'degraded', cpuPercent: 81.4, isDraining: true }),
        status: 'degraded',
      },
    ]);
    expect(Math.abs(Date.parse(nodes[0]?.lastHeartbeatUtc ?? '') - Date.now())).toBeLessThan(60_000);
  });

  it('keeps the published fields under node_health, for five minutes', async () => {
    const { prefix, registryOf } = createDeployment();

    await registryOf().join(heartbeatOf('worker-1'), never);
    const fields = await redis().hgetall(`${prefix}:node_health:worker-1`);
    const seconds = await redis().ttl(`${prefix}:node_health:worker-1`);

    expect(fields).toMatchObject({ status: 'healthy', cpu_percent: '12.5', memory_percent: '40', disk_percent: '61' });
    expect(fields).toMatchObject({ active_jobs: '3', error_count: '1', warning_count: '2', version: '1.2.3' });
    expect(fields['cities']).toBe('["Helsinki","Jyväskylä"]');
    expect(seconds).toBeGreaterThan(240);
    expect(seconds).toBeLessThanOrEqual(300);
  });

  it('refuses a name that another living process has, and says what to do', async () => {
    const { registryOf } = createDeployment();
    const first = registryOf();
    await first.join(heartbeatOf('worker-1'), never);

    const second = registryOf().join(heartbeatOf('worker-1'), never);

    await expect(second).rejects.toMatchObject({
      code: 'NODE_ID_TAKEN',
      message: expect.stringMatching(/^node worker-1: expected a name of its own, got .* set NODE_ID to another name$/),
    });
    await first.beat(heartbeatOf('worker-1'));
  });

  it('refuses the name of a process that lives on this machine however long it has been silent', async () => {
    const { registryOf } = createDeployment(1);
    const first = registryOf();
    await first.join(heartbeatOf('worker-1'), never);
    await vi.waitUntil(async () => (await first.list())[0]?.status === 'offline', patience);

    await expect(registryOf().join(heartbeatOf('worker-1'), never)).rejects.toMatchObject({ code: 'NODE_ID_TAKEN' });
  });

  it('gives one of many that ask for a name at once the name', async () => {
    const { registryOf } = createDeployment();

    const joins = Array.from({ length: 20 }, () => registryOf().join(heartbeatOf('worker-1'), never));
    const ends = await Promise.allSettled(joins);

    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('gives the name of a killed process to the next one on its machine at once', async () => {
    const { registryOf } = createDeployment();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(') ')[1] ?? '';
    const identity = { ...thisProcess(), pid: other.pid ?? 0, startedAtTick: stat.split(' ')[19] ?? '' };
    const lost = registryOf(identity);
    await lost.join(heartbeatOf('worker-1'), never);
    const next = registryOf();

    const whileItLives = await next.join(heartbeatOf('worker-1'), never).catch((error: unknown) => error);
    other.kill('SIGKILL');
    await once(other, 'exit');
    await next.join(heartbeatOf('worker-1'), never);

    expect(whileItLives).toMatchObject({ code: 'NODE_ID_TAKEN' });
    await expect(lost.beat(heartbeatOf('worker-1'))).rejects.toMatchObject({ code: 'NODE_ID_TAKEN' });
    await lost.leave('worker-1');
    expect(await next.list()).toMatchObject([{ nodeId: 'worker-1' }]);
  });

  it('knows a process that has the number of one that is gone', () => {
    const self = thisProcess();

    expect(isGone(self)).toBe(false);
    expect(isGone({ ...self, startedAtTick: '1' })).toBe(true);
    expect(isGone({ ...self, machine: 'elsewhere', startedAtTick: '1' })).toBe(false);
  });

  it('waits for a silent node elsewhere until it has missed three heartbeats, then takes its name', async () => {
    const { registryOf } = createDeployment(100);
    await registryOf(elsewhere).join(heartbeatOf('worker-1', { version: 'old' }), never);
    const next = registryOf();

    await next.join(heartbeatOf('worker-1', { version: 'new' }), never);

    expect(await next.list()).toMatchObject([{ version: 'new', status: 'healthy' }]);
  });

  it('refuses the name of a node elsewhere as soon as that gives a sign of life', async () => {
    const { registryOf } = createDeployment(60_000);
    const living = registryOf(elsewhere);
    await living.join(heartbeatOf('worker-1'), never);

    const joining = registryOf().join(heartbeatOf('worker-1'), never);
    const refused = joining.catch((error: unknown) => error);
    const beats = setInterval(() => void living.beat(heartbeatOf('worker-1')), 50);

    expect(await refused).toMatchObject({ code: 'NODE_ID_TAKEN' });
    clearInterval(beats);
  });

  it('believes a node elsewhere to be there while it asks whether it is to drain, whatever its heartbeats', async () => {
    const { prefix, registryOf } = createDeployment(60_000);
    const living = registryOf(elsewhere);
    await living.join(heartbeatOf('worker-1'), never);
    await living.isDrainRequested('worker-1');
    const before = await redis().hget(`${prefix}:node_health:worker-1`, 'seen_at_ms');

    const refused = registryOf()
      .join(heartbeatOf('worker-1'), never)
      .catch((error: unknown) => error);
    const asks = setInterval(() => void living.isDrainRequested('worker-1'), 50);

    expect(await refused).toMatchObject({ code: 'NODE_ID_TAKEN' });
    clearInterval(asks);
    expect(Number(await redis().hget(`${prefix}:node_health:worker-1`, 'seen_at_ms'))).toBeGreaterThan(Number(before));
  });

  it('takes the name of a node elsewhere that has stopped asking long before its heartbeats are missed', async () => {
    const clock = createFakeClock(0);
    const { registryOf } = createDeployment(60_000);
    const gone = registryOf(elsewhere);
    await gone.join(heartbeatOf('worker-1', { version: 'old' }), never);
    await gone.isDrainRequested('worker-1');
    const next = registryOf(thisProcess(), clock);
    let hasJoined = false;

    const joining = next.join(heartbeatOf('worker-1', { version: 'new' }), never).then(() => {
      hasJoined = true;
    });
    await vi.waitUntil(async () => {
      await clock.advance(250);
      return hasJoined;
    }, patience);
    await joining;

    expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    expect(await next.list()).toMatchObject([{ version: 'new' }]);
  });

  it('ends the wait for a name when it is told to', async () => {
    const { registryOf } = createDeployment();
    await registryOf(elsewhere).join(heartbeatOf('worker-1'), never);
    const stop = new AbortController();

    const joining = registryOf().join(heartbeatOf('worker-1'), stop.signal);
    stop.abort(new Error('stopped'));

    await expect(joining).rejects.toThrow();
  });

  it('shows a node offline that has missed three heartbeats, and healthy again after the next', async () => {
    const { registryOf } = createDeployment(200);
    const registry = registryOf();
    await registry.join(heartbeatOf('worker-1'), never);

    await vi.waitUntil(async () => (await registry.list())[0]?.status === 'offline', patience);
    await registry.beat(heartbeatOf('worker-1'));

    expect(await registry.list()).toMatchObject([{ status: 'healthy', health: 'healthy' }]);
  });

  it('forgets a node whose record has ended, and takes it back with its next heartbeat', async () => {
    const { prefix, registryOf } = createDeployment();
    const registry = registryOf();
    await registry.join(heartbeatOf('worker-1'), never);

    await redis().pexpire(`${prefix}:node_health:worker-1`, 1);
    await vi.waitUntil(async () => (await registry.list()).length === 0, patience);
    const names = await redis().zcard(`${prefix}:nodes`);
    await registry.beat(heartbeatOf('worker-1'));

    expect(names).toBe(0);
    expect(await registry.list()).toHaveLength(1);
  });

  it('takes out a node that leaves, and frees its name', async () => {
    const { registryOf } = createDeployment();
    const first = registryOf();
    await first.join(heartbeatOf('worker-1'), never);

    await first.leave('worker-1');
    const left = await first.list();
    await registryOf().join(heartbeatOf('worker-1'), never);

    expect(left).toEqual([]);
  });

  it('carries a request to drain to its node until that has gone', async () => {
    const { registryOf } = createDeployment();
    const [node, operator] = [registryOf(), registryOf()];
    await node.join(heartbeatOf('worker-1'), never);

    const before = await node.isDrainRequested('worker-1');
    const isKnown = await operator.requestDrain('worker-1');
    await node.beat(heartbeatOf('worker-1'));
    const after = await node.isDrainRequested('worker-1');
    await node.leave('worker-1');
    await node.join(heartbeatOf('worker-1'), never);

    expect([before, isKnown, after]).toEqual([false, true, true]);
    expect(await node.isDrainRequested('worker-1')).toBe(false);
    expect(await operator.isDrainRequested('worker-1')).toBe(false);
    expect(await operator.requestDrain('worker-2')).toBe(false);
  });
});
