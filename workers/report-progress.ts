/**
 * Watches a run from beside it: asks the store for counts at an interval and tells a listener. It changes nothing.
 */
import type { CityTask } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { CityFigures } from '../src/metrics/figures.ts';
import type { CityCounts } from '../src/quality/city-receipt.ts';
import type { RequestRates } from './progress.ts';
import { toCityProgress } from './progress.ts';

export interface ProgressSources {
  readonly store: Pick<SeriesStore, 'countCity' | 'cityReceipts'>;
  readonly rates: RequestRates;
  readonly clock: Clock;
  readonly executionId: string;
  readonly tasks: readonly CityTask[];
}

interface CountedCity {
  readonly counts: CityCounts;
  readonly isDone: boolean;
}

/** The counts of every city that has begun: has asked for something, or has its receipt. */
async function readCityCounts({
  store,
  rates,
  executionId,
  tasks,
}: Omit<ProgressSources, 'clock'>): Promise<ReadonlyMap<string, CountedCity>> {
  const receipts = new Map((await store.cityReceipts(executionId)).map((receipt) => [receipt.city, receipt]));
  const counted = new Map<string, CountedCity>();
  for (const { city } of tasks) {
    const receipt = receipts.get(city);
    if (receipt !== undefined) counted.set(city, { counts: receipt, isDone: true });
    else if (rates.has(city)) counted.set(city, { counts: await store.countCity(executionId, city), isDone: false });
  }
  return counted;
}

/** The progress of every city that has begun. */
export async function readProgress(sources: ProgressSources): Promise<readonly CityProgress[]> {
  const { rates, clock, tasks } = sources;
  const counted = await readCityCounts(sources);
  const progress: CityProgress[] = [];
  for (const { city, listingLimit, requestIntervalMs } of tasks) {
    const known = counted.get(city);
    if (known === undefined) continue;
    progress.push(
      toCityProgress({
        ...known,
        city,
        listingLimit,
        requestsPerSecond: known.isDone ? rates.overall(city) : rates.current(city),
        allowedPerSecond: perSecondOf(requestIntervalMs),
        nowMs: clock.now(),
      }),
    );
  }
  return progress;
}

/** The same cities as the metrics show them. */
export async function readCityFigures(sources: ProgressSources): Promise<readonly CityFigures[]> {
  const { rates, tasks } = sources;
  const counted = await readCityCounts(sources);
  return tasks.flatMap(({ city, requestIntervalMs }) => {
    const known = counted.get(city);
    if (known === undefined) return [];
    const requestsPerSecond = known.isDone ? rates.overall(city) : rates.current(city);
    return [{ city, counts: known.counts, requestsPerSecond, allowedPerSecond: perSecondOf(requestIntervalMs) }];
  });
}

function perSecondOf(intervalMs: number): number {
  return intervalMs === 0 ? Number.POSITIVE_INFINITY : 1000 / intervalMs;
}

/** Looking takes at most one part in so many of the time, unless a short interval is asked for. */
const restPerLook = 100;

interface ReportOptions {
  /** Rest between two looks at most and, where looking is cheap, at least. */
  readonly intervalMs: number;
  readonly leastIntervalMs: number;
  readonly onProgress: (cities: readonly CityProgress[]) => void;
  readonly signal: AbortSignal;
}

/** Reports until the signal aborts. @throws StorageError when the counts cannot be read. */
export async function reportProgress(sources: ProgressSources, options: ReportOptions): Promise<void> {
  const { intervalMs, leastIntervalMs, onProgress, signal } = options;
  let lookMs = 0;
  while (!signal.aborted) {
    try {
      await sources.clock.sleep(Math.min(intervalMs, Math.max(leastIntervalMs, lookMs * restPerLook)), signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const beginMs = sources.clock.now();
    const cities = await readProgress(sources);
    lookMs = Math.max(0, sources.clock.now() - beginMs);
    onProgress(cities);
  }
}
