/**
 * What a city was on a day, as one notion: by the best of its runs, because the data of the day are as good as that. A run in
 * quarantine has brought nothing into the series yet; one that is open may still. SQL for queries over `city_executions`.
 */

export const dayVerdicts = ['complete', 'partial', 'quarantined', 'open', 'foreign', 'failed'] as const;
/** `open`: it was begun and never closed, or is being collected now. */
export type DayVerdict = (typeof dayVerdicts)[number];

/** What reads the archive anew asks nothing and stands for no day. */
export const isRun = "execution_id NOT LIKE 'reparse-%'";
/** A city that only waits for its turn has no verdict, not even an open one. */
export const hasBegun = 'started_at IS NOT NULL';

/** Of a row of `city_executions` by the name it has in the query. */
export function dayVerdictOf(receipt: string): string {
  return `CASE WHEN ${receipt}.verdict IS NULL THEN 'open' WHEN coalesce(${receipt}.is_quarantined, false) THEN 'quarantined'
    ELSE ${receipt}.verdict END`;
}

/** Order of the runs of a city and day, the one that counts first. */
export function bestRunFirst(receipt: string): string {
  const best = dayVerdicts.map((each) => `'${each}'`).join(', ');
  return `list_position([${best}], ${dayVerdictOf(receipt)}), ${receipt}.started_at DESC`;
}
