/**
 * How many of the configured jobs may run at once under the load of this process: fewer step by step while memory or
 * processor are over their limits, more again slowly once both have been well below. Pure: a sample in, a level out.
 */

export interface LoadLimits {
  /** Resident memory, in bytes. */
  readonly maxMemoryBytes: number;
  /** Percent of one processor core; more than 100 when several threads are busy. */
  readonly maxCpuPercent: number;
}

export interface LoadSample {
  readonly memoryBytes: number;
  readonly cpuPercent: number;
}

export interface LoadLevel {
  /** Steps down from the configured concurrency: 0 to 12. */
  readonly level: number;
  /** Samples in a row over the processor's limit: a burst is no load. */
  readonly busySamples: number;
  /** Samples in a row with both well below their limits. */
  readonly calmSamples: number;
}

export const fullConcurrency: LoadLevel = { level: 0, busySamples: 0, calmSamples: 0 };

/** What is left of the concurrency after each step. */
const stepShare = 0.7;
/** After these even 50 jobs at once have become one. */
const maxLevel = 12;
/** Samples over the processor's limit before a step down; memory waits for none. */
const busySamplesPerStep = 3;
/** Samples well below both limits before a step up. */
const calmSamplesPerStep = 5;
/** Below this share of a limit is well below: between it and the limit nothing changes. */
const calmShare = 0.85;

/** The level after one more sample: one step at most. */
export function nextLevel(before: LoadLevel, sample: LoadSample, limits: LoadLimits): LoadLevel {
  const hasTooMuchMemory = sample.memoryBytes > limits.maxMemoryBytes;
  const busySamples = sample.cpuPercent > limits.maxCpuPercent ? before.busySamples + 1 : 0;
  if (hasTooMuchMemory || busySamples >= busySamplesPerStep) {
    return { level: Math.min(maxLevel, before.level + 1), busySamples: 0, calmSamples: 0 };
  }
  const isCalm =
    sample.memoryBytes < limits.maxMemoryBytes * calmShare && sample.cpuPercent < limits.maxCpuPercent * calmShare;
  const calmSamples = isCalm ? before.calmSamples + 1 : 0;
  if (calmSamples < calmSamplesPerStep) return { level: before.level, busySamples, calmSamples };
  return { level: Math.max(0, before.level - 1), busySamples: 0, calmSamples: 0 };
}

/** Jobs at once at this level: at least one, at most `configured`. */
export function concurrencyAt({ level }: Pick<LoadLevel, 'level'>, configured: number): number {
  return Math.max(1, Math.ceil(configured * stepShare ** level));
}
