/**
 * The gate before listings are marked gone: a run that would take too many of a city at once says more about itself, or
 * about the portal, than about the market.
 */

export interface DelistingSettings {
  /** Complete runs of the city in a row that a listing must be missing from; 1 or more. */
  readonly completeRuns: number;
  /** Largest share of the city's listings that one run marks gone, 0 to 1. */
  readonly maxDropShare: number;
}

/** What one run of a city would do. */
export interface Drop {
  readonly city: string;
  /** Listings that would be marked gone. */
  readonly leaving: number;
  /** Listings that were offered before, those included. */
  readonly present: number;
}

/** Why these listings must not be marked gone at once, in words with what a person can do; null when they may. */
export function checkDrop({ city, leaving, present }: Drop, maxDropShare: number): string | null {
  if (leaving <= present * maxDropShare) return null;
  const share = Math.round((leaving / present) * 1000) / 10;
  const limit = Math.round(maxDropShare * 1000) / 10;
  return (
    `${leaving} of ${present} listings (${share} %) would be marked gone, and a run may mark ${limit} % at most: none was; ` +
    `if they are gone, accept it: oikotie run --city "${city}" --accept-drop`
  );
}
