export interface DriftLimits {
  /** Complete runs of a city that a run is compared with, at most and at least. */
  readonly historyRuns: number;
  readonly minHistoryRuns: number;
  /** Pages fetched, or listings listed, below which a run is neither judged nor compared with. */
  readonly minPages: number;
  /** Share of pages, 0 to 1, below which the fall of a field is no drift. */
  readonly minUsualShare: number;
  /** Parts of the usual share and of the usual number of listings that may be missing, 0 to 1. */
  readonly maxCoverageDrop: number;
  readonly maxVolumeDrop: number;
}
