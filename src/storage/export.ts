/**
 * Writes listings to a file for other programs. DuckDB writes a temporary file beside the target, which replaces it only
 * when it is whole; a failed export leaves what was there before. It can write that one file and no other.
 */
import { mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { toUtcIso } from '../clock.ts';
import { messageOf, StorageError } from '../errors.ts';
import { lockDown, prepareSelect, sqlText } from './query.ts';
import type { DataSource } from './readable.ts';
import { openReadable } from './readable.ts';

export const exportFormats = ['parquet', 'csv', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const timestampFormat = "'%Y-%m-%dT%H:%M:%S.%gZ'";

/** How DuckDB writes each format; times as ISO 8601 in UTC. */
export const copyOptions = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: `FORMAT csv, HEADER, TIMESTAMPFORMAT ${timestampFormat}`,
  json: `FORMAT json, ARRAY true, TIMESTAMPFORMAT ${timestampFormat}`,
} as const satisfies Record<ExportFormat, string>;

export interface ExportRequest {
  readonly databasePath: string;
  readonly format: ExportFormat;
  /** File to write; its folder is created. */
  readonly outputPath: string;
  /** Only listings of this city; all when left out. */
  readonly city?: string;
  /** The listings as they were at this instant, in epoch milliseconds, and only those there were; as they are when left out. */
  readonly asOfMs?: number;
  /** A statement that only reads, whose rows are exported in place of the listings; the above do not apply to it. */
  readonly query?: string;
}

export interface ExportResult {
  readonly rows: number;
  readonly bytes: number;
  /** Absolute path of the file. */
  readonly path: string;
  /** What was read: the database, or its snapshot while somebody holds it. */
  readonly source: DataSource;
}

/**
 * Exports and gives back how much was written. JSON is one array; times are UTC.
 * @throws StorageError as `openReadable`, EXPORT_FAILED when the file cannot be written, QUERY_REFUSED or QUERY_INVALID.
 */
export async function exportListings(request: ExportRequest): Promise<ExportResult> {
  const { database, source } = await openReadable({ path: request.databasePath, memoryLimit: '1GB', threads: 2 });
  try {
    const path = targetPathOf(request.outputPath);
    const temporaryPath = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
    return await database.use(async ({ connection }) => {
      await lockDown(connection, [temporaryPath]);
      if (request.query !== undefined) (await prepareSelect(connection, request.query)).destroySync();
      const select = request.query?.trim().replace(/;$/, '') ?? listingsOf(request);
      try {
        const copied = await connection.run(
          `COPY (${select}\n) TO ${sqlText(temporaryPath)} (${copyOptions[request.format]})`,
        );
        renameSync(temporaryPath, path);
        return { rows: copied.rowsChanged, bytes: statSync(path).size, path, source };
      } catch (error) {
        throw exportError(path, error);
      } finally {
        rmSync(temporaryPath, { force: true });
      }
    });
  } finally {
    await database.close();
  }
}

function listingsOf({ city, asOfMs }: Pick<ExportRequest, 'city' | 'asOfMs'>): string {
  const condition = city === undefined ? 'true' : `lower(city) = lower(${sqlText(city)})`;
  // A time of the database is UTC and says no zone.
  const moment = asOfMs === undefined ? null : sqlText(toUtcIso(asOfMs).replace('Z', ''));
  return `FROM ${moment === null ? 'listings' : `listings_as_of(${moment})`} WHERE ${condition} ORDER BY listing_id`;
}

function targetPathOf(outputPath: string): string {
  try {
    mkdirSync(dirname(outputPath), { recursive: true });
    return join(realpathSync(dirname(outputPath)), basename(outputPath));
  } catch (error) {
    throw exportError(outputPath, error);
  }
}

function exportError(path: string, cause: unknown): StorageError {
  return new StorageError('EXPORT_FAILED', `export to ${path} failed: ${messageOf(cause)}`, { cause });
}
