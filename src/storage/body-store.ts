/**
 * Where the raw archive keeps its bodies: what it needs of a place, whichever it is. A place knows names and bytes; what
 * the bytes are, and whether they are what their name says, is for src/storage/raw-archive.ts.
 */

export interface BodyStore {
  /** As a person is told of it: a folder, or `s3://bucket/prefix at host`. No secret is in it. */
  readonly place: string;
  /** Bodies that are worth writing at the same time. */
  readonly lanes: number;
  /** Where a body lies, whether it is there or not. */
  readonly locationOf: (sha256: string) => string;
  /** When the body was put or renewed last, epoch milliseconds; null when it is not there. */
  readonly lastPutMs: (sha256: string) => Promise<number | null>;
  /** Null when it is not there. */
  readonly read: (sha256: string) => Promise<StoredBody | null>;
  /** Puts a body that is not there: all of it or nothing. */
  readonly write: (sha256: string, compressed: Buffer) => Promise<void>;
  /** Makes one that is there as new as `nowMs`, or as new as the clock of the place says. */
  readonly renew: (sha256: string, compressed: Buffer, nowMs: number) => Promise<void>;
  /** Takes a body away; one that is not there is none. */
  readonly remove: (sha256: string) => Promise<void>;
  /** Every body; what else lies there is left out. Nothing when the place was never written to. */
  readonly list: () => AsyncIterable<ListedBody>;
  /** Looks whether it can be used, without changing anything. @throws Error with what is wrong. */
  readonly probe: () => Promise<void>;
}

export interface StoredBody {
  readonly compressed: Buffer;
  /** How it is compressed; gzip is of earlier versions. */
  readonly encoding: 'br' | 'gz';
}

export interface ListedBody {
  readonly sha256: string;
  /** Compressed. */
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly lastPutMs: number;
}

/** Path of a body below its place, with `/`: `ab/cd/<sha256>.br`. */
export function namePathOf(sha256: string): string {
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}.br`;
}

/** The SHA-256 that a path is named for; null for a path that is none of a body. */
export function sha256OfPath(path: string): string | null {
  return /(?:^|[/\\])([0-9a-f]{64})\.(?:br|gz)$/.exec(path)?.[1] ?? null;
}
