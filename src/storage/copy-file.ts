/**
 * Copies a database file that this process has open. Never done here: on POSIX, closing any descriptor of a file gives up
 * every lock the process has on it, DuckDB's among them, and another process could open the file to write (seen with
 * DuckDB 1.5.6 on Linux). So a process of its own copies; where the file system can share blocks, it does that instead.
 */
import { execFile } from 'node:child_process';
import { open, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { messageOf, StorageError } from '../errors.ts';

const copyProgram = `const { constants, copyFileSync } = require('node:fs');
const [from, to] = process.argv.slice(1);
try {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
} catch (error) {
  process.stderr.write(error.code + ' ' + error.message);
  process.exitCode = 1;
}`;

const run = promisify(execFile);

/** Copies the file as it is now; nobody may write to it meanwhile. @throws Error with the code of what failed. */
export async function copyOpenFile(from: string, to: string): Promise<void> {
  try {
    await run(process.execPath, ['-e', copyProgram, from, to]);
  } catch (error) {
    throw copyError(from, error);
  }
}

/** What the process said, as the error it had; when it could say nothing, what ended it. */
function copyError(from: string, error: unknown): Error {
  const { stderr = '', signal = null } = error as { stderr?: string; signal?: string | null }; // what execFile rejects with
  const [code = '', ...words] = stderr.split(' ');
  if (words.length > 0) return Object.assign(new Error(words.join(' '), { cause: error }), { code });
  if (signal === null) return error instanceof Error ? error : new Error(String(error));
  return new Error(`the process that copies ${from} was ended by ${signal}`, { cause: error });
}

/** @throws StorageError DISK_NO_ROOM when the disk of the folder has less than that. */
export async function requireFreeSpace(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_048_576)} MB`;
  const message = `cannot copy to ${folder}: expected ${megabytes(neededBytes)} of free space, got ${megabytes(freeBytes)}`;
  throw new StorageError('DISK_NO_ROOM', message);
}

/** Waits until the file is on the disk, not only in memory. Not for a database file that this process has open. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until the names in the folder are on the disk. Systems that cannot open a folder do that by themselves. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch((error: unknown) => {
    if (/EISDIR|EPERM|EACCES/.test(messageOf(error))) return null;
    throw error;
  });
  if (folder === null) return;
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
