/**
 * The listings of one batch: compared with what is stored, written, and settled in their execution. Must run inside a
 * transaction. Whole rows are moved only where the page says something new: most listings of a day are as they were.
 * An older response never overwrites a newer one. Statements are few, because each reads a whole column of keys.
 */
import { listValue } from '@duckdb/node-api';
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import type { ListingWrite } from '../jobs/store-writes.ts';
import { beside } from './beside.ts';
import { commitVersions, forgetGone, openReturned, sharedNames } from './commit-versions.ts';
import { addLineageOfVersions } from './data-lineage.ts';
import { provenanceColumns } from './listing-columns.ts';
import type { HashedWrite, VersionWrite } from './listing-rows.ts';
import { contentHashOf, stagedVersionColumns, versionCells } from './listing-rows.ts';
import type { Session } from './session.ts';
import type { StagingTable } from './staging.ts';
import { columnsOf, typesOf, withStaged } from './staging.ts';
import type { ColumnSpec } from './table-spec.ts';
import { executionListingsTable } from './tables.ts';

const provenanceNames = provenanceColumns.map(({ name }) => name);

const isRefresh: ColumnSpec = {
  name: 'is_refresh',
  type: 'BOOLEAN',
  unit: null,
  meaning: 'The last write of the batch for a listing whose content is as stored',
  source: 'program',
};
const stagedOutcomes: StagingTable = {
  name: 'staged_outcomes',
  columns: [...executionListingsTable.columns, ...provenanceColumns.slice(1), isRefresh],
};
const stagedVersions: StagingTable = { name: 'staged_versions', columns: stagedVersionColumns };

/** Staging tables that must exist before listings are committed. */
export const listingStagingTables: readonly StagingTable[] = [stagedOutcomes, stagedVersions];

const selectKnown = `SELECT listing_id AS listingId, content_hash AS contentHash, execution_id AS executionId, city,
    epoch_ms(fetched_at)::DOUBLE AS fetchedAtMs, epoch_ms(last_seen_at)::DOUBLE AS lastSeenAtMs,
    epoch_ms(gone_at)::DOUBLE AS goneAtMs
  FROM listings WHERE listing_id IN (SELECT unnest($listingIds::VARCHAR[]))`;
const knownRow = z.object({
  listingId: z.string(),
  contentHash: z.string(),
  executionId: z.string(),
  city: z.string(),
  fetchedAtMs: z.number(),
  lastSeenAtMs: z.number(),
  goneAtMs: z.number().nullable(),
});
type KnownListing = z.infer<typeof knownRow>;

const selectEarlier = `SELECT execution_id AS executionId, listing_id AS listingId, outcome FROM execution_listings
  WHERE outcome IN ('new', 'changed') AND listing_id IN (SELECT unnest($listingIds::VARCHAR[]))
    AND execution_id IN (SELECT unnest($executionIds::VARCHAR[]))`;
const earlierRow = z.object({ executionId: z.string(), listingId: z.string(), outcome: z.enum(['new', 'changed']) });

const assign = (names: readonly string[]) => names.map((name) => `${name} = s.${name}`).join(', ');

const seen = `first_seen_at = least(listings.first_seen_at, s.fetched_at),
  last_seen_at = greatest(listings.last_seen_at, s.fetched_at), ${forgetGone}`;

const updateChanged = `UPDATE listings SET ${assign(sharedNames.slice(1))}, ${seen} FROM staged_versions s
  WHERE listings.listing_id = s.listing_id AND NOT s.is_new`;

const addNew = `INSERT INTO listings (${sharedNames.join(', ')}, first_seen_at, last_seen_at)
  SELECT ${sharedNames.join(', ')}, fetched_at, fetched_at FROM staged_versions WHERE is_new`;

const updateUnchanged = `UPDATE listings SET ${assign(provenanceNames)}, ${seen} FROM staged_outcomes s
  WHERE listings.listing_id = s.listing_id AND s.fetched_at >= listings.fetched_at AND s.is_refresh`;

const openUnchanged = openReturned('staged_outcomes', provenanceNames, 's.is_refresh');

/** The outcome of a repeated write is the one it had: a job may run twice. */
const isAsBefore = `(execution_listings.outcome = 'new'
  OR (execution_listings.outcome = 'changed' AND s.outcome = 'unchanged'))`;

const settle = `UPDATE execution_listings SET
    outcome = CASE WHEN ${isAsBefore} THEN execution_listings.outcome ELSE s.outcome END,
    settled_at = CASE WHEN ${isAsBefore} OR execution_listings.outcome = s.outcome
      THEN execution_listings.settled_at ELSE s.settled_at END
  FROM staged_outcomes s
  WHERE execution_listings.execution_id = s.execution_id AND execution_listings.city = s.city
    AND execution_listings.listing_id = s.listing_id
  RETURNING execution_listings.execution_id AS executionId, execution_listings.city AS city,
    execution_listings.listing_id AS listingId`;
const settledKey = z.object({ executionId: z.string(), city: z.string(), listingId: z.string() });

const forgetFailures = `DELETE FROM failed_listings USING staged_outcomes s
  WHERE failed_listings.execution_id = s.execution_id AND failed_listings.city = s.city
    AND failed_listings.job_kind = 'listing' AND failed_listings.key = s.listing_id`;

/** Writes the listings; `settledAtUtc` is the time their outcome is recorded with; as to a correction see StoreWrites. */
export async function commitListings(
  session: Session,
  writes: readonly ListingWrite[],
  settledAtUtc: string,
  isCorrection = false,
): Promise<void> {
  if (writes.length === 0) return;
  const [known, { lastOfCity, lastOfListing }] = await beside(
    readKnown(session, [...new Set(writes.map(({ record }) => record.listingId))]),
    () => withoutRepeats(writes),
  );
  const earlier = await readEarlier(session, lastOfCity, known);
  const outcomes = lastOfCity.map((hashed) => {
    const stored = known.get(hashed.write.record.listingId);
    const isLast = lastOfListing.get(hashed.write.record.listingId) === hashed;
    return {
      ...outcomeRow(hashed.write, outcomeOf(hashed, stored, earlier), settledAtUtc),
      is_refresh: isLast && stored?.contentHash === hashed.contentHash,
    };
  });
  const settling = withStaged(session, stagedOutcomes, columnsOf(stagedOutcomes.columns, outcomes), async () => {
    const refreshed = outcomes.filter((row) => row.is_refresh);
    if (refreshed.some((row) => isGone(known.get(row.listing_id)))) await session.run(openUnchanged, {});
    if (refreshed.length > 0) await session.run(updateUnchanged, {});
    await settleOutcomes(session, outcomes);
    await session.run(forgetFailures, {});
  });
  const [, versions] = await beside(settling, () => versionsToWrite([...lastOfListing.values()], known));
  if (versions !== null) await writeRows(session, versions, isCorrection);
}

function isGone(stored: KnownListing | undefined): boolean {
  return stored !== undefined && stored.goneAtMs !== null;
}

/** The last wins: the last write per execution and city for the outcome, the youngest page per listing for the row. */
function withoutRepeats(writes: readonly ListingWrite[]) {
  const lastOfCity = new Map<string, HashedWrite>();
  const lastOfListing = new Map<string, HashedWrite>();
  for (const write of writes) {
    const { listingId, city } = write.record;
    const hashed = { write, contentHash: contentHashOf(write.record) };
    lastOfCity.set(keyOf(write.provenance.executionId, city, listingId), hashed);
    const other = lastOfListing.get(listingId);
    if (other === undefined || fetchedMsOf(hashed) >= fetchedMsOf(other)) lastOfListing.set(listingId, hashed);
  }
  return { lastOfCity: [...lastOfCity.values()], lastOfListing };
}

function fetchedMsOf({ write }: HashedWrite): number {
  return Date.parse(write.provenance.fetchedAtUtc);
}

function keyOf(executionId: string, city: string, listingId: string): string {
  return JSON.stringify([executionId, city, listingId]);
}

async function readKnown(session: Session, listingIds: readonly string[]): Promise<ReadonlyMap<string, KnownListing>> {
  const rows = await session.rows(selectKnown, { listingIds: listValue(listingIds) });
  const known = rows.map((row) => knownRow.parse(row));
  return new Map(known.map((row) => [row.listingId, row]));
}

type EarlierOutcomes = ReadonlySet<string>;

function earlierKey(executionId: string, listingId: string, outcome: string): string {
  return JSON.stringify([executionId, listingId, outcome]);
}

/**
 * What became of the listings before in their own execution, in any city. Only a listing that this execution or another
 * city has stored can have such an outcome that `settle` does not see by itself.
 */
async function readEarlier(
  session: Session,
  hashed: readonly HashedWrite[],
  known: ReadonlyMap<string, KnownListing>,
): Promise<EarlierOutcomes> {
  const repeated = hashed.filter(({ write: { record, provenance } }) => {
    const stored = known.get(record.listingId);
    return stored !== undefined && (stored.executionId === provenance.executionId || stored.city !== record.city);
  });
  if (repeated.length === 0) return new Set();
  const rows = await session.rows(selectEarlier, {
    listingIds: listValue(repeated.map(({ write }) => write.record.listingId)),
    executionIds: listValue([...new Set(repeated.map(({ write }) => write.provenance.executionId))]),
  });
  const earlier = rows.map((row) => earlierRow.parse(row));
  return new Set(earlier.map(({ executionId, listingId, outcome }) => earlierKey(executionId, listingId, outcome)));
}

function outcomeOf(
  { write: { record, provenance }, contentHash }: HashedWrite,
  stored: KnownListing | undefined,
  earlier: EarlierOutcomes,
): 'new' | 'changed' | 'unchanged' {
  const was = (outcome: string) => earlier.has(earlierKey(provenance.executionId, record.listingId, outcome));
  if (stored === undefined || was('new')) return 'new';
  return stored.contentHash !== contentHash || was('changed') ? 'changed' : 'unchanged';
}

function outcomeRow({ record, provenance }: ListingWrite, outcome: string, settledAtUtc: string) {
  return {
    execution_id: provenance.executionId,
    city: record.city,
    listing_id: record.listingId,
    page: null,
    outcome,
    settled_at: settledAtUtc,
    fetched_at: provenance.fetchedAtUtc,
    request_url: provenance.requestUrl,
    response_sha256: provenance.responseSha256,
    parser: provenance.parser,
    node_id: provenance.nodeId,
    etag: provenance.etag,
    last_modified: provenance.lastModified,
    card_hash: provenance.cardHash,
  };
}

/** Settles the staged outcomes; a listing that was stored before its search page has no row yet and gets one. */
async function settleOutcomes(session: Session, outcomes: readonly ReturnType<typeof outcomeRow>[]): Promise<void> {
  const settled = new Set(
    (await session.rows(settle, {})).map((row) => {
      const { executionId, city, listingId } = settledKey.parse(row);
      return keyOf(executionId, city, listingId);
    }),
  );
  const missing = outcomes.filter((row) => !settled.has(keyOf(row.execution_id, row.city, row.listing_id)));
  if (missing.length === 0) return;
  const { name, columns } = executionListingsTable;
  await session.append({ name, catalog: null, types: typesOf(columns) }, columnsOf(columns, missing));
}

interface VersionsToWrite {
  readonly cells: ReturnType<typeof versionCells>;
  readonly hasNew: boolean;
  readonly hasKnown: boolean;
  /** The page of some was fetched no later than the listing was seen last. */
  readonly hasLate: boolean;
}

/** The versions that the writes make, as columns; null when they make none. */
function versionsToWrite(
  last: readonly HashedWrite[],
  known: ReadonlyMap<string, KnownListing>,
): VersionsToWrite | null {
  const storedOf = ({ write }: HashedWrite) => known.get(write.record.listingId);
  const versions = last.flatMap((hashed) => versionOf(hashed, storedOf(hashed)) ?? []);
  if (versions.length === 0) return null;
  return {
    cells: versionCells(versions),
    hasNew: versions.some(({ isNew }) => isNew),
    hasKnown: versions.some(({ isNew }) => !isNew),
    hasLate: versions.some((version) => fetchedMsOf(version) <= (storedOf(version)?.lastSeenAtMs ?? -Infinity)),
  };
}

/** Adds the listings that were not known and replaces those that changed, unless by an older page; each makes a version. */
async function writeRows(
  session: Session,
  { cells, hasNew, hasKnown, hasLate }: VersionsToWrite,
  isCorrection: boolean,
): Promise<void> {
  await withStaged(session, stagedVersions, cells, async () => {
    if (hasKnown) await session.run(updateChanged, {});
    if (hasNew) await session.run(addNew, {});
    await commitVersions(session, { hasKnown, hasLate, isCorrection });
    await addLineageOfVersions(session);
  });
}

/** The version that the write makes; null when it says what is stored, or its page is older. */
function versionOf(hashed: HashedWrite, stored: KnownListing | undefined): VersionWrite | null {
  if (stored === undefined) return { ...hashed, isNew: true, goneAtUtc: null };
  const fetchedMs = fetchedMsOf(hashed);
  if (stored.contentHash === hashed.contentHash || fetchedMs < stored.fetchedAtMs) return null;
  const { goneAtMs } = stored;
  return { ...hashed, isNew: false, goneAtUtc: goneAtMs !== null && goneAtMs > fetchedMs ? toUtcIso(goneAtMs) : null };
}
