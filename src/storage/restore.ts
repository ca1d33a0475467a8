/**
 * Restores a backup: into a file of another name, which is compared with the manifest, byte by byte and table by table, and
 * takes the place of the database only then. A database that is in use is never replaced; the one before is kept beside.
 */
import { access, copyFile, link, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { toUtcIso } from '../clock.ts';
import { StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';
import type { BackupManifest } from './backup.ts';
import { readBackupManifest } from './backup.ts';
import { requireFreeSpace, syncFile, syncFolder } from './copy-file.ts';
import { sha256Of } from './dataset-manifest.ts';
import { forgetAgain } from './forget.ts';
import { latestSchemaVersion } from './migrate.ts';
import { snapshotPathOf } from './snapshot.ts';
import type { HeldFile } from './whole-file.ts';
import { holdFile, sumFile } from './whole-file.ts';

export interface RestoreRequest {
  /** The file of the backup; its manifest is beside it. */
  readonly backupPath: string;
  readonly databasePath: string;
  /** True replaces a database that is there. */
  readonly isForced: boolean;
  readonly nowMs: number;
}

export interface Restored {
  readonly manifest: BackupManifest;
  /** Where the database before is now; null when there was none. */
  readonly keptPath: string | null;
  /** False when another version of DuckDB made the backup: then rows were counted and bytes compared, not rows. */
  readonly areSumsCompared: boolean;
  /** Listings that were forgotten in the database before, and are so in this one. */
  readonly forgottenListings: number;
}

/**
 * Restores and gives back what was restored.
 * @throws StorageError BACKUP_UNREADABLE, BACKUP_DAMAGED when it is not what its manifest says, DATABASE_TOO_NEW when a newer
 * program made it, RESTORE_REFUSED when a database is there and it is not forced, DATABASE_LOCKED when that is in use,
 * DISK_NO_ROOM, RESTORE_FAILED; the database is then as it was.
 */
export async function restoreBackup(request: RestoreRequest): Promise<Restored> {
  const { backupPath, databasePath } = request;
  const manifest = await readBackupManifest(backupPath);
  requireKnownSchema(backupPath, manifest);
  requireOtherFile(backupPath, databasePath);
  const isThere = await exists(databasePath);
  if (isThere && !request.isForced) {
    const message = `cannot restore to ${databasePath}: expected no database there, got one; add --force to replace it (it is kept beside)`;
    throw new StorageError('RESTORE_REFUSED', message);
  }
  const held = isThere ? await holdIfUsable(databasePath) : null;
  const unfinished = join(dirname(databasePath), `.${basename(databasePath)}.${process.pid}.restore`);
  try {
    await mkdir(dirname(databasePath), { recursive: true });
    await requireFreeSpace(dirname(databasePath), manifest.bytes);
    await copyFile(backupPath, unfinished);
    const areSumsCompared = await compare(unfinished, backupPath, manifest);
    const tombstones = (await held?.forgotten()) ?? [];
    if (tombstones.length > 0) await forgetAgain(unfinished, tombstones);
    await syncFile(unfinished);
    const keptPath = isThere ? await keepBeside(databasePath, request.nowMs) : null;
    await replaceSnapshot(databasePath, unfinished);
    await rename(unfinished, databasePath);
    await syncFolder(dirname(databasePath));
    return { manifest, keptPath, areSumsCompared, forgottenListings: tombstones.length };
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const message = `cannot restore ${backupPath} to ${databasePath}: ${fileProblem(error)}`;
    throw new StorageError('RESTORE_FAILED', message, { cause: error });
  } finally {
    held?.release();
    await rm(unfinished, { force: true }).catch(() => undefined); // A folder that was never made.
  }
}

function requireKnownSchema(backupPath: string, { schemaVersion }: BackupManifest): void {
  const known = latestSchemaVersion();
  if (schemaVersion <= known) return;
  const message = `cannot restore ${backupPath}: expected schema version ${known} or older, got ${schemaVersion}; update oikotie`;
  throw new StorageError('DATABASE_TOO_NEW', message);
}

/** The database would be compared with itself. */
function requireOtherFile(backupPath: string, databasePath: string): void {
  if (resolve(backupPath) !== resolve(databasePath)) return;
  const message = `cannot restore ${backupPath}: expected a backup, got the database itself; name another file`;
  throw new StorageError('BACKUP_UNREADABLE', message);
}

/** Holds the database so that no run begins meanwhile; one that is damaged cannot be held, and nobody can use it either. */
async function holdIfUsable(path: string): Promise<HeldFile | null> {
  return holdFile(path).catch((error: unknown) => {
    if (error instanceof StorageError && error.code !== 'DATABASE_LOCKED') return null;
    throw error;
  });
}

/** Compares the copy with the manifest; true when the sums of the tables could be compared, too. */
async function compare(copy: string, backupPath: string, manifest: BackupManifest): Promise<boolean> {
  const damaged = (what: string) =>
    new StorageError('BACKUP_DAMAGED', `cannot restore ${backupPath}: ${what}; take another backup`);
  const { size } = await stat(copy);
  if (size !== manifest.bytes) throw damaged(`expected ${manifest.bytes} bytes, got ${size}`);
  const sha256 = await sha256Of(copy);
  if (sha256 !== manifest.sha256) throw damaged(`expected SHA-256 ${manifest.sha256}, got ${sha256}`);
  const { tables, duckdbVersion } = await sumFile(copy);
  const areComparable = duckdbVersion === manifest.duckdbVersion;
  const found = new Map(tables.map((table) => [table.name, table]));
  for (const { name, rows, sum } of manifest.tables) {
    const table = found.get(name);
    if (table?.rows !== rows) throw damaged(`expected ${rows} rows in ${name}, got ${table?.rows ?? 'no such table'}`);
    if (areComparable && table.sum !== sum) throw damaged(`expected other rows in ${name}, though as many`);
  }
  return areComparable;
}

/**
 * Gives the database a second name, so that there is never a moment without one. A log that a killed process left is moved
 * with it: DuckDB would play it into the restored file.
 */
async function keepBeside(databasePath: string, nowMs: number): Promise<string> {
  const stamp = toUtcIso(nowMs)
    .replaceAll(':', '')
    .replace(/\.\d+Z$/, 'Z');
  const keptPath = `${databasePath}.before-restore-${stamp}`;
  await link(databasePath, keptPath).catch(() => rename(databasePath, keptPath));
  const log = `${databasePath}.wal`;
  if (await exists(log)) await rename(log, `${keptPath}.wal`);
  return keptPath;
}

/** Readers of the snapshot get what was restored; where there was none, there is none. */
async function replaceSnapshot(databasePath: string, restored: string): Promise<void> {
  const path = snapshotPathOf(databasePath);
  if (!(await exists(path))) return;
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  await copyFile(restored, unfinished);
  await rename(unfinished, path);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
