import { describe, expect, it } from 'vitest';
import { createInProcessEngine } from '../../queues/in-process-engine.ts';
import { ReadyJobs } from '../../queues/ready-jobs.ts';
import { systemClock } from '../../src/clock.ts';
import { ScraperError, StorageError } from '../../src/errors.ts';
import type { HandlerResult, JobKind, JobRequest } from '../../src/jobs/job.ts';
import type { EngineUnderTestOptions } from './engine-contract.ts';
import { contractRetry, describeJobEngine } from './engine-contract.ts';

function createEngine(options: EngineUnderTestOptions, clock = systemClock) {
  const settledBefore = new Set(options.settledBefore ?? []);
  return createInProcessEngine({
    handlers: options.handlers,
    batchHandler: options.batchHandler,
    settingsOf: (queue) => ({
      concurrency: options.concurrency?.[queue] ?? (queue === 'store' ? 1 : 10),
      ...(queue === 'store' ? { batch: { maxJobs: 10, maxDelayMs: 20 } } : {}),
    }),
    decideRetry: contractRetry,
    isAlreadySettled: (jobId) => settledBefore.has(jobId),
    fatalKinds: new Set(['store-failure']),
    clock,
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
  });
}

describeJobEngine('in-process', async (options) => createEngine(options));

describe('in-process engine', () => {
  it('ends the run with the error of a write that the run cannot go on without', async () => {
    const engine = createEngine({
      handlers: [],
      batchHandler: {
        kinds: ['store-failure'],
        run: async () => {
          throw new StorageError('DISK_FULL', 'the disk is full');
        },
      },
    });

    await engine.add({ id: 'run.store-failure.a', kind: 'store-failure', queue: 'store', payload: {} });

    await expect(engine.settled('run.store-failure.a')).rejects.toThrow('the disk is full');
  });

  it('goes on after a hold even when the timer rings too early', async () => {
    let isRefusing = true;
    const engine = createEngine(
      {
        handlers: [
          {
            kind: 'listing',
            run: async () => {
              if (!isRefusing) return { followUps: [] };
              isRefusing = false;
              throw new ScraperError('HOLD', 'not now', { category: 'UNKNOWN' });
            },
            onGivenUp: () => [],
          },
        ],
        batchHandler: { kinds: [], run: async () => undefined },
      },
      { ...systemClock, sleep: (durationMs, signal) => systemClock.sleep(durationMs / 2, signal) },
    );

    await engine.add({ id: 'run.listing.a', kind: 'listing', queue: 'crawl-a', payload: {} });

    expect(await engine.settled('run.listing.a')).toBe('completed');
  });

  it('stores what waits behind a job that is not begun any more when it is stopped', async () => {
    const log: string[] = [];
    let release: () => void = () => undefined;
    const storeJob = (kind: JobKind): JobRequest => ({ id: `run.${kind}.a`, kind, queue: 'store', payload: {} });
    const handlerOf = (kind: JobKind, run: () => Promise<HandlerResult>) => ({ kind, run, onGivenUp: () => [] });
    const engine = createEngine({
      handlers: [
        handlerOf('listing', async () => {
          await new Promise<void>((go) => {
            release = go;
          });
          return { followUps: [storeJob('reconcile-list'), storeJob('store-listing')] };
        }),
        handlerOf('reconcile-list', async () => {
          log.push('reconcile-list');
          return { followUps: [] };
        }),
      ],
      batchHandler: { kinds: ['store-listing'], run: async (jobs) => void log.push(...jobs.map(({ kind }) => kind)) },
    });
    await engine.add({ id: 'run.listing.a', kind: 'listing', queue: 'crawl-a', payload: {} });

    const stopped = engine.stop(5_000);
    release();
    await stopped;

    expect(log).toEqual(['store-listing']);
  });
});

describe('ready jobs', () => {
  it('gives back ten thousand jobs in order and keeps no taken job', () => {
    const ready = new ReadyJobs<{ priority: number; key: number }>();
    for (let key = 0; key < 10_000; key += 1) ready.push({ priority: 0, key });

    const taken = Array.from({ length: 10_000 }, () => ready.take()?.key);

    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, key) => key));
    expect(ready.size).toBe(0);
    expect(ready.take()).toBeUndefined();
  });
});
