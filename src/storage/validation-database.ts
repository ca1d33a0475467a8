/**
 * The database of a validation: a file beside the series in which a run may store what it likes. It is empty each time,
 * and only one validation has it. What was forgotten is forgotten here, too.
 */
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listValue } from '@duckdb/node-api';
import { StorageError } from '../errors.ts';
import type { DatabaseOptions } from './database.ts';
import { openDatabase } from './database.ts';

/** Folder of the databases of validations of the database at `databasePath`. */
export function validationFolderOf(databasePath: string): string {
  return join(dirname(databasePath), 'validation');
}

/** Where a validation of the database at `databasePath` stores. */
export function validationPathOf(databasePath: string): string {
  return join(validationFolderOf(databasePath), `${basename(databasePath, '.duckdb')}.duckdb`);
}

type Limits = Omit<DatabaseOptions, 'mode' | 'path'>;

/**
 * Makes the database anew, empty but for the listings that must not be stored.
 * @throws StorageError DATABASE_LOCKED while another validation holds it; others as `openDatabase`.
 */
export async function makeValidationDatabase(
  path: string,
  limits: Limits,
  forgottenIds: readonly string[],
): Promise<void> {
  await requireNobody(path, limits);
  await removeValidationDatabase(path);
  const database = await openDatabase({ ...limits, path, mode: 'write', isCopy: true });
  try {
    if (forgottenIds.length === 0) return;
    await database.use((session) =>
      session.run(
        `INSERT INTO forgotten_listings
          SELECT unnest($ids::VARCHAR[]), current_timestamp::TIMESTAMP, 'forgotten in the series', 'validation'`,
        { ids: listValue(forgottenIds) },
      ),
    );
  } finally {
    await database.close();
  }
}

/** Removes the file with what belongs to it; nothing happens when it is not there. */
export async function removeValidationDatabase(path: string): Promise<void> {
  for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
}

/** The file is thrown away, so it may be in any state but one: in use. */
async function requireNobody(path: string, limits: Limits): Promise<void> {
  try {
    await (await openDatabase({ ...limits, path, mode: 'write', isCopy: true })).close();
  } catch (error) {
    if (error instanceof StorageError && error.code === 'DATABASE_LOCKED') throw error;
  }
}
