/** How far a city of a run is, as it is told to whoever follows the run: a terminal, another process, a page. */
export interface CityProgress {
  readonly city: string;
  /** Listings settled so far, and how many there are to be; null until the first search page was read. */
  readonly settled: number;
  readonly total: number | null;
  /** The portal's own total, whatever the limit; null until the first search page was read. */
  readonly portalTotal: number | null;
  /** Sent for the city so far. */
  readonly requests: number;
  /** Requests per second over the last minute, and the configured limit (Infinity = none). */
  readonly requestsPerSecond: number;
  readonly allowedPerSecond: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  /** Epoch milliseconds when the city will be done at this pace; null while that cannot be said. */
  readonly etaMs: number | null;
  readonly isDone: boolean;
}
