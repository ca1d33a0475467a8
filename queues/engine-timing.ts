/**
 * How soon an engine on Redis notices what others do not tell it: jobs of lost processes, ends and holds.
 */

export interface EngineTiming {
  /** A job whose process is gone for this long is taken back; an event loop must never be blocked as long. */
  readonly lockDurationMs: number;
  /** How often jobs of lost processes are looked for. */
  readonly stalledIntervalMs: number;
  /** How often a job that is waited for, or a queue on hold, is looked at when no event tells. */
  readonly pollIntervalMs: number;
}

/** Measured: the job of a killed process runs elsewhere after 20 s. */
export const defaultEngineTiming: EngineTiming = {
  lockDurationMs: 15_000,
  stalledIntervalMs: 5_000,
  pollIntervalMs: 1_000,
};
