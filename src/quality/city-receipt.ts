/**
 * The receipt of one city in one execution: how much the portal said there was, what was seen, what became of each
 * listing, and the verdict. Sums must add up (`checkSums`); a receipt whose sums do not add up is never `complete`.
 */

export type CityVerdict = 'complete' | 'partial' | 'failed' | 'foreign';

/** What was counted while a city was collected. All counts are of distinct listing ids unless said otherwise. */
export interface CityCounts {
  /** The portal's own total on the first and on the last search page read, pages read again included; null when no page was read. */
  readonly portalTotalStart: number | null;
  readonly portalTotalEnd: number | null;
  /** Search pages read, and search pages given up after their last attempt. */
  readonly searchPages: number;
  readonly failedSearchPages: number;
  /** Pages read again because the list had shifted while it was read; not in `searchPages`. */
  readonly rereadPages: number;
  /** True when paging went on to the last page. */
  readonly isListComplete: boolean;
  /** Distinct ids of this city seen on search pages. */
  readonly discovered: number;
  /** Cards seen again on a later page of the first reading (page drift, promoted cards); not distinct. */
  readonly duplicateCards: number;
  /** Cards of another municipality, dropped; distinct ids. */
  readonly foreignCards: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Of `unchanged`, those whose card was as before, so that their page was not fetched: requests saved. */
  readonly unfetched: number;
  /** Page says removed or sold, or 404/410. */
  readonly removed: number;
  readonly failed: number;
  /** Left out on purpose: over the listing limit. */
  readonly skipped: number;
  /** Discovered, but nothing is known of its outcome (interrupted run). */
  readonly pending: number;
  /**
   * Known listings of this city, not gone, that this run did not see, of the deal types that it did list here; plus
   * `removed`. Zero unless the list is complete.
   */
  readonly goneCandidates: number;
  readonly requests: number;
}

/** What the end of a city has done to the listings that it did not show, or shows again. */
export interface CityDelisting {
  /** Listings that this execution has marked gone. */
  readonly gone: number;
  /** Listings that had been gone and that this execution has seen again. */
  readonly returned: number;
  /** Listings that were not seen, or are removed, and are not marked gone yet; 0 unless the list is complete. */
  readonly goneWaiting: number;
  /** Why none was marked gone though some were due, in words; null otherwise. */
  readonly delistingNote: string | null;
}

export interface CityReceipt extends CityCounts, CityDelisting {
  readonly executionId: string;
  readonly city: string;
  /** Listings that were to be collected at most; null = all. */
  readonly listingLimit: number | null;
  readonly verdict: CityVerdict;
  /** Why the verdict is not `complete`, in words; null when it is. */
  readonly reason: string | null;
  /**
   * Its changes were taken back (`quarantines`): they said something else than the city usually does. The verdict stays
   * what it is, for it says how much of the list was seen.
   */
  readonly isQuarantined: boolean;
  /** What came of comparing it with the city's recent complete runs, in words; null when nothing was compared. */
  readonly drift: string | null;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string;
  readonly finishedAtUtc: string;
}

export type ExecutionStatus = 'completed' | 'degraded' | 'failed' | 'interrupted';

/** A part that the run went on without, though it was asked for. */
export interface MissingPart {
  /** Its name, e.g. `raw archive`; unique within a run. */
  readonly part: string;
  /** Why it is missing, in words. */
  readonly reason: string;
  /** What a person can do. */
  readonly remedy: string;
}

/** The result of a run, as printed and as `--json`. */
export interface ExecutionResult {
  readonly executionId: string;
  readonly nominalDay: string;
  readonly status: ExecutionStatus;
  readonly successfulCities: number;
  readonly totalCities: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly unfetched: number;
  readonly goneCandidates: number;
  readonly gone: number;
  readonly returned: number;
  readonly goneWaiting: number;
  readonly failed: number;
  readonly requests: number;
  /**
   * Time in which a process worked on it, in seconds: of a run that was stopped and continued, the time between is not
   * in it, nor that of a process that was killed.
   */
  readonly executionTimeSeconds: number;
  /** What it went on without; one of them makes a run `degraded` that would be `completed`. */
  readonly missingParts: readonly MissingPart[];
  readonly cities: readonly CityReceipt[];
}
