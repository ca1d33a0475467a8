/**
 * How far a run is believed, as configured.
 */
import type { DriftLimits } from './judge-drift.ts';

export interface QualitySettings extends DriftLimits {
  /** Readings of a city's search pages after the first one, at most. */
  readonly rereadPasses: number;
}
