/**
 * The versions of the listings of one batch. Must run inside a transaction. A page that says the same as before adds
 * nothing, writing the same again changes nothing, and an older response never makes a version. The table has no key
 * (an index over a million rows costs more than it gives): that versions do not overlap follows from these statements.
 */
import { listingVersionsTable } from './history-tables.ts';
import type { Session } from './session.ts';

/** The last version of a staged listing: the one that holds, or the one that ended when it was gone. */
const isLastVersion = 'v.listing_id = s.listing_id AND v.valid_to IS NOT DISTINCT FROM s.valid_to';

/** A listing that was seen again on a search page has a version that is younger than its page: the page replaces it. */
const takePlace = `UPDATE staged_versions s SET valid_from = v.valid_from FROM listing_versions v
  WHERE ${isLastVersion} AND v.valid_from > s.valid_from`;
const dropReplaced = `DELETE FROM listing_versions v USING staged_versions s
  WHERE ${isLastVersion} AND v.valid_from = s.valid_from`;

const endLast = `UPDATE listing_versions v SET valid_to = s.valid_from, end_reason = 'changed' FROM staged_versions s
  WHERE ${isLastVersion} AND v.valid_from < s.valid_from`;

const names = listingVersionsTable.columns.map(({ name }) => name);
const timeNames = ['valid_from', 'valid_to', 'end_reason'];
/** Columns that a listing and its version share, the key first. */
export const sharedNames: readonly string[] = names.filter((name) => !timeNames.includes(name));

const addStaged = `INSERT INTO listing_versions SELECT ${names.join(', ')} FROM staged_versions`;

interface StagedVersions {
  /** Some of the listings were known. */
  readonly hasKnown: boolean;
  /** The page of some was fetched no later than the listing was seen last. */
  readonly hasLate: boolean;
}

/** Ends the versions that the staged ones follow, and adds these. */
export async function commitVersions(session: Session, { hasKnown, hasLate }: StagedVersions): Promise<void> {
  if (hasLate) {
    await session.run(takePlace, {});
    await session.run(dropReplaced, {});
  }
  if (hasKnown) await session.run(endLast, {});
  await session.run(addStaged, {});
}

/**
 * The statement that opens a version for each listing that had been gone when the page was fetched that a staging table
 * names; to be run before `listings` forgets that it was gone. `provenance` are the columns the staging table has, the
 * others are as stored. `condition` chooses rows of the staging table `s`.
 */
export function openReturned(staged: string, provenance: readonly string[], condition: string): string {
  const columns = names.map((name) => {
    if (name === 'valid_from') return 's.fetched_at';
    if (name === 'valid_to' || name === 'end_reason') return 'NULL';
    return provenance.includes(name) ? `s.${name}` : `l.${name}`;
  });
  return `INSERT INTO listing_versions SELECT ${columns.join(', ')}
    FROM ${staged} s JOIN listings l ON l.listing_id = s.listing_id
    WHERE s.fetched_at >= l.gone_at AND ${condition}
    QUALIFY row_number() OVER (PARTITION BY s.listing_id ORDER BY s.fetched_at, s.execution_id, s.city) = 1`;
}

/** What `listings` says of being gone once its page was fetched again, for an UPDATE FROM a staging table `s`. */
export const forgetGone = ['gone_at', 'gone_reason', 'gone_execution_id']
  .map((name) => `${name} = CASE WHEN s.fetched_at >= listings.gone_at THEN NULL ELSE listings.${name} END`)
  .join(', ');
