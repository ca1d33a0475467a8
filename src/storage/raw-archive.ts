/**
 * The raw archive: each response body under the SHA-256 of its bytes, so that a stored row leads back to the page it was
 * read from. A body is never written twice and never half. Putting never throws and never waits. Where the bodies lie is
 * for src/storage/body-store.ts.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants, gunzip } from 'node:zlib';
import type { Clock } from '../clock.ts';
import type { ResponseArchive } from '../crawl/archiving-fetcher.ts';
import { messageOf, StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';
import type { BodyStore } from './body-store.ts';

export interface RawArchive extends ResponseArchive {
  /** Resolves when everything put so far is stored or given up; never rejects. */
  readonly flush: () => Promise<void>;
}

export interface RawArchiveOptions {
  readonly store: BodyStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Most space of the bodies there, compressed. */
  readonly maxBytes: number;
  /** Bytes that may wait to be written; bodies over it are left out. Default 32 MiB. */
  readonly maxQueuedBytes?: number;
  /** Told why something is not stored: when the place fails or is full, and, once, that some bodies were left out. */
  readonly onProblem: (reason: string) => void;
}

const brotli = promisify(brotliCompress);
const unbrotli = promisify(brotliDecompress);
const unzip = promisify(gunzip);
/** A tenth smaller than gzip's best for twice its time, 0.8 ms a page; the next levels give nothing for more. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
/** A body that becomes larger is none of ours. */
const unpackLimit = { maxOutputLength: 256 * 1_048_576 };
/** How long a body that comes again may go on looking as old as it was. */
const renewAfterMs = 86_400_000;
/** How long nothing is tried after a failure; what comes meanwhile is left out. */
const pauseMs = 60_000;
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Makes the archive over its place. Another process may use the same one. */
export function createRawArchive(options: RawArchiveOptions): RawArchive {
  const { store, clock, maxBytes, maxQueuedBytes = 32 * 1_048_576, onProblem } = options;
  const queue = new Map<string, Buffer>();
  let queuedBytes = 0;
  let measuring: Promise<number> | null = null;
  /** What this process has written since the place was measured. */
  let ownBytes = 0;
  let resumesAtMs = Number.NEGATIVE_INFINITY;
  let hasLeftOut = false;
  let writing: Promise<void> | null = null;

  const stopUntil = (timeMs: number, reason: string): void => {
    // Several bodies on their way may fail for the same reason.
    if (clock.now() < resumesAtMs) return;
    resumesAtMs = timeMs;
    queue.clear();
    queuedBytes = 0;
    onProblem(reason);
  };

  const keep = async (sha256: string, bytes: Buffer): Promise<void> => {
    const lastPutMs = await store.lastPutMs(sha256);
    if (lastPutMs !== null && clock.now() - lastPutMs <= renewAfterMs) return;
    const compressed = await brotli(bytes, quality);
    if (lastPutMs !== null) return store.renew(sha256, compressed, clock.now());
    measuring ??= measure(store);
    if ((await measuring) + ownBytes + compressed.length > maxBytes)
      return stopUntil(Number.POSITIVE_INFINITY, `${store.place} is full: its limit is ${maxBytes} bytes`);
    ownBytes += compressed.length;
    await store.write(sha256, compressed);
  };

  const runLane = async (): Promise<void> => {
    for (let next = takeFirst(queue); next !== null; next = takeFirst(queue)) {
      try {
        await keep(...next);
        queuedBytes = Math.max(0, queuedBytes - next[1].length);
      } catch (error) {
        measuring = null;
        ownBytes = 0;
        stopUntil(clock.now() + pauseMs, `cannot write to ${store.place}: ${fileProblem(error)}`);
      }
    }
  };

  const drain = async (): Promise<void> => {
    // Something may have been put after the lanes had found nothing.
    while (queue.size > 0) await Promise.all(Array.from({ length: store.lanes }, runLane));
    writing = null;
  };

  return {
    put: (sha256, bytes) => {
      if (clock.now() < resumesAtMs || queue.has(sha256)) return;
      if (queuedBytes + bytes.length > maxQueuedBytes) {
        if (!hasLeftOut) onProblem(`${store.place} takes pages more slowly than they come; some are left out`);
        hasLeftOut = true;
        return;
      }
      queuedBytes += bytes.length;
      queue.set(sha256, bytes);
      writing ??= Promise.resolve().then(drain);
    },
    flush: async () => {
      while (writing !== null) await writing;
    },
  };
}

function takeFirst(queue: Map<string, Buffer>): [string, Buffer] | null {
  for (const entry of queue) {
    queue.delete(entry[0]);
    return entry;
  }
  return null;
}

async function measure(store: BodyStore): Promise<number> {
  let total = 0;
  for await (const { bytes } of store.list()) total += bytes;
  return total;
}

/**
 * The bytes that were stored under this SHA-256 (64 hex digits).
 * @throws StorageError ARCHIVE_KEY_INVALID, ARCHIVE_MISSING when the archive does not have it, ARCHIVE_DAMAGED when it
 * has something else under that name, ARCHIVE_UNREACHABLE when that cannot be told.
 */
export async function readArchived(store: BodyStore, sha256: string): Promise<Buffer> {
  requireKey(sha256);
  const location = store.locationOf(sha256);
  const stored = await store.read(sha256).catch((cause: unknown) => {
    throw new StorageError('ARCHIVE_UNREACHABLE', `cannot read ${location}: ${fileProblem(cause)}`, { cause });
  });
  if (stored === null) {
    throw new StorageError('ARCHIVE_MISSING', `cannot read ${location}: expected a stored response, got none`);
  }
  const unpack = stored.encoding === 'br' ? unbrotli : unzip;
  const bytes = await unpack(stored.compressed, unpackLimit).catch((cause: unknown) => {
    throw damaged(location, messageOf(cause), cause);
  });
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) throw damaged(location, `got a response with SHA-256 ${actual}`, undefined);
  return bytes;
}

const pruneChunk = 1_000;
const pruneLanes = 8;

/**
 * Deletes the bodies that did not come since an instant, but those that are still in use; gives how many. Whatever else
 * lies there stays.
 * @param inUse those of some hashes that are needed
 */
export async function pruneArchive(
  store: BodyStore,
  beforeMs: number,
  inUse: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  const old: string[] = [];
  for await (const { sha256, lastPutMs } of store.list()) if (lastPutMs < beforeMs) old.push(sha256);
  let deleted = 0;
  for (let start = 0; start < old.length; start += pruneChunk) {
    const chunk = old.slice(start, start + pruneChunk);
    const needed = await inUse(chunk);
    const waiting = chunk.filter((sha256) => !needed.has(sha256));
    deleted += waiting.length;
    const removeAll = async (): Promise<void> => {
      for (let sha256 = waiting.pop(); sha256 !== undefined; sha256 = waiting.pop()) await store.remove(sha256);
    };
    await Promise.all(Array.from({ length: pruneLanes }, removeAll));
  }
  return deleted;
}

/**
 * Takes a response out of the archive; one that it does not have is none.
 * @throws StorageError ARCHIVE_KEY_INVALID; Error of the place.
 */
export async function removeArchived(store: BodyStore, sha256: string): Promise<void> {
  requireKey(sha256);
  await store.remove(sha256);
}

/** What is no hash could name something else than a response. */
function requireKey(sha256: string): void {
  if (sha256Pattern.test(sha256)) return;
  const message = `cannot look up ${JSON.stringify(sha256)}: expected 64 hex digits as in listings.response_sha256`;
  throw new StorageError('ARCHIVE_KEY_INVALID', message);
}

function damaged(location: string, what: string, cause: unknown): StorageError {
  const message = `cannot read ${location}: expected the response that its name says, ${what}; delete it`;
  return new StorageError('ARCHIVE_DAMAGED', message, { cause });
}
