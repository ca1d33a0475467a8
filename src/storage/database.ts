/**
 * The one door to a DuckDB file: opens it, keeps every use of its single connection in order, and closes it. A process
 * never holds two instances of one file (that loses data), and two transactions never share the connection.
 */
import { mkdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { messageOf, StorageError } from '../errors.ts';
import type { AuditKeys } from '../lineage/audit-key.ts';
import { createAuditKeyring } from '../lineage/audit-key.ts';
import { copyOpenFile, requireFreeSpace, syncFile } from './copy-file.ts';
import { migrate, requireCurrentSchema } from './migrate.ts';
import type { Session } from './session.ts';
import { createSession } from './session.ts';
import { openingError, writingError } from './storage-errors.ts';

export interface Database {
  /** Absolute path of the file. */
  readonly path: string;
  /** Runs `work` alone on the connection. @throws StorageError naming what failed. */
  readonly use: <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>;
  /** Runs `work` alone in one transaction: all of it is in the file afterwards, or, when it throws, nothing. */
  readonly transact: <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>;
  /** Waits for what is running, writes the log into the file (checkpoint) and gives the file free. */
  readonly close: () => Promise<void>;
}

export interface DatabaseOptions {
  readonly path: string;
  /** `write` creates and migrates the file and locks it for everyone else; many may `read` together. */
  readonly mode: 'write' | 'read';
  /** DuckDB memory_limit, e.g. `1GB`. */
  readonly memoryLimit: string;
  readonly threads: number;
  /** True: the file is a copy itself, and none is kept of it before it is migrated. */
  readonly isCopy?: boolean;
  /** Keys of the audit chain; by default none. */
  readonly auditKeys?: AuditKeys;
}

/**
 * Opens the database file; the caller closes it. In mode `write` its folder and the file are created when missing.
 * @throws StorageError DATABASE_LOCKED, DATABASE_MISSING, DATABASE_NOT_DUCKDB, DATABASE_FOREIGN, DATABASE_TOO_NEW,
 * DATABASE_TOO_OLD, DATABASE_READ_ONLY, DATABASE_DISK_FULL or DATABASE_UNUSABLE; the file is then as it was.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const path = absolutePathOf(options);
  const instance = await openInstance(path, options);
  let connection: DuckDBConnection | null = null;
  try {
    connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const { auditKeys } = options;
    const auditKey = auditKeys === undefined ? null : createAuditKeyring(auditKeys).current;
    const session = createSession(connection, auditKey);
    await (options.mode === 'write'
      ? migrate(session, path, copier(session, options, path))
      : requireCurrentSchema(session, path));
    return createDatabase({ path, mode: options.mode, connection, session, closeInstance: () => instance.closeSync() });
  } catch (error) {
    connection?.closeSync();
    instance.closeSync();
    throw error instanceof StorageError ? error : openingError(path, error);
  }
}

/** Keeps the file as it is before it is migrated, so that the program before can go on with it. */
function copier(session: Session, { isCopy = false }: DatabaseOptions, path: string) {
  if (isCopy) return null;
  return async (copyPath: string): Promise<void> => {
    const unfinished = `${copyPath}.part`;
    await session.run('CHECKPOINT');
    await requireFreeSpace(dirname(path), statSync(path).size);
    await copyOpenFile(path, unfinished);
    await syncFile(unfinished);
    renameSync(unfinished, copyPath);
  };
}

/** The same file must have the same name each time, or DuckDB's cache would open it twice. */
function absolutePathOf({ path, mode }: DatabaseOptions): string {
  const folder = dirname(path);
  try {
    if (mode === 'write') mkdirSync(folder, { recursive: true });
    return join(realpathSync(folder), basename(path));
  } catch (error) {
    throw openingError(path, error);
  }
}

/** DuckDB's settings for an instance. */
export function instanceSettings(options: Omit<DatabaseOptions, 'path' | 'auditKeys'>): Record<string, string> {
  return {
    memory_limit: options.memoryLimit,
    threads: String(options.threads),
    autoinstall_known_extensions: 'false',
    // A checkpoint rewrites every half-filled row group: at the default of 16 MB it took 3/4 of the time of a batch.
    checkpoint_threshold: '256MB',
    // For files made from now on, temporary tables and sorting. A table of 80 columns and few rows takes 80 blocks at
    // least: at the default of 256 KB that is 20 MB for each such table. A large file is a sixth larger for it.
    default_block_size: '16384',
    // It drops a condition that holds for every row there is (or for none) out of a plan, and the kept plans of a session
    // then answer without it when other rows have come (seen with 1.5.6).
    disabled_optimizers: 'statistics_propagation',
    ...(options.mode === 'read' ? { access_mode: 'READ_ONLY' } : writingSettings),
  };
}

/**
 * What a batch has freed goes back to the system soon: kept for later (512 MB is the default) it made the peak of a run of
 * 1,000 listings 25 MB higher (bench/README.md). Whoever reads asks for much again and again.
 */
const writingSettings = { allocator_bulk_deallocation_flush_threshold: '2MB' };

async function openInstance(path: string, options: DatabaseOptions): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.fromCache(path, instanceSettings(options));
  } catch (error) {
    throw openingError(path, error);
  }
}

interface OpenParts {
  readonly path: string;
  readonly mode: 'write' | 'read';
  readonly connection: DuckDBConnection;
  readonly session: Session;
  readonly closeInstance: () => void;
}

/** The database as seen through one connection of an instance that is open. */
export function createDatabase({ path, mode, connection, session, closeInstance }: OpenParts): Database {
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(() => {
      if (isClosed) throw new StorageError('DATABASE_CLOSED', `cannot use ${path}: it has been closed`);
      return work();
    });
    last = turn.catch(() => undefined);
    return turn;
  };

  const use = <Result>(work: (session: Session) => Promise<Result>) =>
    inTurn(async () => {
      try {
        return await work(session);
      } catch (error) {
        throw writingError(path, error);
      }
    });

  const transact = <Result>(work: (session: Session) => Promise<Result>) =>
    use(async () => {
      await session.run('BEGIN TRANSACTION');
      try {
        const result = await work(session);
        await session.run('COMMIT');
        return result;
      } catch (error) {
        await rollBack(session, error);
        throw error;
      }
    });

  const close = async (): Promise<void> => {
    if (isClosed) return;
    try {
      await use((open) => (mode === 'write' ? open.run('CHECKPOINT') : Promise.resolve()));
    } finally {
      isClosed = true;
      connection.closeSync();
      closeInstance();
    }
  };

  return { path, use, transact, close };
}

/** A failed COMMIT has ended its transaction already: then there is nothing to roll back, and that is not news. */
async function rollBack(session: Session, reason: unknown): Promise<void> {
  try {
    await session.run('ROLLBACK');
  } catch (error) {
    const text = messageOf(error);
    if (/no transaction is active|invalidated/i.test(text)) return;
    throw new StorageError('DATABASE_ROLLBACK_FAILED', `rolling back failed (${text}) after: ${messageOf(reason)}`, {
      cause: reason,
    });
  }
}
