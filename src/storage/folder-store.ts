/**
 * Bodies in a folder, `<folder>/ab/cd/<sha256>.br`. A body appears under its name by a rename, never half. Pages name people,
 * so the folder is readable by its owner only.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileProblem } from '../file-problem.ts';
import type { BodyStore, ListedBody, StoredBody } from './body-store.ts';
import { namePathOf, sha256OfPath } from './body-store.ts';

/** The folder as a place of bodies; it is made with the first of them. Another process may use it, too. */
export function createFolderStore(directory: string): BodyStore {
  const pathOf = (sha256: string): string => join(directory, namePathOf(sha256));
  return {
    place: directory,
    lanes: 1,
    locationOf: pathOf,
    lastPutMs: async (sha256) => (await stat(pathOf(sha256)).catch(nullWhenMissing))?.mtimeMs ?? null,
    read: (sha256) => readCompressed(pathOf(sha256)),
    write: (sha256, compressed) => writeWhole(pathOf(sha256), compressed),
    renew: (sha256, _compressed, nowMs) => utimes(pathOf(sha256), nowMs / 1000, nowMs / 1000),
    remove: async (sha256) => {
      for (const path of [pathOf(sha256), gzipPath(pathOf(sha256))]) await rm(path, { force: true });
    },
    list: () => listBelow(directory),
    probe: () => probeFolder(directory),
  };
}

/** Bodies of before brotli lie there as gzip. */
async function readCompressed(path: string): Promise<StoredBody | null> {
  const compressed = await readFile(path).catch(nullWhenMissing);
  if (compressed !== null) return { compressed, encoding: 'br' };
  const earlier = await readFile(gzipPath(path)).catch(nullWhenMissing);
  return earlier === null ? null : { compressed: earlier, encoding: 'gz' };
}

function gzipPath(path: string): string {
  return path.replace(/br$/, 'gz');
}

/** Writes beside the name and renames: a reader sees all of it or nothing. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(unfinished, bytes, { mode: 0o600 });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function* listBelow(directory: string): AsyncGenerator<ListedBody> {
  for (const entry of (await readdir(directory, { withFileTypes: true }).catch(nullWhenMissing)) ?? []) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      yield* listBelow(path);
      continue;
    }
    const sha256 = sha256OfPath(path);
    const found = sha256 === null ? null : await stat(path).catch(nullWhenMissing);
    if (sha256 !== null && found !== null) yield { sha256, bytes: found.size, lastPutMs: found.mtimeMs };
  }
}

/** The folder, or the nearest above it that is there, must be one that we may write to. */
async function probeFolder(directory: string): Promise<void> {
  let path = resolve(directory);
  let found = await stat(path).catch(nullWhenMissing);
  while (found === null && path !== dirname(path)) {
    path = dirname(path);
    found = await stat(path).catch(nullWhenMissing);
  }
  if (found?.isDirectory() !== true) throw new Error(`${path} is a file, where a folder should be`);
  await access(path, constants.W_OK).catch((error: unknown) => {
    throw new Error(`${path}: ${fileProblem(error)}`, { cause: error });
  });
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
