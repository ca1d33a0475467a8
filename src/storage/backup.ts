/**
 * A backup: one file that is the whole database, and a manifest beside it with its checksum and what each table adds up to.
 * While a run holds the database it is made from the published snapshot. It appears under its name when it is whole.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import { StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';
import { copyOpenFile, requireFreeSpace, syncFile, syncFolder } from './copy-file.ts';
import { sha256Of } from './dataset-manifest.ts';
import { readManifestFile } from './manifest-file.ts';
import type { FoundSource } from './readable.ts';
import { findSnapshot } from './readable.ts';
import { holdFile, sumFile } from './whole-file.ts';

/** Room that is left on the disk, which may be the database's own. */
const marginBytes = 32 * 1_048_576;
const ending = '.duckdb';

const manifestSchema = z.object({
  format: z.literal('oikotie-backup/1'),
  takenAtUtc: z.string(),
  /** What was copied; a snapshot has what was stored when it was published. */
  source: z.enum(['database', 'snapshot']),
  /** When that snapshot was published; null for the database. */
  snapshotAtUtc: z.string().nullable(),
  programVersion: z.string(),
  schemaVersion: z.number(),
  duckdbVersion: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  tables: z.array(z.object({ name: z.string(), rows: z.number(), sum: z.string() })),
});

export type BackupManifest = z.infer<typeof manifestSchema>;

export interface BackupRequest {
  readonly databasePath: string;
  /** Folder to put it in; made when missing. */
  readonly directory: string;
  readonly programVersion: string;
  readonly nowMs: number;
}

export interface Backup {
  readonly path: string;
  readonly manifest: BackupManifest;
  readonly source: FoundSource;
}

/**
 * Makes a backup and gives back what is in it.
 * @throws StorageError as `openDatabase`; DATABASE_LOCKED only when there is no snapshot either; DISK_NO_ROOM;
 * BACKUP_FAILED when it cannot be written, nothing is left then.
 */
export async function makeBackup(request: BackupRequest): Promise<Backup> {
  const { databasePath, directory, nowMs } = request;
  const unfinished = join(directory, `.${basename(databasePath)}.${process.pid}.part`);
  try {
    await mkdir(directory, { recursive: true });
    const source = await copyWhole(databasePath, unfinished);
    await syncFile(unfinished);
    const { size: bytes } = await stat(unfinished);
    const { tables, ...versions } = await sumFile(unfinished);
    const manifest: BackupManifest = {
      format: 'oikotie-backup/1',
      takenAtUtc: toUtcIso(nowMs),
      source: source.kind,
      snapshotAtUtc: source.kind === 'snapshot' ? toUtcIso(source.publishedAtMs) : null,
      programVersion: request.programVersion,
      bytes,
      sha256: await sha256Of(unfinished),
      ...versions,
      tables: [...tables],
    };
    const path = join(directory, await freeName(directory, basename(databasePath, ending), nowMs));
    await rename(unfinished, path);
    await writeManifest(path, manifest);
    await syncFolder(directory);
    return { path, manifest, source };
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const message = `cannot write a backup to ${directory}: ${fileProblem(error)}`;
    throw new StorageError('BACKUP_FAILED', message, { cause: error });
  } finally {
    await rm(unfinished, { force: true }).catch(() => undefined); // A folder that was never made.
  }
}

/** Copies the database while it is held, or its snapshot, which nobody changes, while somebody else holds that. */
async function copyWhole(databasePath: string, to: string): Promise<FoundSource> {
  const held = await holdFile(databasePath).catch((error: unknown) => {
    if (error instanceof StorageError && error.code === 'DATABASE_LOCKED') return error;
    throw error;
  });
  const source: FoundSource =
    held instanceof StorageError ? await findSnapshot(databasePath, held) : { kind: 'database', path: databasePath };
  try {
    await requireFreeSpace(join(to, '..'), (await stat(source.path)).size + marginBytes);
    await copyOpenFile(source.path, to);
    return source;
  } finally {
    if (!(held instanceof StorageError)) held.release();
  }
}

/** `real_estate-2026-11-21T100400Z.duckdb`, with a number when two are made within a second. */
async function freeName(directory: string, name: string, nowMs: number): Promise<string> {
  const stamp = toUtcIso(nowMs)
    .replaceAll(':', '')
    .replace(/\.\d+Z$/, 'Z');
  const names = new Set(await readdir(directory));
  let free = `${name}-${stamp}${ending}`;
  for (let number = 2; names.has(free); number += 1) free = `${name}-${stamp}-${number}${ending}`;
  return free;
}

/** Written last: a backup without it is not whole. */
async function writeManifest(path: string, manifest: BackupManifest): Promise<void> {
  const file = manifestPathOf(path);
  await writeFile(`${file}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
  await syncFile(`${file}.part`);
  await rename(`${file}.part`, file);
}

function manifestPathOf(path: string): string {
  return `${path.endsWith(ending) ? path.slice(0, -ending.length) : path}.json`;
}

/** @throws StorageError BACKUP_UNREADABLE when there is no manifest of a backup beside the file. */
export async function readBackupManifest(path: string): Promise<BackupManifest> {
  const file = manifestPathOf(path);
  const refuse = (what: string, cause: unknown) =>
    new StorageError('BACKUP_UNREADABLE', `${file}: expected the manifest of the backup ${path}, got ${what}`, {
      cause,
    });
  return readManifestFile(file, manifestSchema, refuse);
}
