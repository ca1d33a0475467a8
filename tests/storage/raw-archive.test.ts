import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { RawArchiveOptions } from '../../src/storage/raw-archive.ts';
import { createRawArchive, pruneArchive, readArchived } from '../../src/storage/raw-archive.ts';
import type { TestFolder } from './samples.ts';
import { createFolder } from './samples.ts';

let folder: TestFolder;
let directory: string;
let problems: string[];

beforeEach(() => {
  folder = createFolder();
  directory = join(folder.path, 'archive');
  problems = [];
});

afterEach(() => folder.remove());

function archive(options: Partial<RawArchiveOptions> = {}) {
  const onProblem = (reason: string) => problems.push(reason);
  return createRawArchive({ directory, clock: systemClock, maxBytes: 1_000_000, onProblem, ...options });
}

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const pathOf = (sha256: string) => join(directory, sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.br`);
const files = () => readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => /\..+$/.test(name));

/** Pages that do not compress to nothing. */
function page(number: number): { readonly sha256: string; readonly bytes: Buffer } {
  const words = Array.from({ length: 100 }, (_, index) => sha256Of(Buffer.from(`${number} ${index}`)));
  const bytes = Buffer.from(words.join(' '), 'latin1');
  return { bytes, sha256: sha256Of(bytes) };
}

describe('the raw archive', () => {
  it('gives back byte for byte what was put in, whatever the bytes are', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x00, 0x68, 0xe4]);
    const own = archive();

    own.put(sha256Of(bytes), bytes);
    await own.flush();

    expect(await readArchived(directory, sha256Of(bytes))).toEqual(bytes);
    expect(problems).toEqual([]);
  });

  it('can be read by its owner only, because pages name people', async () => {
    const { sha256, bytes } = page(1);
    const own = archive();

    own.put(sha256, bytes);
    await own.flush();

    expect(statSync(directory).mode & 0o077).toBe(0);
    expect(statSync(pathOf(sha256)).mode & 0o077).toBe(0);
  });

  it('never writes again what it has', async () => {
    const { sha256, bytes } = page(1);
    const first = archive();
    first.put(sha256, bytes);
    await first.flush();
    const before = statSync(pathOf(sha256)).ino;

    const second = archive();
    second.put(sha256, bytes);
    second.put(sha256, bytes);
    await second.flush();

    expect(statSync(pathOf(sha256)).ino).toBe(before);
    expect(files()).toHaveLength(1);
  });

  it('stops at its limit, what an earlier run stored included, says so once and leaves nothing unfinished', async () => {
    const first = archive({ maxBytes: 10_000 });
    first.put(page(1).sha256, page(1).bytes);
    await first.flush();

    const second = archive({ maxBytes: 10_000 });
    for (const number of [2, 3, 4, 5]) second.put(page(number).sha256, page(number).bytes);
    await second.flush();
    second.put(page(6).sha256, page(6).bytes);
    await second.flush();

    expect(problems).toEqual([`${directory} is full: its limit is 10000 bytes`]);
    expect(files().length).toBeGreaterThan(1);
    expect(files().every((name) => name.endsWith('.br'))).toBe(true);
    const used = files().reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    expect(used).toBeLessThanOrEqual(10_000);
  });

  it('leaves out what comes faster than the disk takes it, says so once, and goes on', async () => {
    const own = archive({ maxQueuedBytes: 10_000 });

    for (const number of [1, 2, 3]) own.put(page(number).sha256, page(number).bytes);
    await own.flush();
    own.put(page(4).sha256, page(4).bytes);
    await own.flush();

    expect(problems).toEqual([`${directory} takes pages more slowly than they come; some are left out`]);
    await expect(readArchived(directory, page(1).sha256)).resolves.toEqual(page(1).bytes);
    await expect(readArchived(directory, page(4).sha256)).resolves.toEqual(page(4).bytes);
    expect(files()).toHaveLength(2);
  });

  it('says what it does not have, and never gives back something else', async () => {
    const { sha256 } = page(1);

    await expect(readArchived(directory, '../../etc/passwd')).rejects.toMatchObject({ code: 'ARCHIVE_KEY_INVALID' });
    await expect(readArchived(directory, sha256)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' });
    mkdirSync(dirname(pathOf(sha256)), { recursive: true });
    writeFileSync(pathOf(sha256), brotliCompressSync('something else'));
    await expect(readArchived(directory, sha256)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
    writeFileSync(pathOf(sha256), 'not brotli');
    await expect(readArchived(directory, sha256)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  });
});

describe('a raw archive with an age limit', () => {
  const longAgo = new Date('2026-01-01');
  const limitMs = Date.parse('2026-06-01');
  const put = async (...numbers: readonly number[]) => {
    const own = archive();
    for (const number of numbers) own.put(page(number).sha256, page(number).bytes);
    await own.flush();
  };
  const inUse = async () => new Set([page(3).sha256]);

  it('lets go of what is old and no longer in use, and of nothing else', async () => {
    await put(1, 2, 3);
    for (const number of [1, 3]) utimesSync(pathOf(page(number).sha256), longAgo, longAgo);
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    utimesSync(join(directory, 'notes.txt'), longAgo, longAgo);

    expect(await pruneArchive(directory, limitMs, inUse)).toBe(1);

    await expect(readArchived(directory, page(1).sha256)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' });
    expect(files().sort()).toEqual(expect.arrayContaining(['notes.txt']));
    expect(files()).toHaveLength(3);
  });

  it('counts the age from when a response came last', async () => {
    await put(1);
    utimesSync(pathOf(page(1).sha256), longAgo, longAgo);

    await put(1);

    expect(await pruneArchive(directory, limitMs, inUse)).toBe(0);
  });

  it('still reads what an older version has stored as gzip', async () => {
    const { sha256, bytes } = page(1);
    mkdirSync(dirname(pathOf(sha256)), { recursive: true });
    writeFileSync(pathOf(sha256).replace(/br$/, 'gz'), gzipSync(bytes));

    expect(await readArchived(directory, sha256)).toEqual(bytes);
  });
});
