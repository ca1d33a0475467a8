/**
 * Watches a run from beside it: asks the store for counts at an interval and tells a listener. It changes nothing.
 */
import type { CityTask } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { CityProgress, RequestRates } from './progress.ts';
import { toCityProgress } from './progress.ts';

interface ProgressSources {
  readonly store: Pick<SeriesStore, 'countCity' | 'cityReceipts'>;
  readonly rates: RequestRates;
  readonly clock: Clock;
  readonly executionId: string;
  readonly tasks: readonly CityTask[];
}

/** The progress of every city that has begun: has asked for something, or has its receipt. */
export async function readProgress(sources: ProgressSources): Promise<readonly CityProgress[]> {
  const { store, rates, clock, executionId, tasks } = sources;
  const receipts = new Map((await store.cityReceipts(executionId)).map((receipt) => [receipt.city, receipt]));
  const progress: CityProgress[] = [];
  for (const { city, listingLimit, requestIntervalMs } of tasks) {
    const receipt = receipts.get(city);
    if (receipt === undefined && !rates.has(city)) continue;
    progress.push(
      toCityProgress({
        city,
        counts: receipt ?? (await store.countCity(executionId, city)),
        listingLimit,
        requestsPerSecond: receipt === undefined ? rates.current(city) : rates.overall(city),
        allowedPerSecond: requestIntervalMs === 0 ? Number.POSITIVE_INFINITY : 1000 / requestIntervalMs,
        isDone: receipt !== undefined,
        nowMs: clock.now(),
      }),
    );
  }
  return progress;
}

interface ReportOptions {
  readonly intervalMs: number;
  readonly onProgress: (cities: readonly CityProgress[]) => void;
  readonly signal: AbortSignal;
}

/** Reports until the signal aborts. @throws StorageError when the counts cannot be read. */
export async function reportProgress(sources: ProgressSources, options: ReportOptions): Promise<void> {
  const { intervalMs, onProgress, signal } = options;
  while (!signal.aborted) {
    try {
      await sources.clock.sleep(intervalMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    onProgress(await readProgress(sources));
  }
}
