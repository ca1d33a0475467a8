/** The raw archive: the same promises in a folder and in a bucket; then what only one of the two has. */
import { createHash } from 'node:crypto';
import { statSync, utimesSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { ListedBody } from '../../src/storage/body-store.ts';
import { namePathOf } from '../../src/storage/body-store.ts';
import { createBucketStore } from '../../src/storage/bucket-store.ts';
import type { RawArchiveOptions } from '../../src/storage/raw-archive.ts';
import { createRawArchive, pruneArchive, readArchived, removeArchived } from '../../src/storage/raw-archive.ts';
import type { TestPlace } from './archive-places.ts';
import { age, bucketPlace, folderPlace, impatient, isStoredSince, overwrite, storedBytes } from './archive-places.ts';
import type { ObjectStore } from './object-store.ts';
import { errorAnswer, startObjectStore } from './object-store.ts';

let objects: ObjectStore;
beforeAll(async () => {
  objects = await startObjectStore();
});
afterAll(() => objects.close());

let place: TestPlace;
let problems: string[];

function archive(options: Partial<RawArchiveOptions> = {}) {
  const onProblem = (reason: string) => problems.push(reason);
  return createRawArchive({ store: place.store, clock: systemClock, maxBytes: 1_000_000, onProblem, ...options });
}

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Pages that do not compress to nothing. */
function page(number: number): { readonly sha256: string; readonly bytes: Buffer } {
  const words = Array.from({ length: 100 }, (_, index) => sha256Of(Buffer.from(`${number} ${index}`)));
  const bytes = Buffer.from(words.join(' '), 'latin1');
  return { bytes, sha256: sha256Of(bytes) };
}

async function put(numbers: readonly number[], options: Partial<RawArchiveOptions> = {}): Promise<void> {
  const own = archive(options);
  for (const number of numbers) own.put(page(number).sha256, page(number).bytes);
  await own.flush();
}

const longAgo = new Date('2026-01-01');
const limit = new Date('2026-06-01');

describe.each([
  ['a folder', () => folderPlace()],
  ['a bucket', () => bucketPlace(objects)],
])('the raw archive in %s', (_name, open) => {
  beforeEach(() => {
    place = open();
    problems = [];
  });
  afterEach(() => {
    objects.faults.length = 0;
    place.remove();
  });

  it('gives back byte for byte what was put in, whatever the bytes are', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x00, 0x68, 0xe4]);
    const own = archive();

    own.put(sha256Of(bytes), bytes);
    await own.flush();

    expect(await readArchived(place.store, sha256Of(bytes))).toEqual(bytes);
    expect(place.names()).toEqual([namePathOf(sha256Of(bytes))]);
    expect(problems).toEqual([]);
  });

  it('keeps what comes again once, and does not write it anew', async () => {
    const { sha256, bytes } = page(1);
    await put([1, 1]);
    const yesterday = new Date(Date.now() - 3_600_000);
    await age(place, sha256, yesterday);

    await put([1, 1]);

    expect(place.names()).toEqual([namePathOf(sha256)]);
    expect(isStoredSince(place, sha256, new Date(yesterday.getTime() + 1_000))).toBe(false);
    expect(await readArchived(place.store, sha256)).toEqual(bytes);
  });

  it('stops at its limit, what an earlier run stored included, says so once and leaves nothing unfinished', async () => {
    await put([1], { maxBytes: 10_000 });

    const second = archive({ maxBytes: 10_000 });
    for (const number of [2, 3, 4, 5]) second.put(page(number).sha256, page(number).bytes);
    await second.flush();
    second.put(page(6).sha256, page(6).bytes);
    await second.flush();

    expect(problems).toEqual([`${place.store.place} is full: its limit is 10000 bytes`]);
    expect(place.names().length).toBeGreaterThan(1);
    expect(place.names().every((name) => name.endsWith('.br'))).toBe(true);
    expect(storedBytes(place)).toBeLessThanOrEqual(10_000);
  });

  it('leaves out what comes faster than it is taken, says so once, and goes on', async () => {
    const own = archive({ maxQueuedBytes: 10_000 });

    for (const number of [1, 2, 3]) own.put(page(number).sha256, page(number).bytes);
    await own.flush();
    own.put(page(4).sha256, page(4).bytes);
    await own.flush();

    expect(problems).toEqual([`${place.store.place} takes pages more slowly than they come; some are left out`]);
    await expect(readArchived(place.store, page(1).sha256)).resolves.toEqual(page(1).bytes);
    await expect(readArchived(place.store, page(4).sha256)).resolves.toEqual(page(4).bytes);
    expect(place.names()).toHaveLength(2);
  });

  it('says what it does not have, and never gives back something else', async () => {
    const { sha256 } = page(1);

    await expect(readArchived(place.store, '../../etc/passwd')).rejects.toMatchObject({ code: 'ARCHIVE_KEY_INVALID' });
    await expect(readArchived(place.store, sha256)).rejects.toMatchObject({ code: 'ARCHIVE_MISSING' });
    await put([1]);
    for (const bytes of [brotliCompressSync('something else'), 'not brotli']) {
      overwrite(place, sha256, bytes);
      await expect(readArchived(place.store, sha256)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
    }
  });

  it('takes one response away and no other, as often as it is told to', async () => {
    await put([1, 2]);

    await removeArchived(place.store, page(1).sha256);
    await removeArchived(place.store, page(1).sha256);

    expect(place.names()).toEqual([namePathOf(page(2).sha256)]);
    await expect(removeArchived(place.store, '../x')).rejects.toMatchObject({ code: 'ARCHIVE_KEY_INVALID' });
  });

  it('lets go of what is old and no longer in use, and of nothing else', async () => {
    await put([1, 2, 3, 4]);
    for (const number of [1, 3]) await age(place, page(number).sha256, longAgo);
    writeFileSync(place.fileOf('notes.txt'), 'mine');
    utimesSync(place.fileOf('notes.txt'), longAgo, longAgo);

    const inUse = async () => new Set([page(3).sha256]);
    expect(await pruneArchive(place.store, limit.getTime(), inUse)).toBe(1);

    const kept = [2, 3, 4].map((number) => namePathOf(page(number).sha256));
    expect([...place.names()].sort()).toEqual([...kept, 'notes.txt'].sort());
  });

  it('counts the age from when a response came last', async () => {
    await put([1]);
    await age(place, page(1).sha256, longAgo);

    await put([1]);

    expect(isStoredSince(place, page(1).sha256, limit)).toBe(true);
    expect(await pruneArchive(place.store, limit.getTime(), async () => new Set())).toBe(0);
  });

  it('is found to be usable before anything was put, and changes nothing by that', async () => {
    await place.store.probe();

    expect(await pruneArchive(place.store, limit.getTime(), async () => new Set())).toBe(0);
  });
});

describe('the raw archive in a folder', () => {
  let folder: ReturnType<typeof folderPlace>;
  beforeEach(() => {
    folder = folderPlace();
    place = folder;
    problems = [];
  });
  afterEach(() => folder.remove());

  it('can be read by its owner only, because pages name people', async () => {
    await put([1]);

    expect(statSync(folder.directory).mode & 0o077).toBe(0);
    expect(statSync(folder.fileOf(namePathOf(page(1).sha256))).mode & 0o077).toBe(0);
  });

  it('still reads what an older version has stored as gzip', async () => {
    const { sha256, bytes } = page(1);
    writeFileSync(folder.fileOf(namePathOf(sha256).replace(/br$/, 'gz')), gzipSync(bytes));

    expect(await readArchived(folder.store, sha256)).toEqual(bytes);
  });

  it('tries again a minute after it has failed, and says each time why', async () => {
    let nowMs = Date.now();
    writeFileSync(folder.directory, '');
    const own = archive({ clock: { now: () => nowMs } });
    const putOne = async (number: number) => {
      own.put(page(number).sha256, page(number).bytes);
      await own.flush();
    };
    await putOne(1);
    folder.remove();
    folder.fileOf('made again');
    await putOne(2);
    nowMs += 60_000;
    await putOne(3);

    expect(problems).toEqual([`cannot write to ${folder.directory}: there is a file where the folder should be`]);
    expect(folder.names()).toEqual([namePathOf(page(3).sha256)]);
  });
});

describe('the raw archive in a bucket', () => {
  beforeEach(() => {
    place = bucketPlace(objects);
    problems = [];
    objects.requests.length = 0;
  });
  afterEach(() => {
    objects.faults.length = 0;
  });

  it('tries again what the store is too busy for, as often as it may', async () => {
    objects.faults.push(errorAnswer(503, 'SlowDown'), errorAnswer(500, 'InternalError'));

    await put([1]);

    expect(problems).toEqual([]);
    expect(await readArchived(place.store, page(1).sha256)).toEqual(page(1).bytes);
  });

  it('gives up after its attempts, in one sentence that says what to do and names no key', async () => {
    objects.faults.push(...Array.from({ length: 9 }, () => errorAnswer(503, 'SlowDown')));

    await put([1]);

    const sentence = expect.stringMatching(/^cannot write to s3:\/\/.*got status 503; .* try again later$/);
    expect(problems).toEqual([sentence]);
    expect(problems.join()).not.toContain('S3RVER');
    expect(objects.requests).toHaveLength(3);
  });

  it('cannot be read when the store does not answer in time, which is not the same as a response that is missing', async () => {
    const { bucket, prefix } = objects.target;
    place = { ...place, store: createBucketStore({ ...objects.target, timeoutMs: 50, maxAttempts: 1 }, systemClock) };
    objects.faults.push((_request, response) => response.writeHead(200, { 'content-length': 10 }).write('half'));

    await expect(readArchived(place.store, page(1).sha256)).rejects.toMatchObject({
      code: 'ARCHIVE_UNREACHABLE',
      message: expect.stringMatching(
        `^cannot read s3://${bucket}/${prefix}.*: GET .*: expected an answer, got none within 50 ms; see that`,
      ),
    });
  });

  it('is signed with a key that is lent for a time as well', async () => {
    const store = createBucketStore({ ...objects.target, sessionToken: 'a token/of+AWS==' }, impatient);

    await expect(store.probe()).resolves.toBeUndefined();
  });

  it('follows no redirect, wherever it may lead', async () => {
    const elsewhere = 'https://asunnot.oikotie.fi/';
    objects.faults.push((_request, response) => response.writeHead(307, { location: elsewhere }).end());

    await expect(place.store.probe()).rejects.toMatchObject({
      code: 'OBJECT_STORE_REFUSED',
      message: expect.stringContaining('got status 307; correct raw_archive_s3.region or raw_archive_s3.endpoint'),
    });
    expect(objects.requests).toHaveLength(1);
  });

  it.each([
    ['a wrong key', { secretAccessKey: 'wrong' }, /status 403( \(SignatureDoesNotMatch\))?; check AWS_ACCESS_KEY_ID/],
    ['a bucket that is not there', { bucket: 'nothing' }, /status 404 \(NoSuchBucket\); make the bucket, or correct/],
    ['a port that nobody listens to', { endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }, /; see that raw_archive_s3/],
  ])('says of %s what to do', async (_what, wrong, sentence) => {
    const store = createBucketStore({ ...objects.target, ...wrong }, impatient);

    await expect(store.probe()).rejects.toThrow(sentence);
    place = { ...place, store };
    await put([1]);
    expect(problems).toEqual([expect.stringMatching(sentence)]);
    expect(problems.join()).not.toContain('S3RVER');
  });

  it('reads a list of more than one part, and takes no answer of something else for one', async () => {
    const listed = (sha256: string, more: string) =>
      `<Contents><Key>${objects.target.prefix}${namePathOf(sha256)}</Key><Size>7</Size>` +
      `<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>${more}`;
    const parts = [
      listed(page(1).sha256, '<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b=</NextContinuationToken>'),
      listed(page(2).sha256, '<IsTruncated>false</IsTruncated>'),
    ];
    for (const part of parts) {
      objects.faults.push((_request, response) => response.end(`<ListBucketResult>${part}</ListBucketResult>`));
    }
    objects.faults.push((_request, response) => response.end('<html>Welcome</html>'));
    const store = createBucketStore(objects.target, systemClock);
    const list = async () => {
      const bodies: Omit<ListedBody, 'lastPutMs'>[] = [];
      for await (const { sha256, bytes } of store.list()) bodies.push({ sha256, bytes });
      return bodies;
    };

    expect(await list()).toEqual([page(1), page(2)].map(({ sha256 }) => ({ sha256, bytes: 7 })));
    expect(objects.requests[1]).toContain('continuation-token=a%26b%3D');
    await expect(list()).rejects.toMatchObject({ code: 'OBJECT_STORE_REFUSED' });
  });
});
