/**
 * Forgets listings in a database file: the rows, then the file itself is written anew, because what DuckDB deletes stays in
 * the file until its place is used again; then archived responses and the snapshot. Needs the database to itself.
 */
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, StorageError } from '../errors.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import { insertAuditEvents } from './audit-rows.ts';
import type { BodyStore } from './body-store.ts';
import { requireFreeSpace, syncFile, syncFolder } from './copy-file.ts';
import type { Database, DatabaseOptions } from './database.ts';
import { openDatabase } from './database.ts';
import type { ForgetRequest, ForgottenRows } from './forget-rows.ts';
import { forgetRows } from './forget-rows.ts';
import { sqlText } from './query.ts';
import { removeArchived } from './raw-archive.ts';
import { snapshotPathOf } from './snapshot.ts';
import type { Tombstone } from './whole-file.ts';
import { sumFile, sumTables } from './whole-file.ts';

interface ForgetOptions extends ForgetRequest {
  readonly database: Omit<DatabaseOptions, 'mode'>;
  /** Null when there is no raw archive. */
  readonly archive: BodyStore | null;
  /** What the audit log is to say of it, once it is known what was deleted. */
  readonly eventOf: (forgotten: ForgottenRows) => AuditEvent;
}

/**
 * Forgets one listing and gives back what was deleted. May be repeated, also to do what is left when it failed half-way.
 * @throws StorageError as `openDatabase`; FORGET_UNFINISHED when the rows are gone and something else could not be done.
 */
export async function forgetListing(options: ForgetOptions): Promise<ForgottenRows> {
  const { archive, eventOf } = options;
  const database = await openDatabase({ ...options.database, mode: 'write' });
  try {
    const forgotten = await database.transact(async (session) => {
      const rows = await forgetRows(session, options);
      await insertAuditEvents(session, [eventOf(rows)]);
      return rows;
    });
    await finish(database, options.listingId, async () => {
      if (archive !== null) {
        for (const sha256 of forgotten.responses) await removeArchived(archive, sha256);
      }
      await rewrite(database);
    });
    return forgotten;
  } finally {
    await database.close();
  }
}

/** Forgets listings in a file that nobody has open: brings it to the schema of this program and writes it anew. */
export async function forgetAgain(path: string, tombstones: readonly Tombstone[]): Promise<void> {
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '1GB', threads: 2, isCopy: true });
  try {
    await database.transact(async (session) => {
      for (const { forgottenAtMs: nowMs, ...tombstone } of tombstones)
        await forgetRows(session, { ...tombstone, nowMs });
    });
    await rewrite(database);
  } finally {
    await database.close();
  }
}

async function finish(database: Database, listingId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const message =
      `listing ${listingId} is no longer in ${database.path}, but what is left of it could not be erased: ` +
      `${messageOf(error)}; do it again when that is put right`;
    throw new StorageError('FORGET_UNFINISHED', message, { cause: error });
  }
}

/** The same rows in a new file, compared with the old one before it takes its name; the snapshot is replaced with it. */
async function rewrite(database: Database): Promise<void> {
  const { path } = database;
  const fresh = join(dirname(path), `.${basename(path)}.${process.pid}.rewritten`);
  try {
    await rm(fresh, { force: true });
    const before = await database.use(async ({ run, rows, connection }) => {
      await run('CHECKPOINT');
      await requireFreeSpace(dirname(path), 2 * (await stat(path)).size);
      const [row] = await rows('SELECT current_database() AS name');
      await run(`ATTACH ${sqlText(fresh)} AS rewritten`);
      await run(`COPY FROM DATABASE "${String(row?.['name'])}" TO rewritten`);
      await run('DETACH rewritten');
      return sumTables(connection, path);
    });
    const { tables } = await sumFile(fresh);
    if (JSON.stringify(tables) !== JSON.stringify(before.tables)) {
      throw new StorageError('REWRITE_DIFFERS', `${fresh}: expected the rows of ${path}, got others; this is a bug`);
    }
    await syncFile(fresh);
    await replaceSnapshot(path, fresh);
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(fresh, { force: true });
  }
}

/** The snapshot holds what was forgotten: it becomes a copy of the new file, before anybody can write to that. */
async function replaceSnapshot(databasePath: string, fresh: string): Promise<void> {
  const path = snapshotPathOf(databasePath);
  const isPublished = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isPublished) return;
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  await copyFile(fresh, unfinished);
  await rename(unfinished, path);
}
