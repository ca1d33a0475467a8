/**
 * Follows a standalone run from beside it, for the listener in its own process and for other processes.
 */
import { systemClock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { Log } from '../src/log.ts';
import type { ProgressFile } from './progress-file.ts';
import { progressFileIntervalMs } from './progress-file.ts';
import type { ProgressSources } from './report-progress.ts';
import { reportProgress } from './report-progress.ts';

interface WatchOptions {
  /** Between two words to the listener. */
  readonly progressIntervalMs: number;
  readonly onProgress: (cities: readonly CityProgress[]) => void;
  readonly file: Pick<ProgressFile, 'offer'>;
  readonly log: Log;
}

/** Tells how far it is until the function given back is called; a run does not depend on it. */
export function watchProgress(sources: ProgressSources, options: WatchOptions): () => Promise<void> {
  const { progressIntervalMs: intervalMs, onProgress, file, log } = options;
  const { clock } = sources;
  const watching = new AbortController();
  let toldAtMs = clock.now();
  const tell = (cities: readonly CityProgress[]): void => {
    file.offer(cities);
    const sinceMs = clock.now() - toldAtMs;
    // A timer may be a little early; a clock may be set back.
    if (sinceMs >= 0 && sinceMs < intervalMs * 0.9) return;
    toldAtMs = clock.now();
    onProgress(cities);
  };
  // Other processes go by the system's clock: a run that has another one leaves its file no more often than it tells its listener.
  const leastIntervalMs = clock === systemClock ? progressFileIntervalMs : Number.POSITIVE_INFINITY;
  const rhythm = { intervalMs, leastIntervalMs };
  const watch = reportProgress(sources, { ...rhythm, onProgress: tell, signal: watching.signal }).catch(
    (error: unknown) => log.warn({ error: messageOf(error) }, 'progress cannot be read'),
  );
  return () => {
    watching.abort();
    return watch;
  };
}
