/**
 * The published snapshot: a copy of the database that anyone may read while the store writes on. It appears under its name
 * by a rename, whole and on the disk, or the one before stays; whoever has that open goes on reading it. docs/adr/0010 says
 * why it is a copy of the file.
 */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';
import { copyOpenFile, requireFreeSpace, syncFile, syncFolder } from './copy-file.ts';
import type { Database } from './database.ts';

/** Room that is left to the database itself when a snapshot is made. */
const marginBytes = 32 * 1_048_576;
const unfinishedEnding = '.part';

export interface PublishedSnapshot {
  readonly path: string;
  readonly bytes: number;
  /** Time for which nobody could write. */
  readonly heldMs: number;
}

/** Where the snapshot of a database is: `published/<its name>` beside it. Each database has its own. */
export function snapshotPathOf(databasePath: string): string {
  return join(dirname(databasePath), 'published', basename(databasePath));
}

/**
 * Publishes the database as it is now, by default where its readers look. Only the copying holds its turn, not the disk's
 * work after it.
 * @throws StorageError DISK_NO_ROOM when the copy could fill the disk that the database needs, SNAPSHOT_FAILED
 * otherwise; the snapshot before stays.
 */
export async function publishSnapshot(
  database: Database,
  path: string = snapshotPathOf(database.path),
): Promise<PublishedSnapshot> {
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}${unfinishedEnding}`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeUnfinished(path);
    const heldMs = await copyInTurn(database, unfinished);
    await syncFile(unfinished);
    const { size: bytes } = await stat(unfinished);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
    return { path, bytes, heldMs };
  } catch (error) {
    throw snapshotError(path, error);
  } finally {
    await rm(unfinished, { force: true }).catch(() => undefined); // What stays behind is removed the next time.
  }
}

/** Whether there is a snapshot and the database has not been written to since; true also when there is no database at all. */
export async function isSnapshotOfNow(databasePath: string): Promise<boolean> {
  const [database, log, snapshot] = await Promise.all(
    [databasePath, `${databasePath}.wal`, snapshotPathOf(databasePath)].map(writtenAt),
  );
  if (database === null || database === undefined) return true;
  return typeof snapshot === 'number' && snapshot >= Math.max(database, log ?? 0);
}

/** After the checkpoint everything is in the one file, and nothing writes to it until the turn ends. */
async function copyInTurn(database: Database, to: string): Promise<number> {
  return database.use(async (session) => {
    const begin = performance.now();
    await requireRoom(database.path, dirname(to));
    await session.run('CHECKPOINT');
    // Whatever fails here is not the database's failure, and must not be told as one.
    await copyOpenFile(database.path, to).catch((error: unknown) => {
      throw snapshotError(to, error);
    });
    return performance.now() - begin;
  });
}

function snapshotError(path: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  return new StorageError('SNAPSHOT_FAILED', `cannot publish ${path}: ${fileProblem(cause)}`, { cause });
}

/** A checkpoint that finds no room makes the database useless for this process: it is not begun on a disk that is nearly full. */
async function requireRoom(databasePath: string, folder: string): Promise<void> {
  const [{ size }, logBytes] = await Promise.all([stat(databasePath), sizeOf(`${databasePath}.wal`)]);
  await requireFreeSpace(folder, size + 2 * logBytes + marginBytes);
}

async function sizeOf(path: string): Promise<number> {
  return (await statIfThere(path))?.size ?? 0;
}

async function writtenAt(path: string): Promise<number | null> {
  return (await statIfThere(path))?.mtimeMs ?? null;
}

async function statIfThere(path: string) {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** What a process left that was killed while it published. */
async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  const isUnfinished = (name: string) => name.startsWith(`.${basename(path)}.`) && name.endsWith(unfinishedEnding);
  for (const name of (await readdir(folder)).filter(isUnfinished)) await rm(join(folder, name), { force: true });
}
