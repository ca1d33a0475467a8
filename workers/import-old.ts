/**
 * Brings the history of an older collector's file into the series: reads each row as the portal's parser would, scores it as a
 * page is scored, and lets storage place it before what is stored.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import { StorageError } from '../src/errors.ts';
import { fileProblem } from '../src/file-problem.ts';
import type { AuditEvent } from '../src/lineage/audit-event.ts';
import { oldRowParser, readOldRow } from '../src/portal/old-row.ts';
import { judgeRecord } from '../src/quality/quality-score.ts';
import { openDatabase } from '../src/storage/database.ts';
import type { ImportCounts, ImportedSight } from '../src/storage/import-versions.ts';
import { importVersions } from '../src/storage/import-versions.ts';
import type { OldSight } from '../src/storage/old-database.ts';

export interface ImportOptions {
  readonly path: string;
  readonly config: Pick<Config, 'databasePath' | 'database' | 'tasks' | 'nodeId' | 'collectPersonalData'>;
  /** Of times that say none. */
  readonly timeZone: string;
  readonly isDryRun: boolean;
  readonly clock: Clock;
}

export interface ImportResult extends ImportCounts {
  /** Stands in the rows for the run that the older file did not name. */
  readonly executionId: string;
  /** What was written to the audit log; null when nothing was brought in. */
  readonly event: AuditEvent | null;
}

/**
 * Imports the file; the database is made when there is none.
 * @throws StorageError IMPORT_UNREADABLE, or as `openDatabase`; the database is then as it was.
 */
export async function importOldFile(options: ImportOptions): Promise<ImportResult> {
  const { path, config, isDryRun, timeZone } = options;
  const sha256 = await hashFile(path);
  const executionId = `import-${sha256.slice(0, 12)}`;
  const database = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database });
  let event: AuditEvent | null = null;
  try {
    const counts = await importVersions(database, {
      ...{ path, timeZone, isDryRun, executionId },
      read: (sight) => sightOf(sight, { ...options, executionId, sha256 }),
      eventOf: (counted) => {
        event = eventOf(options, { executionId, sha256, counts: counted });
        return event;
      },
    });
    return { ...counts, executionId, event };
  } finally {
    await database.close();
  }
}

interface Origin extends ImportOptions {
  readonly executionId: string;
  readonly sha256: string;
}

/** What a row says and when; the response it was read from is not known, so that the hash is that of the whole file. */
function sightOf(sight: OldSight, origin: Origin): ImportedSight | { readonly reason: string } {
  const { config, executionId, sha256 } = origin;
  const times = [sight.scrapedAtMs, sight.updatedAtMs, sight.insertedAtMs].filter((time) => time !== null);
  const [fetchedAtMs] = times;
  if (fetchedAtMs === undefined) return { reason: 'it says no time: scraped_at, updated_ts and insert_ts are empty' };
  const reading = readOldRow(sight, config.collectPersonalData);
  if (reading.kind === 'unreadable') return reading;
  const { record, issues } = reading;
  const bounds = config.tasks.find((task) => task.city === record.city)?.coordinateBounds ?? null;
  const quality = judgeRecord(record, issues, bounds);
  const goneAtMs = sight.deletedAtMs !== null && sight.deletedAtMs >= fetchedAtMs ? sight.deletedAtMs : null;
  return {
    write: {
      record,
      issues: quality.issues,
      dataQualityScore: quality.score,
      provenance: {
        ...{ executionId, requestUrl: record.url, status: 200, fetchedAtUtc: toUtcIso(fetchedAtMs) },
        ...{ responseSha256: sha256, parser: oldRowParser, cardHash: '', nodeId: config.nodeId },
        ...{ etag: null, lastModified: null },
      },
    },
    firstSeenAtUtc: toUtcIso(Math.min(...times)),
    lastSeenAtUtc: toUtcIso(Math.max(...times.filter((time) => goneAtMs === null || time <= goneAtMs))),
    goneAtUtc: goneAtMs === null ? null : toUtcIso(goneAtMs),
  };
}

function eventOf(
  { path, config, clock, timeZone }: ImportOptions,
  { executionId, sha256, counts }: { executionId: string; sha256: string; counts: ImportCounts },
): AuditEvent {
  const { versions, newListings, extendedListings, unreadable } = counts;
  return {
    eventId: `${executionId}-${clock.now()}`,
    occurredAtUtc: toUtcIso(clock.now()),
    type: 'OPERATOR_ACTION',
    severity: 'WARNING',
    executionId: null,
    city: null,
    nodeId: config.nodeId,
    message: `${basename(path)} was imported: ${newListings} new listings, ${extendedListings} with an earlier history, ${versions} versions`,
    details: { file: basename(path), sha256, timeZone, versions, newListings, extendedListings, unreadable },
  };
}

async function hashFile(path: string): Promise<string> {
  const sum = createHash('sha256');
  try {
    await pipeline(createReadStream(path), sum);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const problem = isMissing ? 'expected a file there, got none' : fileProblem(error);
    throw new StorageError('IMPORT_UNREADABLE', `cannot import ${path}: ${problem}`, { cause: error });
  }
  return sum.digest('hex');
}
