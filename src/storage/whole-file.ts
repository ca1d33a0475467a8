/**
 * A database file as a whole, whichever schema it has: holding it so that nobody else opens it, and adding its tables up, so
 * that two files can be compared. It changes no row and no schema.
 */
import { stat } from 'node:fs/promises';
import { DuckDBInstance, version as duckdbVersion } from '@duckdb/node-api';
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import { openingError } from './storage-errors.ts';

/** The connection alone is used here: nothing is written, so no turns are needed. */
type Connection = Awaited<ReturnType<DuckDBInstance['connect']>>;

export interface HeldFile {
  /** Listings that were forgotten in it; none in a file that is older than that. */
  readonly forgotten: () => Promise<readonly Tombstone[]>;
  /** Frees the file. */
  readonly release: () => void;
}

/** What is left of a listing that was forgotten. */
export interface Tombstone {
  readonly listingId: string;
  readonly forgottenAtMs: number;
  readonly reason: string | null;
  readonly nodeId: string;
}

const tombstoneRow = z.object({
  listingId: z.string(),
  forgottenAtMs: z.number(),
  reason: z.string().nullable(),
  nodeId: z.string(),
});

/**
 * Opens a file that is there to write, so that nobody else can, and brings everything into the one file (checkpoint).
 * @throws StorageError DATABASE_MISSING; DATABASE_LOCKED when somebody has it open, else as `openDatabase`.
 */
export async function holdFile(path: string): Promise<HeldFile> {
  await requireFile(path);
  const { instance, connection } = await open(path, 'READ_WRITE');
  const release = () => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await connection.run('CHECKPOINT');
    return { release, forgotten: () => readTombstones(connection) };
  } catch (error) {
    release();
    throw openingError(path, error);
  }
}

async function readTombstones(connection: Connection): Promise<readonly Tombstone[]> {
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
  const found = await rowsOf("SELECT 1 FROM duckdb_tables() WHERE table_name = 'forgotten_listings'");
  if (found.length === 0) return [];
  const rows = await rowsOf(
    `SELECT listing_id AS listingId, epoch_ms(forgotten_at)::DOUBLE AS forgottenAtMs, reason, node_id AS nodeId
      FROM forgotten_listings ORDER BY listing_id`,
  );
  return rows.map((row) => tombstoneRow.parse(row));
}

/** What a file holds, for comparison. */
export interface FileSums {
  /** Schema version of the file. */
  readonly schemaVersion: number;
  /** Sums are comparable only within one version of DuckDB. */
  readonly duckdbVersion: string;
  readonly tables: readonly TableSum[];
}

export interface TableSum {
  readonly name: string;
  readonly rows: number;
  /** Sum of the hashes of all rows, in decimal: the same in whatever order they are stored. */
  readonly sum: string;
}

const tableRow = z.object({ name: z.string() });
const sumRow = z.object({ rows: z.number(), sum: z.string() });
const versionRow = z.object({ version: z.number() });

/**
 * Reads every row of every table of the file.
 * @throws StorageError as `openDatabase`; DATABASE_FOREIGN when another program made it.
 */
export async function sumFile(path: string): Promise<FileSums> {
  const { instance, connection } = await open(path, 'READ_ONLY');
  try {
    return await sumTables(connection, path);
  } catch (error) {
    throw error instanceof StorageError ? error : openingError(path, error);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The sums of the file that is open on this connection. @throws StorageError DATABASE_FOREIGN. */
export async function sumTables(connection: Connection, path: string): Promise<FileSums> {
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
  const found = await rowsOf(
    'SELECT table_name AS name FROM duckdb_tables() WHERE database_name = current_database() AND NOT temporary ORDER BY table_name',
  );
  const names = found.map((row) => tableRow.parse(row).name);
  if (!names.includes('schema_migrations')) {
    const message = `cannot use ${path}: expected a database made by oikotie, got one of another program`;
    throw new StorageError('DATABASE_FOREIGN', message);
  }
  const [version] = await rowsOf('SELECT max(version)::INTEGER AS version FROM schema_migrations');
  const tables: TableSum[] = [];
  for (const name of names) {
    const [row] = await rowsOf(
      `SELECT count(*)::DOUBLE AS rows, coalesce(sum(hash(t)), 0)::VARCHAR AS sum FROM "${name}" t`,
    );
    tables.push({ name, ...sumRow.parse(row) });
  }
  return { schemaVersion: versionRow.parse(version).version, duckdbVersion: duckdbVersion(), tables };
}

/** An instance of its own: only one of the process has the file open at that time, or none. */
async function open(path: string, mode: 'READ_ONLY' | 'READ_WRITE') {
  try {
    const instance = await DuckDBInstance.fromCache(path, {
      access_mode: mode,
      memory_limit: '512MB',
      threads: '2',
      autoinstall_known_extensions: 'false',
    });
    return { instance, connection: await instance.connect() };
  } catch (error) {
    throw openingError(path, error);
  }
}

async function requireFile(path: string): Promise<void> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw openingError(path, error);
    },
  );
  if (isFile) return;
  const message = `cannot read ${path}: expected a database file, got none; make one with "oikotie run"`;
  throw new StorageError('DATABASE_MISSING', message);
}
