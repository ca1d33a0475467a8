/**
 * Watches the memory and the processor time of this process, and says how many jobs may run at once. It measures and
 * tells the log of each step; what a measurement means is decided in src/resilience/load-limiter.ts.
 */
import type { Clock } from '../src/clock.ts';
import type { Log } from '../src/log.ts';
import type { LoadLimits, LoadSample } from '../src/resilience/load-limiter.ts';
import { concurrencyAt, fullConcurrency, nextLevel } from '../src/resilience/load-limiter.ts';

export interface LoadWatch {
  /** Jobs that may run at once where `configured` are allowed. */
  readonly limit: (configured: number) => number;
  readonly stop: () => void;
}

interface LoadWatchOptions {
  readonly limits: LoadLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Measures the time since it was last called; by default this process. */
  readonly measure?: () => LoadSample;
}

const sampleIntervalMs = 2_000;

/** Starts watching; stop it when the work is done. */
export function startLoadWatch({
  limits,
  clock,
  log,
  measure = createProcessMeter(clock),
}: LoadWatchOptions): LoadWatch {
  const ending = new AbortController();
  let state = fullConcurrency;

  function take(): void {
    const sample = measure();
    const before = state.level;
    state = nextLevel(state, sample, limits);
    if (state.level !== before) tell(log, { from: before, to: state.level }, sample, limits);
  }

  function takeAgain(): void {
    clock.sleep(sampleIntervalMs, ending.signal).then(
      () => {
        take();
        takeAgain();
      },
      () => undefined,
    );
  }

  takeAgain();
  return { limit: (configured) => concurrencyAt(state, configured), stop: () => ending.abort() };
}

function tell(log: Log, level: { from: number; to: number }, sample: LoadSample, limits: LoadLimits): void {
  const fields = {
    memoryMb: toMb(sample.memoryBytes),
    maxMemoryMb: toMb(limits.maxMemoryBytes),
    cpuPercent: Math.round(sample.cpuPercent),
    maxCpuPercent: limits.maxCpuPercent,
    ofTenAtOnce: concurrencyAt({ level: level.to }, 10),
  };
  if (level.to > level.from) log.warn(fields, 'load is over its limit, fewer pages are fetched at once');
  else log.info(fields, 'load is well below its limit, more pages are fetched at once');
}

function toMb(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}

/** Resident memory now, and processor time since the last call in percent of one core. */
function createProcessMeter(clock: Clock): () => LoadSample {
  let lastCpu = process.cpuUsage();
  let lastMs = clock.now();
  return () => {
    const { user, system } = process.cpuUsage(lastCpu);
    const elapsedMs = Math.max(1, clock.now() - lastMs);
    lastCpu = process.cpuUsage();
    lastMs = clock.now();
    return { memoryBytes: process.memoryUsage.rss(), cpuPercent: (user + system) / 10 / elapsedMs };
  };
}
