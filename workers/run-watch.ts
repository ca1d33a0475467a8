/**
 * Shows the runs that a store keeps the books of to whoever follows them: progress while they go on, the result when their
 * books are closed.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { RunBoard } from '../queues/run-board.ts';
import type { Clock } from '../src/clock.ts';
import type { LiveCityLimits } from '../src/crawl/city-limits.ts';
import { messageOf } from '../src/errors.ts';
import type { AnyJobHandler } from '../src/jobs/job.ts';
import { runPayload } from '../src/jobs/payloads.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { StoreWrites } from '../src/jobs/store-writes.ts';
import type { Log } from '../src/log.ts';
import type { CityFigures } from '../src/metrics/figures.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import { RequestRates } from './progress.ts';
import type { ProgressSources } from './report-progress.ts';
import { readCityFigures, readProgress } from './report-progress.ts';

/** Looking takes at most one part in so many of the time: with many cities it would keep the store from writing. */
const restPerLook = 20;
/** How often the progress of a run is shown where looking is cheap. */
const progressIntervalMs = 1_000;
const patienceMs = 2_000;

interface RunWatchOptions {
  readonly config: Config;
  readonly store: SeriesStore;
  readonly board: RunBoard;
  readonly cityLimits: Pick<LiveCityLimits, 'of'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class RunWatch {
  readonly #options: RunWatchOptions;
  readonly #rates: RequestRates;
  readonly #ending = new AbortController();
  readonly #loops = new Map<string, Promise<void>>();
  readonly #tasks = new Map<string, readonly CityTask[]>();

  constructor(options: RunWatchOptions) {
    this.#options = options;
    this.#rates = new RequestRates(options.clock);
  }

  /** The handler of `run`, with the run watched from when it starts, also when it starts again. */
  watching(handler: AnyJobHandler): AnyJobHandler {
    return {
      ...handler,
      run: async (payload, context) => {
        const result = await handler.run(payload, context);
        const { executionId, tasks } = runPayload.parse(payload);
        this.#start(executionId, tasks);
        return result;
      },
    };
  }

  /** The store, with requests counted as they come in. */
  counting(store: SeriesStore): SeriesStore {
    return {
      ...store,
      commit: async (writes) => {
        await store.commit(writes);
        this.#count(writes);
      },
    };
  }

  /** Shows the result of a run whose books are closed, and watches it no more. */
  async end(result: ExecutionResult): Promise<void> {
    const { executionId } = result;
    if (this.#tasks.has(executionId)) await this.#show(executionId);
    this.#tasks.delete(executionId);
    await this.#options.board.write(executionId, 'result', result);
  }

  /** The cities of the runs under way, as the metrics show them. */
  async cities(): Promise<readonly CityFigures[]> {
    const shown = await Promise.all([...this.#tasks.keys()].map((id) => readCityFigures(this.#sources(id))));
    return shown.flat();
  }

  /** The runs that collect the city now. */
  collecting(city: string): readonly string[] {
    return [...this.#tasks].filter(([, tasks]) => tasks.some((task) => task.city === city)).map(([id]) => id);
  }

  /** Ends the watching; one that cannot be shown because Redis is away is left behind. */
  async close(): Promise<void> {
    this.#ending.abort();
    const late = new AbortController();
    const patience = this.#options.clock.sleep(patienceMs, late.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#loops.values()), patience]);
    late.abort();
  }

  #start(executionId: string, asked: readonly { readonly city: string; readonly listingLimit: number | null }[]): void {
    if (this.#tasks.has(executionId)) return;
    const limits = new Map(asked.map(({ city, listingLimit }) => [city, listingLimit]));
    const tasks = this.#options.config.tasks.filter(({ city }) => limits.has(city));
    this.#tasks.set(
      executionId,
      tasks.map((task) => ({ ...task, listingLimit: limits.get(task.city) ?? null })),
    );
    this.#loops.set(executionId, this.#loop(executionId));
  }

  async #loop(executionId: string): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted && this.#tasks.has(executionId)) {
      try {
        const beginMs = clock.now();
        await this.#show(executionId);
        await clock.sleep(Math.max(progressIntervalMs, (clock.now() - beginMs) * restPerLook), signal);
      } catch (error) {
        if (!signal.aborted) log.warn({ executionId, error: messageOf(error) }, 'progress of a run cannot be shown');
      }
    }
    this.#loops.delete(executionId);
  }

  async #show(executionId: string): Promise<void> {
    const progress = await readProgress(this.#sources(executionId));
    await this.#options.board.write(executionId, 'progress', progress);
  }

  #sources(executionId: string): ProgressSources {
    const { store, clock, cityLimits } = this.#options;
    const tasks = (this.#tasks.get(executionId) ?? []).map((task) => ({ ...task, ...cityLimits.of(task.city) }));
    return { store, rates: this.#rates, clock, executionId, tasks };
  }

  #count({ ledgerBatches = [] }: StoreWrites): void {
    for (const { requests } of ledgerBatches) {
      for (const { city, sentAtUtc } of requests) if (city !== null) this.#rates.record(city, Date.parse(sentAtUtc));
    }
  }
}
