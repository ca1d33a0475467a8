/**
 * Takes the changes of a run of a city back: its versions move to `quarantined_versions`, the versions before them hold
 * again, and `listings` says what they say. Must run inside a transaction; doing it again changes nothing.
 */
import { z } from 'zod';
import type { QuarantineWrite } from '../quality/quarantine.ts';
import { sharedNames } from './commit-versions.ts';
import { listingVersionsTable } from './history-tables.ts';
import type { Session } from './session.ts';

const versionNames = listingVersionsTable.columns.map(({ name }) => name).join(', ');

/** Versions that say something else than the one before; a listing that came back as it was has nothing to take back. */
const moveAway = `INSERT INTO quarantined_versions
  SELECT ${versionNames} FROM (
    SELECT *, lag(content_hash) OVER (PARTITION BY listing_id ORDER BY valid_from) AS hash_before FROM listing_versions
    WHERE listing_id IN
      (SELECT listing_id FROM listing_versions WHERE execution_id = $executionId AND city = $city)
  )
  WHERE execution_id = $executionId AND city = $city AND hash_before IS DISTINCT FROM content_hash`;

const isOfRun = 'q.execution_id = $executionId AND q.city = $city';

const forgetMoved = `DELETE FROM listing_versions v USING quarantined_versions q
  WHERE ${isOfRun} AND v.execution_id = q.execution_id AND v.listing_id = q.listing_id AND v.valid_from = q.valid_from`;

/** The time that the moved versions of a listing took up. */
const moved = `SELECT listing_id, min(valid_from) AS valid_from, max_by(coalesce(valid_to, 'infinity'), valid_from) AS valid_to,
    max_by(coalesce(end_reason, ''), valid_from) AS end_reason
  FROM quarantined_versions q WHERE ${isOfRun} GROUP BY listing_id`;
const movedEnd = `valid_to = nullif(m.valid_to, 'infinity'), end_reason = nullif(m.end_reason, '')`;

const holdAgain = `UPDATE listing_versions v SET ${movedEnd} FROM (${moved}) m
  WHERE v.listing_id = m.listing_id AND v.valid_to = m.valid_from AND v.end_reason = 'changed'`;

/** A listing that had been gone was seen again, whatever its page said: what it was before holds from then on. */
const holdAfterReturn = `INSERT INTO listing_versions
  SELECT v.* REPLACE (m.valid_from AS valid_from, nullif(m.valid_to, 'infinity') AS valid_to, nullif(m.end_reason, '') AS end_reason)
  FROM (${moved}) m JOIN listing_versions v ON v.listing_id = m.listing_id AND v.valid_from < m.valid_from
  QUALIFY v.end_reason = 'gone' AND v.valid_to <= m.valid_from
    AND row_number() OVER (PARTITION BY v.listing_id ORDER BY v.valid_from DESC) = 1
    AND NOT EXISTS (FROM listing_versions l WHERE l.listing_id = m.listing_id AND l.valid_from >= m.valid_from)`;

/** `listings` of the run's quarantine as their last version says. */
export const restoreListings = `UPDATE listings SET ${sharedNames
  .slice(1)
  .map((name) => `${name} = v.${name}`)
  .join(', ')}
  FROM (
    FROM listing_versions v WHERE listing_id IN (SELECT listing_id FROM quarantined_versions q WHERE ${isOfRun})
    QUALIFY row_number() OVER (PARTITION BY listing_id ORDER BY valid_from DESC) = 1
  ) v
  WHERE listings.listing_id = v.listing_id AND listings.content_hash <> v.content_hash`;

const forgetNew = `DELETE FROM listings
  WHERE listing_id IN (SELECT listing_id FROM quarantined_versions q WHERE ${isOfRun})
    AND listing_id NOT IN (SELECT listing_id FROM listing_versions)`;

const countMoved = `SELECT count(DISTINCT listing_id)::INTEGER AS listings FROM quarantined_versions q WHERE ${isOfRun}`;
const movedRow = z.object({ listings: z.number() });

const keepQuarantine = `INSERT INTO quarantines
    (execution_id, city, state, reason, drifts_json, listings, opened_at)
  VALUES ($executionId, $city, 'open', $reason, $drifts::JSON, $listings, $openedAt::TIMESTAMP)
  ON CONFLICT (execution_id, city) DO UPDATE SET state = 'open', reason = excluded.reason,
    drifts_json = CASE json_array_length(excluded.drifts_json) WHEN 0 THEN quarantines.drifts_json ELSE excluded.drifts_json END, listings = excluded.listings, closed_at = NULL, released = NULL`;

/** Puts the changes of the run into quarantine; gives the number of listings whose changes are in it. */
export async function quarantineCity(session: Session, write: QuarantineWrite): Promise<number> {
  const { executionId, city, reason, drifts, openedAtUtc } = write;
  const run = { executionId, city };
  await session.run(moveAway, run);
  await session.run(forgetMoved, run);
  await session.run(holdAgain, run);
  await session.run(holdAfterReturn, run);
  await session.run(restoreListings, run);
  await session.run(forgetNew, run);
  const [row] = await session.rows(countMoved, run);
  const { listings } = movedRow.parse(row);
  const rest = { reason, drifts: JSON.stringify(drifts), listings, openedAt: openedAtUtc };
  await session.run(keepQuarantine, { ...run, ...rest });
  return listings;
}

/** Keeps a drift that was accepted before anything was taken back. */
export async function keepAccepted(session: Session, write: QuarantineWrite): Promise<void> {
  const { executionId, city, reason, drifts, openedAtUtc } = write;
  await session.run(
    `INSERT INTO quarantines (execution_id, city, state, reason, drifts_json, listings, opened_at, closed_at, released)
      VALUES ($executionId, $city, 'released', $reason, $drifts::JSON, 0, $openedAt::TIMESTAMP, $openedAt::TIMESTAMP, 0)
      ON CONFLICT DO NOTHING`,
    { executionId, city, reason, drifts: JSON.stringify(drifts), openedAt: openedAtUtc },
  );
}

/** Why the changes of the run are in quarantine; null when they are not, or not any more. */
export async function selectOpenQuarantine(
  session: Session,
  executionId: string,
  city: string,
): Promise<string | null> {
  const [row] = await session.rows(
    `SELECT reason FROM quarantines WHERE execution_id = $executionId AND city = $city AND state = 'open'`,
    { executionId, city },
  );
  return row === undefined ? null : String(row['reason']);
}
