/**
 * Ends a quarantine: `release` makes its versions hold from the time on when they were seen, where nothing newer has come
 * since; `discard` forgets them. Must run inside a transaction.
 */
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import type { ClosedQuarantine, QuarantineClosing } from '../quality/quarantine.ts';
import { sharedNames } from './commit-versions.ts';
import { listingVersionsTable } from './history-tables.ts';
import { restoreListings } from './quarantine.ts';
import type { Session } from './session.ts';

const isOfRun = 'q.execution_id = $executionId AND q.city = $city';
const names = listingVersionsTable.columns.map(({ name }) => name);
const versionNames = names.join(', ');

/** A listing has moved on when a page of it was fetched later, or a version begins later. */
const forgetOvertaken = `DELETE FROM quarantined_versions q WHERE ${isOfRun} AND listing_id IN (
  SELECT m.listing_id FROM (
    SELECT listing_id, max(fetched_at) AS fetched_at, max(valid_from) AS valid_from
    FROM quarantined_versions q WHERE ${isOfRun} GROUP BY listing_id
  ) m
  LEFT JOIN listings l ON l.listing_id = m.listing_id
  WHERE l.fetched_at > m.fetched_at
    OR m.listing_id IN (SELECT v.listing_id FROM listing_versions v WHERE v.listing_id = m.listing_id AND v.valid_from > m.valid_from))`;

/** The last of a listing's versions ends when the one ends whose place it takes. */
const takeEnd = `UPDATE quarantined_versions q SET valid_to = v.valid_to, end_reason = v.end_reason
  FROM (
    FROM listing_versions WHERE listing_id IN (SELECT listing_id FROM quarantined_versions q WHERE ${isOfRun})
    QUALIFY row_number() OVER (PARTITION BY listing_id ORDER BY valid_from DESC) = 1
  ) v
  WHERE ${isOfRun} AND v.listing_id = q.listing_id AND q.valid_from =
    (SELECT max(valid_from) FROM quarantined_versions o
      WHERE o.execution_id = q.execution_id AND o.city = q.city AND o.listing_id = q.listing_id)`;

const first = `SELECT listing_id, min(valid_from) AS valid_from FROM quarantined_versions q WHERE ${isOfRun} GROUP BY listing_id`;

const giveWay = `DELETE FROM listing_versions v USING (${first}) f
  WHERE v.listing_id = f.listing_id AND v.valid_from >= f.valid_from`;

const endBefore = `UPDATE listing_versions v SET valid_to = f.valid_from, end_reason = 'changed' FROM (${first}) f
  WHERE v.listing_id = f.listing_id AND (v.valid_to IS NULL OR v.valid_to > f.valid_from)`;

const bringBack = `INSERT INTO listing_versions SELECT ${versionNames} FROM quarantined_versions q WHERE ${isOfRun}`;

/** Of search pages: those of the city that may show again what is in quarantine. */
const isLater = `city = $city AND fetched_at >= (SELECT min(valid_from) FROM quarantined_versions q WHERE ${isOfRun})`;
const shared = sharedNames.join(', ');
/** Listings that are not stored any more: seen first and last as the search pages have it. */
const addListings = `INSERT INTO listings (${shared}, first_seen_at, last_seen_at)
  SELECT ${shared}, min(valid_from) OVER listing, greatest(fetched_at, coalesce(seen_at, fetched_at))
  FROM quarantined_versions q LEFT JOIN (
    SELECT seen_id, max(fetched_at) AS seen_at FROM (
      SELECT unnest(listing_ids || skipped_listing_ids) AS seen_id, fetched_at FROM search_pages WHERE ${isLater}
      UNION ALL SELECT unnest(listing_ids) AS seen_id, fetched_at FROM reread_pages WHERE ${isLater}
    ) GROUP BY seen_id
  ) ON seen_id = listing_id
  WHERE ${isOfRun} AND listing_id NOT IN (SELECT listing_id FROM listings)
  WINDOW listing AS (PARTITION BY listing_id)
  QUALIFY row_number() OVER (PARTITION BY listing_id ORDER BY valid_from DESC) = 1`;

const countLeft = `SELECT count(DISTINCT listing_id)::INTEGER AS released FROM quarantined_versions q WHERE ${isOfRun}`;
const leftRow = z.object({ released: z.number() });

const forgetAll = `DELETE FROM quarantined_versions q WHERE ${isOfRun}`;

const close = `UPDATE quarantines q SET state = $state, closed_at = $closedAt::TIMESTAMP, released = $released
  WHERE ${isOfRun} AND q.state = 'open'`;

/**
 * Accepts or forgets the changes of the run. @throws StorageError QUARANTINE_UNKNOWN when the run has none that are open.
 */
export async function closeQuarantine(session: Session, order: QuarantineClosing): Promise<ClosedQuarantine> {
  const { executionId, city, action, closedAtUtc } = order;
  const run = { executionId, city };
  const listings = await requireOpen(session, order);
  const released = action === 'release' ? await release(session, run) : 0;
  await session.run(forgetAll, run);
  const state = action === 'release' ? 'released' : 'discarded';
  await session.run(close, { ...run, state, closedAt: closedAtUtc, released });
  return { listings, released };
}

async function release(
  session: Session,
  run: { readonly executionId: string; readonly city: string },
): Promise<number> {
  for (const sql of [forgetOvertaken, takeEnd]) await session.run(sql, run);
  const [row] = await session.rows(countLeft, run);
  for (const sql of [giveWay, endBefore, bringBack, restoreListings, addListings]) await session.run(sql, run);
  return leftRow.parse(row).released;
}

const openRow = z.object({ listings: z.number(), state: z.string() });

async function requireOpen(session: Session, { executionId, city, action }: QuarantineClosing): Promise<number> {
  const [row] = await session.rows(`SELECT listings, state FROM quarantines q WHERE ${isOfRun}`, { executionId, city });
  const found = row === undefined ? null : openRow.parse(row);
  if (found?.state === 'open') return found.listings;
  const got = found === null ? 'none' : `one that is ${found.state}`;
  throw new StorageError(
    'QUARANTINE_UNKNOWN',
    `cannot ${action} the quarantine of ${executionId} in ${city}: expected an open one, got ${got}; "oikotie quarantine list" shows them`,
  );
}
