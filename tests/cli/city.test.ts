/** `oikotie city`: what it prints, that a run under way follows it at once, and that it outlives runs until it is reset. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCityCommand } from '../../cli/city-command.ts';
import { loadConfig } from '../../config/load-config.ts';
import { connectRedis } from '../../queues/redis-connection.ts';
import { systemClock } from '../../src/clock.ts';
import type { CityChange } from '../../workers/operator/city-limits.ts';
import { openRunDesk } from '../../workers/run-desk.ts';
import { redisAt, silentLog, startRedis } from '../queues/redis-server.ts';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import { patience, untilAsked } from './cluster-place.ts';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

interface CityPlace extends Workplace {
  readonly redisPort: number;
  /** Does it in this process, as the command would; gives back what it printed. */
  readonly change: (change: CityChange | null, json?: boolean) => Promise<{ exitCode: number; text: string }>;
}

async function createPlace(options: PortalConfigOptions = {}): Promise<CityPlace> {
  const redisPort = await startRedis();
  const cluster_coordination = { redis_url: `redis://127.0.0.1:${redisPort}` };
  const place = await createWorkplace({ helsinki: 3, espoo: 3, ...options, globalSettings: { cluster_coordination } });
  onTestFinished(place.close);
  return {
    ...place,
    redisPort,
    change: async (change, json = false) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const io = { stdout, stderr, signal: new AbortController().signal };
      const exitCode = await runCityCommand({ configPath: place.configPath, json, change }, io);
      return { exitCode, text: `${stdout.read() ?? ''}${stderr.read() ?? ''}` };
    },
  };
}

function setOf(limits: { readonly rate?: number; readonly workers?: number }): CityChange {
  const { rate: requestsPerSecond = null, workers = null } = limits;
  return { action: 'set', city: 'helsinki', requestsPerSecond, workers };
}

/** Most listing pages asked for within any such time since then. */
function mostWithin(place: Workplace, windowMs: number, sinceMs: number): number {
  const times = place.simulator.requestLog
    .entries()
    .filter(({ kind, at }) => kind === 'listing' && at >= sinceMs)
    .map(({ at }) => at);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));
}

/** Room for a machine that has much else to do: each step is waited for, none is timed. */
const runTime = { timeout: 180_000 };

describe('limits of a city that is being collected', runTime, () => {
  it('change at once on a running worker, each way, and are told truly afterwards', async () => {
    const slowPage = 900;
    const place = await createPlace({
      ...{ helsinki: 26, espoo: 0, requestsPerSecond: 4 },
      taskSettings: { max_detail_workers: 1 },
    });
    place.simulator.faults.add({ type: 'slow', kinds: ['listing'], delayMs: slowPage });
    const roles = ['store', 'worker'].map((role) => place.start([role], { environment: { NODE_ID: role } }));
    const run = place.start(['run', '--require-cluster', '--json']);
    await untilAsked(place, 3);
    expect(mostWithin(place, slowPage - 100, 0)).toBe(1);

    // One page at a time was the limit, although 4 requests a second are allowed.
    await place.change(setOf({ workers: 8 }));
    await vi.waitUntil(() => mostWithin(place, slowPage, 0) >= 3, patience);

    await place.change(setOf({ rate: 1 }));
    const slowedAtMs = Date.now();
    const asked = place.listingRequests();
    await untilAsked(place, asked + 4);
    expect(mostWithin(place, 2_500, slowedAtMs)).toBeLessThanOrEqual(3);

    await place.change(setOf({ rate: 10 }));
    const quickenedAtMs = Date.now();
    await vi.waitUntil(() => mostWithin(place, slowPage, quickenedAtMs) >= 5, patience);

    const { exitCode, stdout } = await run.ended;
    for (const { child } of roles) child.kill('SIGTERM');
    await Promise.all(roles.map(({ ended }) => ended));
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', new: 26 });
    const politeness = await place.oikotie(['politeness', '--city', 'Helsinki', '--json']);
    const { scopes } = JSON.parse(politeness.stdout) as { scopes: readonly { readonly city: string | null }[] };
    expect(scopes.find(({ city }) => city === 'Helsinki')).toMatchObject({
      spacing: { isWithinLimit: true },
      limits: [{ intervalMs: 250 }, { intervalMs: 1_000 }, { intervalMs: 100 }],
    });
    expect(
      await place.sql("select message from audit_log where type = 'OPERATOR_ACTION' order by occurred_at"),
    ).toEqual([
      { message: 'limits of Helsinki were set to 4 requests/s and 8 workers' },
      { message: 'limits of Helsinki were set to 1 request/s and 8 workers' },
      { message: 'limits of Helsinki were set to 10 requests/s and 8 workers' },
    ]);
  });
});

describe('oikotie city', processTime, () => {
  let place: CityPlace;
  beforeEach(async () => {
    place = await createPlace({ requestsPerSecond: 4 });
  });

  it('keeps what is set through the next run, and takes the configured limits again when it is reset', async () => {
    await place.change(setOf({ rate: 0.5 }));
    await place.change(setOf({ workers: 3 }));

    await enqueueRun(place);
    const set = await queueLimits(place);
    const reset = await place.change({ action: 'reset', city: 'Helsinki' });
    const again = await place.change({ action: 'reset', city: 'Helsinki' });

    expect(set).toEqual({ concurrency: 3, rate: { max: 1, duration: 2_000 } });
    expect(reset.text).toContain('Helsinki is asked as configured again: 4 requests/s and 5 workers.\n');
    expect(again.text).toBe('Nothing was set for Helsinki: it is asked as configured.\n');
    expect(await queueLimits(place)).toEqual({ concurrency: 5, rate: { max: 1, duration: 250 } });
    await enqueueRun(place);
    expect(await queueLimits(place)).toEqual({ concurrency: 5, rate: { max: 1, duration: 250 } });
  });

  it('shows what is configured and what is in force', async () => {
    await place.change(setOf({ rate: 0.5 }));

    const { text } = await place.change(null);
    const asJson = await place.change(null, true);

    expect(text).toMatch(/^city +requests\/s +configured +workers +configured +set\n/);
    expect(text).toMatch(/^Helsinki +0\.5 +4 +5 +5 +\d{4}-\d\d-\d\d \d\d:\d\d on \S+$/m);
    expect(text).toMatch(/^Espoo +4 +4 +5 +5$/m);
    expect(JSON.parse(asJson.text)).toEqual([
      {
        city: 'Helsinki',
        configured: { requestIntervalMs: 250, maxDetailWorkers: 5 },
        inForce: { requestIntervalMs: 2_000, maxDetailWorkers: 5 },
        set: { setAtUtc: expect.stringMatching(/Z$/), by: expect.any(String) },
      },
      expect.objectContaining({ city: 'Espoo', set: null }),
    ]);
  });

  it('is in the audit log with what held before', async () => {
    const { text } = await place.change(setOf({ rate: 0.5, workers: 3 }));

    const logs = join(place.folder, 'logs');
    const audit = readdirSync(logs).filter((name) => name.startsWith('audit'));
    expect(text).toContain('recorded: limits of Helsinki were set to 0.5 requests/s and 3 workers\n');
    expect(audit.map((name) => readFileSync(join(logs, name), 'utf8')).join('')).toMatch(
      /OPERATOR_ACTION.*limits of Helsinki were set to 0\.5 requests\/s and 3 workers.*"from":\{"requestIntervalMs":250/,
    );
  });

  it('refuses a city that is not configured, and numbers that are none', async () => {
    const unknown = await place.oikotie(['city', 'set', 'Helsinky', '--rate', '1']);
    const fast = await place.oikotie(['city', 'set', 'Helsinki', '--rate', 'fast']);
    const none = await place.oikotie(['city', 'set', 'Helsinki', '--workers', '0']);
    const neither = await place.oikotie(['city', 'set', 'Helsinki']);

    expect([unknown, fast, none, neither].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
    expect(unknown.stderr).toBe('city set Helsinky: expected one of Helsinki, Espoo\n');
    expect(fast.stderr).toContain('expected a number above 0 and at most 1000, got "fast"');
    expect(none.stderr).toContain('expected at least 1, got 0');
    expect(neither.stderr).toContain('expected --rate, --workers or both, got neither');
  });
});

async function withDesk<Result>(place: CityPlace, work: (desk: ReturnType<typeof openRunDesk>) => Promise<Result>) {
  const { config } = loadConfig({ path: place.configPath, environment: {} });
  const redis = connectRedis({ target: redisAt(place.redisPort), name: 'test', log: silentLog });
  const desk = openRunDesk({ config, tasks: config.tasks, redis, clock: systemClock, log: silentLog });
  try {
    return await work(desk);
  } finally {
    await desk.close();
    redis.disconnect();
  }
}

/** Puts a run on its queue; nobody takes it. */
function enqueueRun(place: CityPlace): Promise<void> {
  return withDesk(place, (desk) => desk.enqueue({ executionId: 'daily-2026-11-25', nominalDay: '2026-11-25' }));
}

/** What BullMQ keeps to for Helsinki. */
function queueLimits(place: CityPlace) {
  return withDesk(place, async ({ queues }) => {
    const queue = queues.queue('crawl-helsinki');
    return { concurrency: await queue.getGlobalConcurrency(), rate: await queue.getGlobalRateLimit() };
  });
}
