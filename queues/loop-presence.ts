/**
 * What the coordinator needs of the process it is in as a node of the cluster. Its adapter, workers/loop-presence.ts, joins
 * and leaves the registry, measures and tells the health.
 */
export interface LoopPresence {
  /** True once the node was asked from afar to take nothing new, or has lost its name. */
  readonly isDraining: boolean;
  /**
   * Joins under the name and goes on telling its state; started again it goes on as it is.
   * @param activeJobs told with each heartbeat
   * @throws ScraperError NODE_ID_TAKEN when another living process has the name
   */
  readonly start: (activeJobs: () => number) => Promise<void>;
  /**
   * Tells no more and takes the name out; nothing when it was never started.
   * @throws ScraperError NODE_ID_TAKEN when the name was lost to another process
   */
  readonly stop: () => Promise<void>;
}
