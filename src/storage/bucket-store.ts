/**
 * Bodies in a bucket of an S3-compatible object store, `<prefix>ab/cd/<sha256>.br`. An object appears whole or not at all.
 * How old it is, the store's clock says. Objects that are named otherwise are never read and never deleted.
 */
import type { Clock } from '../clock.ts';
import { StorageError } from '../errors.ts';
import type { BodyStore, ListedBody } from './body-store.ts';
import { namePathOf, sha256OfPath } from './body-store.ts';
import type { BucketTarget, SendS3 } from './s3-requests.ts';
import { createS3Sender, placeOf } from './s3-requests.ts';

/** Bodies on their way at the same time: a request waits for the network more than for anything else. */
const lanes = 4;

/** The bucket as a place of bodies. It is not made: who pays for it decides where it is. */
export function createBucketStore(target: BucketTarget, clock: Pick<Clock, 'now' | 'sleep'>): BodyStore {
  const send = createS3Sender(target, { clock });
  const write = async (sha256: string, compressed: Buffer): Promise<void> => {
    await send({ method: 'PUT', key: namePathOf(sha256), body: compressed });
  };
  return {
    place: placeOf(target),
    lanes,
    locationOf: (sha256) => placeOf(target, namePathOf(sha256)),
    lastPutMs: async (sha256) => {
      const { status, headers } = await send({ method: 'HEAD', key: namePathOf(sha256) });
      return status === 404 ? null : timeOf(headers.get('last-modified'), target);
    },
    read: async (sha256) => {
      const { status, body } = await send({ method: 'GET', key: namePathOf(sha256) });
      return status === 404 ? null : { compressed: body, encoding: 'br' };
    },
    write,
    // An object has no time of its own but that of its writing.
    renew: write,
    remove: async (sha256) => {
      await send({ method: 'DELETE', key: namePathOf(sha256) });
    },
    list: () => listObjects(target, send),
    probe: async () => {
      await send({ method: 'GET', query: { 'list-type': '2', prefix: target.prefix } });
    },
  };
}

/** A thousand objects a request. */
async function* listObjects(target: BucketTarget, send: SendS3): AsyncGenerator<ListedBody> {
  let token: string | null = null;
  do {
    const more: Readonly<Record<string, string>> = token === null ? {} : { 'continuation-token': token };
    const answer = await send({ method: 'GET', query: { 'list-type': '2', prefix: target.prefix, ...more } });
    const xml = answer.body.toString('utf8');
    if (!/<ListBucketResult[\s>]/.test(xml)) throw unreadable(target, 'something else');
    for (const [, contents = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = textOf(contents, 'Key') ?? '';
      const sha256 = key.startsWith(target.prefix) ? sha256OfPath(key) : null;
      if (sha256 === null || key !== `${target.prefix}${namePathOf(sha256)}`) continue;
      const lastPutMs = timeOf(textOf(contents, 'LastModified'), target);
      yield { sha256, bytes: sizeOf(textOf(contents, 'Size'), target), lastPutMs };
    }
    const next = textOf(xml, 'IsTruncated') === 'true' ? textOf(xml, 'NextContinuationToken') : null;
    if (next !== null && next === token) throw unreadable(target, 'the same part again');
    token = next;
  } while (token !== null);
}

function textOf(xml: string, name: string): string | null {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text === undefined ? null : unescapeXml(text);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What stands for itself in XML, and numbers of characters, which some stores write. */
function unescapeXml(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[String(name)] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16));
  });
}

/** Without a time that can be read nothing may be taken to be old. */
function timeOf(text: string | null, target: BucketTarget): number {
  const timeMs = Date.parse(text ?? '');
  if (Number.isNaN(timeMs)) throw unreadable(target, `${JSON.stringify(text)} for the time of an object`);
  return timeMs;
}

function sizeOf(text: string | null, target: BucketTarget): number {
  if (text === null || !/^\d+$/.test(text))
    throw unreadable(target, `${JSON.stringify(text)} for the size of an object`);
  return Number(text);
}

function unreadable(target: BucketTarget, got: string): StorageError {
  const message = `${placeOf(target)}: expected an answer as S3 gives it, got ${got}; see that raw_archive_s3.endpoint is right`;
  return new StorageError('OBJECT_STORE_REFUSED', message);
}
