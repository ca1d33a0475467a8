/**
 * Writes the listings that a filter lets through to a file, from a snapshot. DuckDB writes it row by row, so that a million
 * listings take no more memory than a few; an instance of its own does, because the one that pages read from may not write.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { messageOf, StorageError } from '../errors.ts';
import { instanceSettings } from './database.ts';
import { copyOptions } from './export.ts';
import { fieldColumns } from './listing-columns.ts';
import type { ListingFilter } from './listing-filter.ts';
import { conditionOf } from './listing-filter.ts';
import { lockDown, sqlText } from './query.ts';

export type FileFormat = 'csv' | 'parquet';

export interface ListingsFile {
  readonly databasePath: string;
  readonly filter: ListingFilter;
  readonly format: FileFormat;
  /** File that is not there yet, in a folder that is. */
  readonly outputPath: string;
}

const memoryLimit = '256MB';
/** What a spreadsheet takes for a formula; a number of the portal that begins with a minus is no text here. */
const formulaStart = "'^[=+@\\t\\r\\n-]'";
const seenColumns = ['first_seen_at', 'last_seen_at', 'gone_at', 'fetched_at', 'response_sha256', 'parser'];

/**
 * Writes the file and gives the number of its rows. In CSV a text that a spreadsheet would run as a formula gets an
 * apostrophe before it; Parquet has every text as it is.
 * @throws StorageError EXPORT_FAILED when it cannot be written.
 */
export async function writeListingsFile({ databasePath, filter, format, outputPath }: ListingsFile): Promise<number> {
  const instance = await DuckDBInstance.create(
    databasePath,
    instanceSettings({ mode: 'read', memoryLimit, threads: 1 }),
  );
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await lockDown(connection, [outputPath]);
    const { source, where, parameters } = conditionOf(filter);
    const columns = [...fieldColumns.map((column) => columnOf(column, format)), ...seenColumns];
    const copied = await connection.run(
      `COPY (SELECT ${columns.join(', ')} FROM ${source} WHERE ${where})
        TO ${sqlText(outputPath)} (${copyOptions[format]}, USE_TMP_FILE false)`,
      { ...parameters },
    );
    return copied.rowsChanged;
  } catch (error) {
    throw new StorageError('EXPORT_FAILED', `export to ${outputPath} failed: ${messageOf(error)}`, { cause: error });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function columnOf({ name, type }: (typeof fieldColumns)[number], format: FileFormat): string {
  if (format !== 'csv' || type !== 'VARCHAR') return name;
  return `CASE WHEN regexp_matches(${name}, ${formulaStart}) THEN '''' || ${name} ELSE ${name} END AS ${name}`;
}
