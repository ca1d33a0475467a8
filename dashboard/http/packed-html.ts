/**
 * A page whose large part is the same for all who look at it: that part is packed once, and each answer adds the little around
 * it, unpacked. A gzip stream is blocks behind each other (RFC 1951, RFC 1952): packed ones, and ones that are stored as they
 * are.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';

export interface PackedHtml {
  readonly html: string;
  /** UTF-8. */
  readonly bytes: Buffer;
  /** Blocks that refer to nothing before them, none of them the last. */
  readonly packed: Buffer;
}

/** No name, no time, made by an unknown system. */
const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** What a stored block holds at most. */
const mostStored = 65_535;

export function packHtml(html: string): PackedHtml {
  const bytes = Buffer.from(html);
  return { html, bytes, packed: deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH }) };
}

/** The whole page as gzip. */
export function gzipAround(before: string, shared: PackedHtml, after: string): Buffer {
  const [first, last] = [Buffer.from(before), Buffer.from(after)];
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(last, crc32(shared.bytes, crc32(first))), 0);
  tail.writeUInt32LE((first.length + shared.bytes.length + last.length) % 2 ** 32, 4);
  return Buffer.concat([gzipHead, ...store(first), shared.packed, ...store(last), endBlock, tail]);
}

/** An empty block that is the last. */
const endBlock = Buffer.from([1, 0, 0, 255, 255]);

function store(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += mostStored) {
    const part = bytes.subarray(from, from + mostStored);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(part.length, 1);
    // Its complement, as a check.
    head.writeUInt16LE(mostStored - part.length, 3);
    blocks.push(head, part);
  }
  return blocks;
}
