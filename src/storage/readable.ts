/**
 * Opens what a reader can have of a database: the file itself while nobody writes, else the snapshot that its holder
 * publishes. It never waits and never writes.
 */
import { stat } from 'node:fs/promises';
import { StorageError } from '../errors.ts';
import type { Database, DatabaseOptions } from './database.ts';
import { openDatabase } from './database.ts';
import { selectOpenCities } from './open-cities.ts';
import { snapshotPathOf } from './snapshot.ts';
import { openingError } from './storage-errors.ts';

/** Where to read: the database, or a snapshot of it because somebody holds the database. */
export type FoundSource =
  | { readonly kind: 'database'; readonly path: string }
  | { readonly kind: 'snapshot'; readonly path: string; readonly publishedAtMs: number };

/** What is read. */
export type DataSource = FoundSource & {
  /** Cities that are being collected: what is stored of them is not whole. */
  readonly openCities: readonly string[];
};

export interface Readable {
  readonly database: Database;
  readonly source: DataSource;
}

/**
 * Opens the database or its snapshot to read; the caller closes it.
 * @throws StorageError as `openDatabase`; DATABASE_LOCKED only when there is no snapshot either.
 */
export async function openReadable({ path, ...limits }: Omit<DatabaseOptions, 'mode'>): Promise<Readable> {
  try {
    return await openSource({ kind: 'database', path }, limits);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'DATABASE_LOCKED') throw error;
    return openSnapshot(path, limits, error);
  }
}

/** What `openReadable` would open, for whoever opens it in another way. @throws StorageError as `openReadable`. */
export async function findReadable(options: Omit<DatabaseOptions, 'mode'>): Promise<DataSource> {
  const { database, source } = await openReadable(options);
  await database.close();
  return source;
}

async function openSnapshot(
  databasePath: string,
  limits: Omit<DatabaseOptions, 'mode' | 'path'>,
  locked: StorageError,
): Promise<Readable> {
  // Asked for before it is opened: another one may be published in between, and is then younger than said, not older.
  return openSource(await findSnapshot(databasePath, locked), limits);
}

async function openSource(found: FoundSource, limits: Omit<DatabaseOptions, 'mode' | 'path'>): Promise<Readable> {
  const database = await openDatabase({ ...limits, path: found.path, mode: 'read' });
  try {
    return { database, source: { ...found, openCities: await database.use(selectOpenCities) } };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The snapshot of a database that is `locked`. @throws StorageError DATABASE_LOCKED when there is none. */
export async function findSnapshot(databasePath: string, locked: StorageError): Promise<FoundSource> {
  const path = snapshotPathOf(databasePath);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw openingError(path, error);
  });
  if (found !== null) return { kind: 'snapshot', path, publishedAtMs: found.mtimeMs };
  const message = `${locked.message}; there is no snapshot of it at ${path} yet`;
  throw new StorageError(locked.code, message, { cause: locked, details: locked.details });
}
