/**
 * A cluster whose parts die again and again: workers, the store and Redis are killed at seeded moments of one run. In the
 * end the data is what it would have been, the portal was never asked faster than allowed, and the report says how long
 * the jobs of the dead waited.
 */
import { Queue } from 'bullmq';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../simulator/random.ts';
import { systemClock } from '../../src/clock.ts';
import { storedRecords } from '../workers/stored-records.ts';
import { arrivalJitterMs, worstWindow } from '../worst-window.ts';
import type { ClusterPlace } from './cluster-place.ts';
import { clusterCities, createCluster, requestTimesOf, truthOf, untilAsked } from './cluster-place.ts';

const perCity = 300;
const requestsPerSecond = 20;
const workers = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];
/** Locks and checks of this cluster: the jobs of a dead process are back after the lock and two checks. */
const promisedMs = (6 + 2 * 2) * 1_000;
/** What may be added: the outage of Redis, and a busy machine that looks and starts late. */
const toleranceMs = 30_000;

interface Kill {
  /** After so many listing pages. */
  readonly at: number;
  readonly what: string;
}

/** 16 kills of workers, 3 of the store and 2 of Redis, at moments that the seed decides. */
function planKills(seed: number): readonly Kill[] {
  const random = createRandom(seed);
  const victims = [
    ...Array.from({ length: 16 }, (_, index) => workers[index % workers.length] ?? ''),
    ...['store-1', 'store-1', 'store-1', 'redis', 'redis'],
  ];
  return victims
    .map((what) => ({ at: random.integer(10, 3 * perCity - 30), what }))
    .sort((left, right) => left.at - right.at);
}

/** Looks how long the jobs that a worker had wait until another process starts them. */
class ResumeWatch {
  readonly #queues: readonly Queue[];
  readonly #open: Promise<void>[] = [];
  readonly waitsMs: number[] = [];

  constructor(cluster: ClusterPlace) {
    const { hostname, port } = new URL(cluster.redisUrl);
    this.#queues = clusterCities.map((city) => {
      const connection = { host: hostname, port: Number(port) };
      const queue = new Queue(`crawl-${city.toLowerCase()}`, { connection, prefix: '{scraper}' });
      queue.on('error', () => undefined); // Redis is killed on purpose
      return queue;
    });
  }

  async kill(name: string, kill: () => Promise<void>): Promise<void> {
    const jobs = (await Promise.all(this.#queues.map((queue) => queue.getActive()))).flat();
    await kill();
    const killedAtMs = performance.now();
    for (const job of jobs.filter(({ processedBy }) => processedBy === name)) {
      this.#open.push(this.#watch(job.queueName, job.id ?? '', job.attemptsStarted, killedAtMs));
    }
  }

  async #watch(queueName: string, jobId: string, attemptsStarted: number, killedAtMs: number): Promise<void> {
    const queue = this.#queues.find(({ name }) => name === queueName);
    const isResumed = async (): Promise<boolean> => {
      const job = await queue?.getJob(jobId);
      // One that ended without a new start had ended before the kill.
      return job === undefined || job.attemptsStarted > attemptsStarted || job.finishedOn !== undefined;
    };
    await vi.waitUntil(isResumed, { timeout: 120_000, interval: 50 });
    const job = await queue?.getJob(jobId);
    if (job !== undefined && job.attemptsStarted > attemptsStarted) this.waitsMs.push(performance.now() - killedAtMs);
  }

  async end(): Promise<void> {
    await Promise.all(this.#open);
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }
}

const report: string[] = [];
afterAll(() => process.stdout.write(report.join('')));

describe('a cluster whose parts die', { timeout: 300_000 }, () => {
  it('loses and doubles nothing through 21 kills of workers, the store and Redis', async (context) => {
    const cluster = await createCluster(context, { perCity, requestsPerSecond });
    cluster.node('store', 'store-1');
    for (const name of workers) cluster.node('worker', name);
    const resumes = new ResumeWatch(cluster);
    const run = cluster.start(['run', '--cluster', '--json']);
    // One outage of Redis is shorter than the lock of a job, one longer.
    const outagesMs = [10_000, 0];

    for (const { at, what } of planKills(20261125)) {
      await untilAsked(cluster, at);
      if (what === 'redis') {
        await cluster.killRedis();
        await systemClock.sleep(outagesMs.pop() ?? 0);
        await cluster.bringRedisBack();
      } else if (what === 'store-1') {
        await cluster.kill(what);
        cluster.node('store', what);
      } else {
        await resumes.kill(what, () => cluster.kill(what));
        cluster.node('worker', what);
      }
    }
    const { exitCode, stdout, stderr } = await run.ended;
    await resumes.end();
    await cluster.kill('store-1');

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', new: 3 * perCity, failed: 0 });
    expect(await storedRecords(cluster.databasePath)).toEqual(truthOf(cluster));
    expect(
      await cluster.sql('select count(*) as n, count(distinct (city, listing_id)) as ids from execution_listings'),
    ).toEqual([{ n: 3 * perCity, ids: 3 * perCity }]);
    expect(
      await cluster.sql(
        `select city, discovered = new + changed + unchanged + removed + failed + skipped + pending as adds_up, verdict
          from city_executions order by city`,
      ),
    ).toEqual([...clusterCities].sort().map((city) => ({ city, adds_up: true, verdict: 'complete' })));
    for (const city of clusterCities) {
      const { arrivals, departures } = await requestTimesOf(cluster, city);
      expect(worstWindow(departures, 1_000), city).toBeLessThanOrEqual(requestsPerSecond);
      expect(worstWindow(arrivals, 1_000 - arrivalJitterMs), city).toBeLessThanOrEqual(requestsPerSecond);
    }
    const asked = cluster.simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length;
    const waits = resumes.waitsMs.toSorted((left, right) => left - right);
    const seconds = (ms: number | undefined) => ((ms ?? 0) / 1_000).toFixed(1);
    report.push(
      `kill to resume, ${waits.length} jobs: median ${seconds(waits[Math.floor(waits.length / 2)])} s, ` +
        `longest ${seconds(waits.at(-1))} s (lock 6 s, check 2 s); ` +
        `${asked - 3 * perCity} of ${3 * perCity} pages were asked for again\n`,
    );
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.at(-1)).toBeLessThan(promisedMs + toleranceMs);
  });
});
