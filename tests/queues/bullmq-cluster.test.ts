/**
 * What only several processes on one Redis can do wrong: two engines share the work, one loses a job to the other, a job
 * runs twice.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createBullMqEngine } from '../../queues/bullmq-engine.ts';
import { BullMqQueues } from '../../queues/bullmq-queues.ts';
import type { JobEngine } from '../../queues/job-engine.ts';
import { systemClock } from '../../src/clock.ts';
import { ScraperError } from '../../src/errors.ts';
import type { AnyJobHandler, BatchHandler, HandlerResult, JobKind, JobRequest } from '../../src/jobs/job.ts';
import { contractRetry } from './engine-contract.ts';
import { silentLog as log, useRedis } from './redis-server.ts';

const connection = useRedis();

const crawlQueue = 'crawl-testcity';
const engines: JobEngine[] = [];
const opened: BullMqQueues[] = [];
let clusters = 0;

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop(0)));
  await Promise.all(opened.splice(0).map((queues) => queues.close()));
});

type Run = AnyJobHandler['run'];

function handler(kind: JobKind, run: Run, onGivenUp: AnyJobHandler['onGivenUp'] = () => []): AnyJobHandler {
  return { kind, run, onGivenUp };
}

function job(kind: JobKind, key: string, more: Partial<JobRequest> = {}): JobRequest {
  const queue = kind.startsWith('finalize') ? 'store' : crawlQueue;
  return { id: `run.${kind}.${key}`, kind, queue, payload: { key }, ...more };
}

const nothingMore: HandlerResult = { followUps: [] };

/** A cluster of its own; `start` adds a node to it. */
async function createCluster() {
  clusters += 1;
  const prefix = `cluster${clusters}`;
  const queues = new BullMqQueues({ redis: connection(), prefix, log });
  opened.push(queues);
  await queues.setLimits(crawlQueue, { concurrency: 4, startIntervalMs: 0 });
  const start = (
    nodeId: string,
    handlers: readonly AnyJobHandler[],
    {
      takesFrom = [crawlQueue, 'store'],
      concurrency = 2,
      batchHandler = null as BatchHandler | null,
      lockDurationMs = 400,
    } = {},
  ): JobEngine => {
    const engine = createBullMqEngine({
      redis: connection(),
      prefix,
      takesFrom,
      handlers,
      batchHandler,
      settingsOf: (queue) =>
        batchHandler === null || queue !== 'store'
          ? { concurrency }
          : { concurrency, batch: { maxJobs: 10, maxDelayMs: 10 } },
      decideRetry: contractRetry,
      isAlreadySettled: () => false,
      fatalKinds: new Set(['finalize-run']),
      clock: systemClock,
      nodeId,
      log,
      timing: { lockDurationMs, stalledIntervalMs: 200, pollIntervalMs: 25 },
    });
    engines.push(engine);
    return engine;
  };
  return { start, queues, prefix };
}

function signalOnce(): { readonly happened: Promise<void>; readonly happen: () => void } {
  let happen: () => void = () => undefined;
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}

describe('several nodes on one Redis', () => {
  it('share the jobs of a queue, each job on one node, and never more at once than the queue allows', async () => {
    const { start } = await createCluster();
    const runs = new Map<string, string[]>();
    let active = 0;
    let most = 0;
    const listingOn = (node: string) =>
      handler('listing', async (payload) => {
        const { key } = payload as { key: string };
        runs.set(node, [...(runs.get(node) ?? []), key]);
        active += 1;
        most = Math.max(most, active);
        await systemClock.sleep(5);
        active -= 1;
        return nothingMore;
      });
    const nodes = ['a', 'b', 'c'].map((node) =>
      start(node, [listingOn(node), handler('finalize-city', async () => nothingMore)]),
    );

    const children = Array.from({ length: 60 }, (_, index) => job('listing', String(index)));
    await nodes[0]?.add(job('finalize-city', 'city', { children }));
    await nodes[1]?.settled('run.finalize-city.city');

    const keys = [...runs.values()].flat();
    expect(keys.sort()).toEqual(Array.from({ length: 60 }, (_, index) => String(index)).sort());
    expect(runs.size).toBeGreaterThan(1);
    expect(most).toBe(4);
  });

  it('run a job elsewhere when its node lost it, and drop what the slow node found too late', async () => {
    const { start, prefix } = await createCluster();
    const seen: string[] = [];
    const [begun, mayEnd] = [signalOnce(), signalOnce()];
    const store = handler('finalize-city', async (payload) => {
      seen.push(`stored ${(payload as { key: string }).key}`);
      return nothingMore;
    });
    const slow = start(
      'slow',
      [
        handler('listing', async () => {
          seen.push('slow');
          begun.happen();
          await mayEnd.happened;
          return { followUps: [job('finalize-city', 'from slow')] };
        }),
      ],
      { takesFrom: [crawlQueue], concurrency: 1 },
    );
    await slow.add(job('listing', 'a'));
    await begun.happened;
    // Another token in the lock: what a node finds when its lock has run out and another one has taken the job.
    await connection().set(`${prefix}:${crawlQueue}:run.listing.a:lock`, 'somebody else', 'PX', 50);
    const quick = start('quick', [
      handler('listing', async () => {
        seen.push('quick');
        return { followUps: [job('finalize-city', 'from quick')] };
      }),
      store,
    ]);

    await quick.settled('run.finalize-city.from quick');
    mayEnd.happen();
    await slow.stop(1_000);

    expect(seen).toEqual(['slow', 'quick', 'stored from quick']);
  });

  it('does not leave a parent waiting when a job runs again after one of its follow-ups has failed', async () => {
    const { start, queues } = await createCluster();
    const mayEnd = signalOnce();
    const seen: string[] = [];
    const jobs = [
      handler('search-page', async () => {
        seen.push('search page');
        return { followUps: [job('listing', 'bad'), job('listing', 'good')] };
      }),
      handler('listing', async (payload) => {
        const { key } = payload as { key: string };
        seen.push(key);
        if (key === 'bad') throw new ScraperError('X', 'unreadable', { category: 'PARSING_ERROR' });
        if (key === 'last') await mayEnd.happened;
        return nothingMore;
      }),
      handler('finalize-city', async () => nothingMore),
    ];
    // Not to be lost on a busy machine: the result of a job that lost its lock counts, and the job is not done again.
    const engine = start('a', jobs, { lockDurationMs: 30_000 });
    const children = [job('search-page', '1'), job('listing', 'last')];
    await engine.add(job('finalize-city', 'city', { children }));
    await engine.settled('run.listing.bad');
    await engine.settled('run.listing.good');
    await engine.settled('run.search-page.1');

    // As after a crash between adding the follow-ups and being done.
    await (await queues.queue(crawlQueue).getJob('run.search-page.1'))?.retry('completed');
    await engine.settled('run.search-page.1');
    mayEnd.happen();

    expect(await engine.settled('run.finalize-city.city')).toBe('completed');
    expect(seen.filter((each) => each === 'search page')).toHaveLength(2);
    expect(seen.filter((each) => each === 'bad')).toHaveLength(1);
  });

  it('keeps what is waiting when every node has stopped, for the next one that starts', async () => {
    const { start } = await createCluster();
    const producer = start('producer', [], { takesFrom: [] });
    await producer.add(job('listing', 'a'));
    await producer.stop(0);

    const seen: string[] = [];
    const next = start('next', [
      handler('listing', async (payload) => {
        seen.push((payload as { key: string }).key);
        return nothingMore;
      }),
    ]);
    await next.settled('run.listing.a');

    expect(seen).toEqual(['a']);
  });

  it('gives an active job back at once when its node must go, and the try does not count', async () => {
    const { start } = await createCluster();
    const begun = signalOnce();
    const first = start('first', [
      handler('listing', async (_payload, { signal }) => {
        begun.happen();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      }),
    ]);
    await first.add(job('listing', 'a'));
    await begun.happened;
    await first.stop(0);

    const attempts: number[] = [];
    const second = start('second', [
      handler('listing', async (_payload, { attempt }) => {
        attempts.push(attempt);
        return nothingMore;
      }),
    ]);
    await second.settled('run.listing.a');

    expect(attempts).toEqual([1]);
  });

  it('fails everything that waits for a job the run cannot go on without', async () => {
    const { start } = await createCluster();
    const engine = start('a', [
      handler('finalize-run', async () => {
        throw new ScraperError('DISK_FULL', 'the disk is full', { category: 'PARSING_ERROR' });
      }),
      handler('run', async () => ({
        followUps: [job('finalize-run', 'x', { queue: 'store' })],
        holdUntil: 'run.finalize-run.x',
      })),
    ]);
    await engine.add(job('run', 'x'));

    await expect(engine.settled('run.finalize-run.x')).rejects.toThrow('the disk is full');
    expect(await engine.settled('run.run.x')).toBe('failed');
  });
});

describe('a job that is stored', () => {
  it('leaves its id in Redis and not its payload, and is still stored once', async () => {
    const { start, queues } = await createCluster();
    const stored: string[] = [];
    const batchHandler: BatchHandler = {
      kinds: ['store-listing'],
      run: async (jobs) => void stored.push(...jobs.map(({ payload }) => JSON.stringify(payload))),
    };
    const engine = start('store', [], { batchHandler });
    const request = job('store-listing', '1', { queue: 'store' });

    await engine.add(request);
    await engine.settled(request.id);
    await vi.waitUntil(async () => (await queues.queue('store').getJob(request.id))?.data.payload === null);
    await engine.add(request);
    await engine.add(job('store-listing', '2', { queue: 'store' }));
    await engine.settled('run.store-listing.2');

    expect(stored).toEqual(['{"key":"1"}', '{"key":"2"}']);
  });
});
