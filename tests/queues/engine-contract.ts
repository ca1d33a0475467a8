/**
 * What every job engine must do, whatever carries its jobs. An adapter passes this suite or is not an adapter.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { JobEngine, JobEvent } from '../../queues/job-engine.ts';
import { ScraperError } from '../../src/errors.ts';
import type { AnyJobHandler, BatchHandler, HandlerResult, JobKind, JobRequest } from '../../src/jobs/job.ts';

export interface EngineUnderTestOptions {
  readonly handlers: readonly AnyJobHandler[];
  readonly batchHandler: BatchHandler;
  /** Concurrency per queue; 10 when a queue is not named. */
  readonly concurrency?: Readonly<Record<string, number>>;
  readonly settledBefore?: readonly string[];
  readonly onEvent?: (event: JobEvent) => void;
}

type EngineFactory = (options: EngineUnderTestOptions) => Promise<JobEngine>;

/** Retry policy of the suite: at most 3 counted tries, 10 ms apart; RATE_LIMIT waits 50 ms, costs no try; HOLD 50 ms. */
export function contractRetry({ error, attempts, starts }: { error: unknown; attempts: number; starts: number }) {
  const category = error instanceof ScraperError ? error.category : 'UNKNOWN';
  if (error instanceof ScraperError && error.code === 'HOLD') return { action: 'hold', delayMs: 50 } as const;
  if (error instanceof ScraperError && error.code === 'LONG_HOLD') return { action: 'hold', delayMs: 500 } as const;
  if (category === 'PARSING_ERROR' || attempts >= 3 || starts >= 10) {
    return { action: 'give_up', reason: 'out of attempts' } as const;
  }
  const isRateLimit = category === 'RATE_LIMIT';
  return { action: 'retry', delayMs: isRateLimit ? 50 : 10, costsAttempt: !isRateLimit } as const;
}

interface Recorder {
  readonly log: string[];
  readonly handlers: AnyJobHandler[];
}

type Behaviour = (payload: { key: string }, attempt: number, signal: AbortSignal) => Promise<HandlerResult>;

const nothingMore: HandlerResult = { followUps: [] };

function job(kind: JobKind, key: string, more: Partial<JobRequest> = {}): JobRequest {
  const queue = kind.startsWith('store') || kind.startsWith('finalize') ? 'store' : 'crawl-testcity';
  return { id: `run.${kind}.${key}`, kind, queue, payload: { key }, ...more };
}

function handler(kind: JobKind, log: string[], behaviour: Behaviour = async () => nothingMore): AnyJobHandler {
  return {
    kind,
    run: async (payload, { attempt, signal }) => {
      const read = payload as { key: string };
      log.push(`${kind} ${read.key}`);
      return behaviour(read, attempt, signal);
    },
    onGivenUp: (payload, failure) => [
      job('store-failure', `${(payload as { key: string }).key}`, {
        payload: { key: `${(payload as { key: string }).key} ${failure.category} after ${failure.attempts}` },
      }),
    ],
  };
}

function batch(log: string[]): BatchHandler {
  return {
    kinds: ['store-listing', 'store-failure', 'store-search-page'],
    run: async (jobs) => {
      log.push(`batch of ${jobs.length}`);
      for (const { kind, payload } of jobs) log.push(`${kind} ${(payload as { key: string }).key}`);
    },
  };
}

export function describeJobEngine(name: string, createEngine: EngineFactory): void {
  describe(`job engine: ${name}`, () => {
    const engines: JobEngine[] = [];

    afterEach(async () => {
      for (const engine of engines.splice(0)) await engine.stop(0);
    });

    async function start(options: Partial<EngineUnderTestOptions> & Recorder): Promise<JobEngine> {
      const engine = await createEngine({ batchHandler: batch(options.log), ...options });
      engines.push(engine);
      return engine;
    }

    it('gives a handler its payload as JSON would carry it', async () => {
      const seen: unknown[] = [];
      const log: string[] = [];
      const spy: AnyJobHandler = {
        kind: 'listing',
        run: async (payload) => {
          seen.push(payload);
          return nothingMore;
        },
        onGivenUp: () => [],
      };
      const engine = await start({ log, handlers: [spy] });

      await engine.add(job('listing', 'a', { payload: { key: 'a', at: new Date(0), absent: undefined } }));
      await engine.settled('run.listing.a');

      expect(seen).toEqual([{ key: 'a', at: '1970-01-01T00:00:00.000Z' }]);
    });

    it('runs a job once however often its id is added', async () => {
      const log: string[] = [];
      const engine = await start({ log, handlers: [handler('listing', log)] });

      await engine.add(job('listing', 'a'));
      await engine.add(job('listing', 'a'));
      await engine.settled('run.listing.a');
      await engine.add(job('listing', 'a'));
      await engine.add(job('listing', 'b'));
      await engine.settled('run.listing.b');

      expect(log).toEqual(['listing a', 'listing b']);
    });

    it('does not run what an earlier process has settled, and lets its parent go on', async () => {
      const log: string[] = [];
      const handlers = [handler('listing', log), handler('finalize-city', log)];
      const engine = await start({ log, handlers, settledBefore: ['run.listing.a'] });

      const children = [job('listing', 'a'), job('listing', 'b')];
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect(log).toEqual(['listing b', 'finalize-city city']);
    });

    it('starts a parent after everything that grew below it, failures included', async () => {
      const log: string[] = [];
      const handlers = [
        handler('search-page', log, async ({ key }) => ({
          followUps: key === '2' ? [job('listing', 'bad')] : [job('search-page', '2'), job('listing', 'good')],
        })),
        handler('listing', log, async ({ key }) => {
          if (key === 'bad') throw new ScraperError('X', 'unreadable', { category: 'PARSING_ERROR' });
          return { followUps: [job('store-listing', key)] };
        }),
        handler('finalize-city', log),
      ];
      const engine = await start({ log, handlers });

      await engine.add(job('finalize-city', 'city', { children: [job('search-page', '1')] }));
      await engine.settled('run.finalize-city.city');

      expect(log.at(-1)).toBe('finalize-city city');
      expect(log).toContain('store-listing good');
      expect(log).toContain('store-failure bad PARSING_ERROR after 1');
    });

    it('starts jobs of higher priority first, equals in the order they came', async () => {
      const log: string[] = [];
      const engine = await start({
        log,
        handlers: [handler('listing', log), handler('finalize-city', log)],
        concurrency: { 'crawl-testcity': 1 },
      });

      const children = [
        job('listing', 'low 1', { id: 'run.l1' }),
        job('listing', 'low 2', { id: 'run.l2' }),
        job('listing', 'high 1', { id: 'run.h1', priority: 2 }),
        job('listing', 'high 2', { id: 'run.h2', priority: 2 }),
      ];
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect(log).toEqual(['listing high 1', 'listing high 2', 'listing low 1', 'listing low 2', 'finalize-city city']);
    });

    it('never runs more jobs of a queue at once than its concurrency', async () => {
      const log: string[] = [];
      let active = 0;
      let most = 0;
      const slow = handler('listing', log, async () => {
        active += 1;
        most = Math.max(most, active);
        await new Promise((resolve) => setImmediate(resolve));
        active -= 1;
        return nothingMore;
      });
      const engine = await start({
        log,
        handlers: [slow, handler('finalize-city', log)],
        concurrency: { 'crawl-testcity': 3 },
      });

      const children = Array.from({ length: 20 }, (_, index) => job('listing', String(index)));
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect(most).toBe(3);
    });

    it('holds a job, and its place in the queue, until the job it names has settled', async () => {
      const log: string[] = [];
      const handlers = [
        handler('city', log, async ({ key }) => ({
          followUps: [job('finalize-city', key, { children: [job('listing', key)] })],
          holdUntil: `run.finalize-city.${key}`,
        })),
        handler('listing', log),
        handler('finalize-city', log),
      ];
      const engine = await start({ log, handlers, concurrency: { cities: 1 } });

      await engine.add(job('city', 'first', { queue: 'cities' }));
      await engine.add(job('city', 'second', { queue: 'cities' }));
      await engine.settled('run.city.second');

      expect(log).toEqual([
        'city first',
        'listing first',
        'finalize-city first',
        'city second',
        'listing second',
        'finalize-city second',
      ]);
    });

    it('tries again what may succeed, and gives up after the last attempt', async () => {
      const log: string[] = [];
      const events: string[] = [];
      const flaky = handler('listing', log, async ({ key }, attempt) => {
        if (key === 'hopeless' || attempt < 3) throw new ScraperError('X', 'reset', { category: 'NETWORK_ERROR' });
        return nothingMore;
      });
      const engine = await start({
        log,
        handlers: [flaky, handler('finalize-city', log)],
        onEvent: ({ type, jobId }) => events.push(`${type} ${jobId}`),
      });

      const children = [job('listing', 'flaky'), job('listing', 'hopeless')];
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect(log.filter((line) => line === 'listing flaky')).toHaveLength(3);
      expect(log).toContain('store-failure hopeless NETWORK_ERROR after 3');
      expect(events).toContain('completed run.listing.flaky');
      expect(events).toContain('failed run.listing.hopeless');
      expect(await engine.settled('run.listing.hopeless')).toBe('failed');
    });

    it('holds the whole queue when the portal limits the rate, at no cost of an attempt', async () => {
      const log: string[] = [];
      let limited = 0;
      const handlers = [
        handler('listing', log, async ({ key }) => {
          if (key === 'a' && limited < 4) {
            limited += 1;
            throw new ScraperError('RATE_LIMITED', 'slow down', { category: 'RATE_LIMIT' });
          }
          return nothingMore;
        }),
        handler('finalize-city', log),
      ];
      const engine = await start({ log, handlers, concurrency: { 'crawl-testcity': 1 } });

      const children = [job('listing', 'a'), job('listing', 'b')];
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect(log).toEqual([...Array.from({ length: 5 }, () => 'listing a'), 'listing b', 'finalize-city city']);
    });

    it('holds the whole queue as often as it is told to, without counting a start', async () => {
      const log: string[] = [];
      let held = 0;
      const handlers = [
        handler('listing', log, async ({ key }, attempt) => {
          if (key === 'a' && held < 15) {
            held += 1;
            throw new ScraperError('HOLD', 'not now', { category: 'UNKNOWN' });
          }
          if (key === 'a') log.push(`attempt ${attempt}`);
          return nothingMore;
        }),
        handler('finalize-city', log),
      ];
      const engine = await start({ log, handlers, concurrency: { 'crawl-testcity': 1 } });

      const children = [job('listing', 'a'), job('listing', 'b')];
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect(log.slice(15)).toEqual(['listing a', 'attempt 1', 'listing b', 'finalize-city city']);
    });

    it('lends the place of a held job while the queue it names is on hold', async () => {
      const log: string[] = [];
      let isRefusing = true;
      const handlers = [
        handler('city', log, async ({ key }) => ({
          followUps: [job('finalize-city', key, { children: [job('listing', key, { queue: `crawl-${key}` })] })],
          holdUntil: `run.finalize-city.${key}`,
          lendsPlaceWhileHeld: `crawl-${key}`,
        })),
        handler('listing', log, async ({ key }) => {
          if (key === 'sick' && isRefusing) throw new ScraperError('LONG_HOLD', 'not now', { category: 'UNKNOWN' });
          isRefusing = false;
          return nothingMore;
        }),
        handler('finalize-city', log),
      ];
      const engine = await start({ log, handlers, concurrency: { cities: 1 } });

      await engine.add(job('city', 'sick', { queue: 'cities' }));
      await engine.add(job('city', 'well', { queue: 'cities' }));
      await engine.settled('run.city.well');
      await engine.settled('run.city.sick');

      expect(log.slice(0, 4)).toEqual(['city sick', 'listing sick', 'city well', 'listing well']);
      // The held job may come back for its place, and be run once more, a moment after what it waits for has ended.
      expect(log.filter((entry) => entry !== 'city sick').slice(-2)).toEqual(['listing sick', 'finalize-city sick']);
    });

    it('stores many jobs in few batches', async () => {
      const log: string[] = [];
      const engine = await start({ log, handlers: [handler('finalize-city', log)] });

      const children = Array.from({ length: 30 }, (_, index) => job('store-listing', String(index)));
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect(log.filter((line) => line.startsWith('batch')).length).toBeLessThanOrEqual(4);
      expect(log.filter((line) => line.startsWith('store-listing'))).toHaveLength(30);
    });

    it('stores the rest of a batch when one of its jobs cannot be stored', async () => {
      const log: string[] = [];
      const stored: string[] = [];
      const picky: BatchHandler = {
        kinds: ['store-listing', 'store-failure'],
        run: async (jobs) => {
          const keys = jobs.map(({ payload }) => (payload as { key: string }).key);
          if (keys.includes('poison')) throw new ScraperError('X', 'cannot', { category: 'PARSING_ERROR' });
          stored.push(...keys);
        },
        onGivenUp: (_, failure) => [job('store-failure', 'poison', { payload: { key: `poison ${failure.category}` } })],
      };
      const engine = await start({ log, handlers: [handler('finalize-city', log)], batchHandler: picky });

      const children = ['a', 'poison', 'b'].map((key) => job('store-listing', key));
      await engine.add(job('finalize-city', 'city', { children }));
      await engine.settled('run.finalize-city.city');

      expect([...stored].sort()).toEqual(['a', 'b', 'poison PARSING_ERROR']);
    });

    it('stops: lets active jobs finish, stores what they found, starts nothing new', async () => {
      const log: string[] = [];
      let release: () => void = () => undefined;
      const started = new Promise<void>((resolve) => {
        const listing = handler('listing', log, async ({ key }) => {
          resolve();
          await new Promise<void>((go) => {
            release = go;
          });
          return { followUps: [job('store-listing', key), job('listing', 'never')] };
        });
        void start({ log, handlers: [listing] }).then((engine) => engine.add(job('listing', 'a')));
      });
      await started;

      const stopped = engines[0]?.stop(5_000);
      release();
      await stopped;

      expect(log).toEqual(['listing a', 'batch of 1', 'store-listing a']);
    });

    it('stops: aborts what does not finish within the grace', async () => {
      const log: string[] = [];
      let reason: unknown;
      let begin: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const stubborn = handler('listing', log, async (_payload, _attempt, signal) => {
        begin();
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(signal.reason);
          });
        });
        return nothingMore;
      });
      const engine = await start({ log, handlers: [stubborn] });
      await engine.add(job('listing', 'a'));
      await begun;

      const waiting = engine.settled('run.listing.a');
      const [outcome] = await Promise.allSettled([waiting, engine.stop(20)]);

      expect(outcome.status).toBe('rejected');
      expect(reason).toBeInstanceOf(ScraperError);
    });
  });
}
