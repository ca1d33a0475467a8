/**
 * `oikotie scheduler` as a real process on a real Redis, with what `oikotie schedule` shows and changes: a run that nobody
 * starts by hand, a pause, and what a person reads of it.
 */
import { PassThrough } from 'node:stream';
import type { TestContext } from 'vitest';
import { describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import { connectRedis } from '../../queues/redis-connection.ts';
import { silentLog as log, redisAt, startRedis } from '../queues/redis-server.ts';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const patience = { timeout: 60_000, interval: 50 };

interface Cluster extends Workplace {
  readonly redis: RedisConnection;
  /** Runs `oikotie schedule …` in this process: starting one takes longer than what it does. */
  readonly schedule: (...args: readonly string[]) => Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** What `schedule list --json` says. */
  readonly list: () => Promise<{ readonly days: readonly Readonly<Record<string, unknown>>[] }>;
}

async function createCluster({ onTestFinished }: TestContext, pattern: string): Promise<Cluster> {
  const port = await startRedis();
  const redis = connectRedis({ target: redisAt(port), name: 'test', log });
  const globalSettings = { schedule: { pattern }, cluster_coordination: { redis_url: `redis://127.0.0.1:${port}` } };
  const place = await createWorkplace({ helsinki: 5, globalSettings });
  onTestFinished(async () => {
    redis.disconnect();
    await place.close();
  });
  const schedule: Cluster['schedule'] = async (...args) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const io = { stdout, stderr, signal: new AbortController().signal };
    const exitCode = await createProgram(io, '').run(['schedule', ...args, '--config', place.configPath]);
    const texts = [stdout, stderr].map((stream) => String(stream.read() ?? ''));
    expect({ exitCode, texts }).toMatchObject({ exitCode: 0 });
    return { stdout: texts[0] ?? '', stderr: texts[1] ?? '' };
  };
  return { ...place, redis, schedule, list: async () => JSON.parse((await schedule('list', '--json')).stdout) };
}

describe('a scheduler', processTime, () => {
  it('has the run of the day done by the others without anybody starting it, and ends cleanly', async (context) => {
    const cluster = await createCluster(context, '*/2 * * * * *');
    const before = await cluster.schedule('list');
    const roles = ['store', 'worker', 'scheduler'].map((role) =>
      cluster.start([role], { environment: { NODE_ID: `${role}-1` } }),
    );

    await vi.waitUntil(async () => (await cluster.redis.keys('*:result')).length > 0, patience);
    const after = await cluster.oikotie(['schedule', 'list']);
    const { days } = await cluster.list();
    for (const { child } of roles) child.kill('SIGTERM');
    const ended = await Promise.all(roles.map((role) => role.ended));

    expect(before.stdout).toMatch(
      /^pattern {4}\*\/2 \* \* \* \* \* in Europe\/Helsinki \(configured, not set up yet\)\n/,
    );
    expect(before.stdout).toContain('scheduler  none is running; start one with: oikotie scheduler\n');
    expect(before.stdout).toContain('\nNo day is on record yet.\n');
    expect(after.stdout).toMatch(/^pattern {4}\*\/2 \* \* \* \* \* in Europe\/Helsinki\n/);
    expect(after.stdout).toMatch(/^scheduler {2}scheduler-1$/m);
    expect(after.stdout).toMatch(/^\w{3} \d{4}-\d\d-\d\d {2}run on time {2}.* daily-\d{4}-\d\d-\d\d$/m);
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const [run] = days;
    expect(await cluster.sql('select execution_id, nominal_day, status, new from executions')).toEqual([
      { execution_id: run?.['executionId'], nominal_day: run?.['day'], status: 'completed', new: 5 },
    ]);
  });

  it('starts nothing while the schedule is paused, and the run of today as soon as it is resumed', async (context) => {
    const cluster = await createCluster(context, '* * * * * *');
    const pauses = [await cluster.schedule('pause'), await cluster.schedule('pause')];
    const scheduler = cluster.start(['scheduler']);
    await vi.waitUntil(async () => (await cluster.list()).days.length > 0, { ...patience, interval: 200 });
    const paused = await cluster.list();
    const next = await cluster.schedule('next', '--count', '2');

    const resumed = await cluster.schedule('resume');
    await vi.waitUntil(async () => (await cluster.list()).days[0]?.['outcome'] === 'ran', patience);
    const again = await cluster.schedule('resume');
    const runNow = await cluster.schedule('run-now');
    scheduler.child.kill('SIGTERM');

    expect(pauses.map(({ stdout }) => stdout)).toEqual([
      expect.stringMatching(/^The schedule is paused: no run starts by itself until "oikotie schedule resume"/),
      'The schedule was paused already; resume it with: oikotie schedule resume\n',
    ]);
    expect(pauses[0]?.stderr).toBe('recorded: the schedule was paused: by an operator\n');
    expect(paused.days).toEqual([expect.objectContaining({ outcome: 'paused', executionId: null })]);
    expect(next.stdout).toMatch(
      /^(\w{3} \d{4}-\d\d-\d\d \d\d:\d\d Helsinki \((\d{4}-\d\d-\d\d )?\d\d:\d\d UTC\)\n){2}But nothing starts: the schedule is paused since /,
    );
    expect(resumed.stdout).toBe("The schedule is resumed. Today's run, which was left out, is caught up now.\n");
    expect(again.stdout).toBe('The schedule was not paused; nothing has changed.\n');
    expect(runNow.stdout).toMatch(/^daily-\S+ is under way already. Watch it with: oikotie run --cluster\n$/);
    expect(runNow.stderr).toContain('warning: No store is running: the run waits. Start one with: oikotie store\n');
    expect(await scheduler.ended).toMatchObject({ exitCode: 0 });
    expect(await cluster.redis.zcard('{scraper}:runs:prioritized')).toBe(1);
  });
});

describe('the schedule', processTime, () => {
  it('of a place without a scheduler can be read, and its run started by hand; a scheduler says who is missing', async (context) => {
    const cluster = await createCluster(context, '30 5 * * *');

    const next = await cluster.schedule('next', '--json');
    const runNow = await cluster.schedule('run-now', '--json');
    const scheduler = cluster.start(['scheduler']);
    await vi.waitUntil(() => scheduler.stderrSoFar().includes('No worker serves cities: the run waits.'), patience);

    const { runs } = JSON.parse(next.stdout) as { runs: readonly { nominalDay: string; startsAtUtc: string }[] };
    expect(runs).toHaveLength(5);
    for (const { startsAtUtc } of runs) expect(startsAtUtc).toMatch(/T0[23]:30:00\.000Z$/);
    expect(JSON.parse(runNow.stdout)).toMatchObject({
      executionId: expect.stringMatching(/^daily-\d{4}-\d\d-\d\d$/),
      isNew: true,
    });
    expect(scheduler.stderrSoFar()).toContain('No store is running: the run waits. Start one with: oikotie store');
    expect(runNow.stderr).toMatch(/^recorded: daily-\S+ was started: by an operator\n/);
  });

  it('needs a Redis that is named and answers, and a scheduler waits for one until it is told to end', async (context) => {
    const cluster = await createCluster(context, '30 5 * * *');
    const environment = { REDIS_URL: 'redis://:secret@127.0.0.1:1' };

    const waiting = cluster.start(['scheduler'], { environment });
    const away = await cluster.oikotie(['schedule', 'list'], { environment });
    await vi.waitUntil(() => waiting.stderrSoFar().includes('Redis is away'), patience);
    waiting.child.kill('SIGTERM');
    cluster.configure({ helsinki: 5 });
    const none = await Promise.all([cluster.oikotie(['schedule', 'list']), cluster.oikotie(['scheduler'])]);

    expect(away).toMatchObject({ exitCode: 3, stdout: '' });
    expect(away.stderr).toMatch(/^the schedule cannot be read: expected a Redis that answers, got: .*ECONNREFUSED/);
    expect(away.stderr).not.toContain('secret');
    expect(await waiting.ended).toMatchObject({ exitCode: 0 });
    expect(none.map(({ exitCode }) => exitCode)).toEqual([2, 2]);
    expect(none[0]?.stderr).toContain('Without a cluster a run is started by cron: oikotie run');
  });

  it('is not what a killed run waits for: the next store closes it with the truth', async (context) => {
    const cluster = await createCluster(context, '30 5 * * *');
    const run = cluster.start(['run']);
    await cluster.untilListingRequests(1);
    run.child.kill('SIGKILL');
    await run.ended;

    const store = cluster.start(['store']);
    await vi.waitUntil(() => store.stderrSoFar().includes('store takes jobs'), patience);
    store.child.kill('SIGTERM');
    const ended = await store.ended;

    expect(ended.stderr).toContain('a run was left open by a process that is gone; it is closed as interrupted');
    expect(await cluster.sql('select status, finished_at is not null as has_end from executions')).toEqual([
      { status: 'interrupted', has_end: true },
    ]);
  });
});
