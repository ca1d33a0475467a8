/**
 * Every kind of Redis that the configuration can name, each with real servers and with processes of the built program:
 * a whole run on it, a loss it comes back from, and what is said when it does not let us in.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBullMqEngine } from '../../queues/bullmq-engine.ts';
import { connectRedis } from '../../queues/redis-connection.ts';
import { checkRedisFitness } from '../../queues/redis-fitness.ts';
import { probeRedis } from '../../queues/redis-probe.ts';
import type { RedisTarget } from '../../queues/redis-target.ts';
import { systemClock } from '../../src/clock.ts';
import type { AnyJobHandler } from '../../src/jobs/job.ts';
import { createLog } from '../../src/log.ts';
import { untilAsked } from '../cli/cluster-place.ts';
import type { Ended } from '../cli/oikotie-process.ts';
import { processTime } from '../cli/oikotie-process.ts';
import type { Workplace } from '../cli/workplace.ts';
import { createWorkplace } from '../cli/workplace.ts';
import { contractRetry } from './engine-contract.ts';
import { silentLog } from './redis-server.ts';
import type { ClusterOfRedis, SentinelPlace, TlsPlace } from './redis-topologies.ts';
import { leastUser, startRedisCluster, startSentinel, startTlsRedis } from './redis-topologies.ts';

/** As the processes are told of the user. */
const credentials = { REDIS_USERNAME: leastUser.username, REDIS_PASSWORD: leastUser.password };
const local = { username: null, password: null, tls: null };
const leastAccess = { ...leastUser, tls: null };

async function placeWith(coordination: object, listings = 3): Promise<Workplace> {
  const quick = { job_lock_seconds: 6, stalled_check_seconds: 2 };
  const place = await createWorkplace({
    helsinki: listings,
    requestsPerSecond: 20,
    globalSettings: { cluster_coordination: { ...quick, ...coordination } },
  });
  onTestFinished(place.close);
  return place;
}

/** A store, a worker and a run, each its own process; gives back how they ended. */
async function runWhole(
  place: Workplace,
  environment: Readonly<Record<string, string>> = {},
  meanwhile = async () => {},
) {
  const role = (name: string) => place.start([name], { environment: { ...environment, NODE_ID: name } });
  const roles = [role('store'), role('worker')];
  const running = place.start(['run', '--require-cluster', '--json'], { environment });
  await meanwhile();
  const run = await running.ended;
  for (const { child } of roles) child.kill('SIGTERM');
  return { run, roles: await Promise.all(roles.map(({ ended }) => ended)) };
}

function textOf(...ended: readonly Ended[]): string {
  return ended.map(({ stdout, stderr }) => stdout + stderr).join('\n');
}

describe('a Redis behind TLS that lets in only its user', processTime, () => {
  let redis: TlsPlace;
  beforeAll(async () => {
    redis = await startTlsRedis();
  });
  afterAll(() => redis.close());

  const coordination = () => ({ redis_url: `rediss://127.0.0.1:${redis.port}`, redis_ca_file: redis.caFile });

  it('carries a run with the rights that docs/redis.md gives, and keeps the password to itself', async () => {
    const place = await placeWith(coordination());

    const { run, roles } = await runWhole(place, credentials);

    expect(run).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'completed', new: 3 });
    expect(roles.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(await redis.admin.acl('LOG')).toEqual([]);
    expect(textOf(run, ...roles)).not.toContain(leastUser.password);
    for (const key of await redis.admin.keys('*')) {
      expect((await redis.admin.dumpBuffer(key))?.includes(leastUser.password), key).toBe(false);
    }
  });

  it('gives its user nothing but its own keys', async () => {
    const client = redis.admin.duplicate(leastUser);
    onTestFinished(() => client.disconnect());

    await expect(client.get('other')).rejects.toThrow(/NOPERM/);
    await expect(client.keys('*')).rejects.toThrow(/NOPERM/);
    await expect(client.flushall()).rejects.toThrow(/NOPERM/);
    await expect(client.config('GET', '*')).rejects.toThrow(/NOPERM/);
    expect(await client.set('{scraper}:own', '1', 'EX', 1)).toBe('OK');
  });

  it('ends a command with a wrong password by one sentence without it', async () => {
    const place = await placeWith(coordination());
    const environment = { REDIS_USERNAME: leastUser.username, REDIS_PASSWORD: 'not-the-password' };

    const ended = await Promise.all(
      [['run', '--cluster'], ['worker'], ['breaker', 'list']].map((args) => place.oikotie(args, { environment })),
    );

    expect(ended.map(({ exitCode }) => exitCode)).toEqual([3, 3, 3]);
    for (const { stderr } of ended) {
      expect(stderr).toMatch(/WRONGPASS.*check REDIS_USERNAME and REDIS_PASSWORD/);
      expect(stderr).not.toMatch(/^ +at /m);
    }
    expect(textOf(...ended)).not.toContain('not-the-password');
  });

  it('is named untrusted when its authority is not, with the setting that helps', async () => {
    const place = await placeWith({ redis_url: coordination().redis_url });
    const environment = credentials;
    const worker = place.start(['worker'], { environment });

    const run = await place.oikotie(['run', '--require-cluster'], { environment });
    await vi.waitUntil(() => worker.stderrSoFar().includes('redis_ca_file'), processTime);
    worker.child.kill('SIGTERM');
    const ended = await worker.ended;

    expect(run).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/certificate.*; set redis_ca_file/) });
    expect(ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Redis is away') });
    expect(textOf(run, ended)).not.toContain(leastUser.password);
  });
});

describe('a Redis Cluster of three nodes', processTime, () => {
  let redis: ClusterOfRedis;
  beforeAll(async () => {
    redis = await startRedisCluster();
  });
  afterAll(() => redis.close());

  const addresses = () => redis.ports.map((port) => `127.0.0.1:${port}`);
  const target = (): RedisTarget => ({
    kind: 'cluster',
    nodes: redis.ports.slice(0, 1).map((port) => ({ host: '127.0.0.1', port })),
    ...leastAccess,
  });

  it('carries a run, also when the node that has its keys dies in the middle and comes back', async () => {
    const place = await placeWith({ redis_cluster_nodes: addresses().slice(0, 2) }, 20);

    const { run, roles } = await runWhole(place, credentials, async () => {
      await untilAsked(place, 5);
      await redis.restart(redis.ownerPort);
    });

    expect({ exitCode: run.exitCode, stderr: run.stderr }).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'completed', new: 20, failed: 0 });
    expect(roles.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  it('is probed and judged node by node', async () => {
    const connection = connectRedis({ target: target(), name: 'test', log: silentLog });
    onTestFinished(() => connection.disconnect());

    expect(await probeRedis({ target: target() })).toMatchObject({ kind: 'ok' });
    const { refusals } = await checkRedisFitness(connection);

    expect(refusals).toEqual([]);
  });

  it('is unreachable in a sentence when no node answers', async () => {
    const nowhere: RedisTarget = { kind: 'cluster', nodes: [{ host: '127.0.0.1', port: 1 }], ...local };

    expect(await probeRedis({ target: nowhere })).toEqual({
      kind: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('a Redis behind a Sentinel', processTime, () => {
  let redis: SentinelPlace;
  beforeAll(async () => {
    redis = await startSentinel();
  });
  afterAll(() => redis.close());

  const target = (master = redis.masterName): RedisTarget => ({
    kind: 'sentinel',
    sentinels: [{ host: '127.0.0.1', port: redis.sentinelPort }],
    master,
    sentinelPassword: redis.sentinelPassword,
    ...local,
  });

  it('goes on after a failover, with what it had before', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
    const connection = connectRedis({ target: target(), name: 'test', log });
    const listing = { kind: 'listing', run: vi.fn(async () => ({ followUps: [] })), onGivenUp: () => [] } as const;
    const engine = startEngine(connection, [listing]);
    onTestFinished(async () => {
      await engine.stop(0);
      connection.disconnect();
    });
    await engine.add({ id: 'run.listing.1', kind: 'listing', queue: 'crawl-testcity', payload: {} });
    expect(await engine.settled('run.listing.1')).toBe('completed');
    const before = await redis.masterPort();

    await redis.failOver();
    await engine.add({ id: 'run.listing.2', kind: 'listing', queue: 'crawl-testcity', payload: {} });

    expect(await engine.settled('run.listing.2')).toBe('completed');
    expect(await redis.masterPort()).not.toBe(before);
    expect(listing.run).toHaveBeenCalledTimes(2);
    expect(lines.join('')).not.toContain(redis.sentinelPassword);
  });

  it('is reached by the processes that the configuration tells of it', async () => {
    const place = await placeWith({
      redis_sentinels: [`127.0.0.1:${redis.sentinelPort}`],
      redis_sentinel_master: redis.masterName,
    });
    const environment = { REDIS_SENTINEL_PASSWORD: redis.sentinelPassword };

    const doctor = await place.oikotie(['doctor'], { environment });
    const config = await place.oikotie(['config'], { environment });

    expect(doctor.stdout).toMatch(new RegExp(`oikotie of Sentinel 127.0.0.1:${redis.sentinelPort} answers`));
    expect(config.stdout).toMatch(/redis_sentinel_password +environment REDIS_SENTINEL_PASSWORD +"\[hidden\]"/);
  });

  it('says that a Sentinel does not know the master, and that it wants a password', async () => {
    expect(await probeRedis({ target: target('nobody') })).toEqual({
      kind: 'refused',
      message: expect.stringContaining('check redis_sentinel_master'),
    });
    const withoutPassword = { ...target(), sentinelPassword: null } as RedisTarget;
    expect(await probeRedis({ target: withoutPassword })).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/NOAUTH.*redis_sentinel_password/),
    });
  });
});

function startEngine(redis: ReturnType<typeof connectRedis>, handlers: readonly AnyJobHandler[]) {
  return createBullMqEngine({
    redis,
    prefix: '{scraper}',
    takesFrom: ['crawl-testcity'],
    handlers,
    batchHandler: null,
    settingsOf: () => ({ concurrency: 2 }),
    decideRetry: contractRetry,
    isAlreadySettled: () => false,
    fatalKinds: new Set(),
    clock: systemClock,
    nodeId: 'node',
    log: silentLog,
    timing: { pollIntervalMs: 25 },
  });
}
