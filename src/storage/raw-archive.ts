/**
 * The raw archive: each response body under the SHA-256 of its bytes, `<folder>/ab/cd/<sha256>.br`, so that a stored row
 * leads back to the page it was read from. A body is never written twice and never half: it appears under its name by a
 * rename. Putting never throws and never waits. Pages name people, so the folder is readable by its owner only.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants, gunzip } from 'node:zlib';
import type { Clock } from '../clock.ts';
import type { ResponseArchive } from '../crawl/archiving-fetcher.ts';
import { messageOf, StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';

export interface RawArchive extends ResponseArchive {
  /** Resolves when everything put so far is stored or given up; never rejects. */
  readonly flush: () => Promise<void>;
}

export interface RawArchiveOptions {
  readonly directory: string;
  readonly clock: Pick<Clock, 'now'>;
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

const brotli = promisify(brotliCompress);
const unbrotli = promisify(brotliDecompress);
const unzip = promisify(gunzip);
/** A tenth smaller than gzip's best for twice its time, 0.8 ms a page; the next levels give nothing for more. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
/** How long a body that comes again may go on looking as old as it was. */
const touchAfterMs = 86_400_000;
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Makes the archive over its folder, which is made with the first body. Another process may use the same folder. */
export function createRawArchive(options: RawArchiveOptions): RawArchive {
  const { directory, clock, maxBytes, maxQueuedBytes = 32 * 1_048_576, onProblem } = options;
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
    if (await isKept(path, clock.now())) return;
    usedBytes ??= await measure(directory);
    const compressed = await brotli(bytes, quality);
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
  const { compressed, decompress } = await readCompressed(path);
  const bytes = await decompress(compressed).catch((cause: unknown) => {
    throw damaged(path, `${messageOf(cause)}`, cause);
  });
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) throw damaged(path, `got a response with SHA-256 ${actual}`, undefined);
  return bytes;
}

/** Bodies of before brotli lie there as gzip. */
async function readCompressed(path: string) {
  try {
    return { compressed: await readFile(path), decompress: unbrotli };
  } catch (cause) {
    const compressed = await readFile(path.replace(/br$/, 'gz')).catch(() => null);
    if (compressed !== null) return { compressed, decompress: unzip };
    const why = isMissing(cause) ? 'expected a stored response, got none' : fileProblem(cause);
    throw new StorageError('ARCHIVE_MISSING', `cannot read ${path}: ${why}`, { cause });
  }
}

/**
 * Deletes the bodies that did not come since an instant, but those that are still in use; gives how many. Whatever else
 * lies in the folder stays.
 * @param inUse those of some hashes that are needed
 */
export async function pruneArchive(
  directory: string,
  beforeMs: number,
  inUse: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  const old: { readonly sha256: string; readonly path: string }[] = [];
  for (const path of await filesBelow(directory)) {
    const [, sha256] = /([0-9a-f]{64})\.(?:br|gz)$/.exec(path) ?? [];
    if (sha256 !== undefined && (await stat(path)).mtimeMs < beforeMs) old.push({ sha256, path });
  }
  let deleted = 0;
  for (let start = 0; start < old.length; start += pruneChunk) {
    const chunk = old.slice(start, start + pruneChunk);
    const needed = await inUse(chunk.map(({ sha256 }) => sha256));
    for (const { path } of chunk.filter(({ sha256 }) => !needed.has(sha256))) {
      await rm(path, { force: true });
      deleted += 1;
    }
  }
  return deleted;
}

const pruneChunk = 1_000;

/** Takes a response out of the archive; one that it does not have is none. @throws Error of the file system. */
export async function removeArchived(directory: string, sha256: string): Promise<void> {
  for (const path of [pathOf(directory, sha256), pathOf(directory, sha256).replace(/br$/, 'gz')]) {
    await rm(path, { force: true });
  }
}

function damaged(path: string, what: string, cause: unknown): StorageError {
  const message = `cannot read ${path}: expected the response that its name says, ${what}; delete it`;
  return new StorageError('ARCHIVE_DAMAGED', message, { cause });
}

function pathOf(directory: string, sha256: string): string {
  return join(directory, sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.br`);
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

/** True when it is there; then it is as new as if it had been written now. */
async function isKept(path: string, nowMs: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (nowMs - mtimeMs > touchAfterMs) await utimes(path, nowMs / 1000, nowMs / 1000);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Bytes of the files below the folder; 0 when it is not there. */
async function measure(directory: string): Promise<number> {
  let bytes = 0;
  for (const path of await filesBelow(directory)) bytes += (await stat(path)).size;
  return bytes;
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(noneWhenMissing)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) paths.push(...(await filesBelow(path)));
    else paths.push(path);
  }
  return paths;
}

function noneWhenMissing(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
