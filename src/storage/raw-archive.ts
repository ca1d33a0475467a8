/**
 * The raw archive: each response body under the SHA-256 of its bytes, `<folder>/ab/cd/<sha256>.gz`, so that a stored row
 * leads back to the page it was read from. A body is never written twice and never half: it appears under its name by a
 * rename. Putting never throws and never waits. Pages name people, so the folder is readable by its owner only.
 */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ResponseArchive } from '../crawl/archiving-fetcher.ts';
import { messageOf, StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';

export interface RawArchive extends ResponseArchive {
  /** Resolves when everything put so far is stored or given up; never rejects. */
  readonly flush: () => Promise<void>;
}

export interface RawArchiveOptions {
  readonly directory: string;
  /** Most space of the folder's bodies, compressed. */
  readonly maxBytes: number;
  /** Bytes that may wait to be written; bodies over it are left out. Default 32 MiB. */
  readonly maxQueuedBytes?: number;
  /** Told why nothing more is stored, or, once, that some bodies were left out. */
  readonly onProblem: (reason: string) => void;
}

interface QueuedBody {
  readonly sha256: string;
  readonly bytes: Buffer;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Makes the archive over its folder, which is made with the first body. Another process may use the same folder. */
export function createRawArchive(options: RawArchiveOptions): RawArchive {
  const { directory, maxBytes, maxQueuedBytes = 32 * 1_048_576, onProblem } = options;
  let queue: QueuedBody[] = [];
  let queuedBytes = 0;
  /** Null until the folder was measured. */
  let usedBytes: number | null = null;
  let isGivenUp = false;
  let hasLeftOut = false;
  let writing: Promise<void> | null = null;

  const giveUp = (reason: string): void => {
    isGivenUp = true;
    queue = [];
    onProblem(reason);
  };

  const store = async ({ sha256, bytes }: QueuedBody): Promise<void> => {
    const path = pathOf(directory, sha256);
    if (await exists(path)) return;
    usedBytes ??= await measure(directory);
    const compressed = await compress(bytes);
    if (usedBytes + compressed.length > maxBytes) return giveUp(`${directory} is full: its limit is ${maxBytes} bytes`);
    await writeWhole(path, compressed);
    usedBytes += compressed.length;
  };

  const drain = async (): Promise<void> => {
    try {
      for (let body = queue.shift(); body !== undefined; body = queue.shift()) {
        await store(body);
        queuedBytes -= body.bytes.length;
      }
    } catch (error) {
      giveUp(`cannot write to ${directory}: ${fileProblem(error)}`);
    } finally {
      writing = null;
    }
  };

  return {
    put: (sha256, bytes) => {
      if (isGivenUp) return;
      if (queuedBytes + bytes.length > maxQueuedBytes) {
        if (!hasLeftOut) onProblem(`${directory} takes pages more slowly than they come; some are left out`);
        hasLeftOut = true;
        return;
      }
      queuedBytes += bytes.length;
      queue.push({ sha256, bytes });
      writing ??= Promise.resolve().then(drain);
    },
    flush: async () => {
      while (writing !== null) await writing;
    },
  };
}

/**
 * The bytes that were stored under this SHA-256 (64 hex digits).
 * @throws StorageError ARCHIVE_KEY_INVALID, ARCHIVE_MISSING when the archive does not have it, ARCHIVE_DAMAGED when it
 * has something else under that name.
 */
export async function readArchived(directory: string, sha256: string): Promise<Buffer> {
  if (!sha256Pattern.test(sha256)) {
    const message = `cannot look up ${JSON.stringify(sha256)}: expected 64 hex digits as in listings.response_sha256`;
    throw new StorageError('ARCHIVE_KEY_INVALID', message);
  }
  const path = pathOf(directory, sha256);
  const compressed = await readFile(path).catch((cause: unknown) => {
    const why = isMissing(cause) ? 'expected a stored response, got none' : fileProblem(cause);
    throw new StorageError('ARCHIVE_MISSING', `cannot read ${path}: ${why}`, { cause });
  });
  const bytes = await decompress(compressed).catch((cause: unknown) => {
    throw damaged(path, `${messageOf(cause)}`, cause);
  });
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) throw damaged(path, `got a response with SHA-256 ${actual}`, undefined);
  return bytes;
}

/** Takes a response out of the archive; one that it does not have is none. @throws Error of the file system. */
export async function removeArchived(directory: string, sha256: string): Promise<void> {
  await rm(pathOf(directory, sha256), { force: true });
}

function damaged(path: string, what: string, cause: unknown): StorageError {
  const message = `cannot read ${path}: expected the response that its name says, ${what}; delete it`;
  return new StorageError('ARCHIVE_DAMAGED', message, { cause });
}

function pathOf(directory: string, sha256: string): string {
  return join(directory, sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.gz`);
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

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Bytes of the files below the folder; 0 when it is not there. */
async function measure(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(noneWhenMissing)) {
    const path = join(directory, entry.name);
    bytes += entry.isDirectory() ? await measure(path) : (await stat(path)).size;
  }
  return bytes;
}

function noneWhenMissing(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
