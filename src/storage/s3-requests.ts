/**
 * Signed requests to an S3-compatible object store (AWS Signature Version 4), each with a limit of time, size and attempts.
 * They are no requests to the portal, so its gate does not apply, and a redirect is never followed: nothing here can lead
 * there. Of what the store answers only its error code is repeated, so no key gets into a message.
 */
import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { Clock } from '../clock.ts';
import { messageOf, StorageError } from '../errors.ts';

/** A bucket, and the key to it. */
export interface BucketTarget {
  /** Scheme, host and port; the bucket goes into the path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** What the names of our objects begin with; empty or with a slash at its end. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  /** Longest time of one request, its body included. */
  readonly timeoutMs: number;
  /** Requests for one answer at most. */
  readonly maxAttempts: number;
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Name of the object; left out for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface S3Answer {
  /** 200 to 299, or 404 when there is no such object. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/**
 * @throws StorageError OBJECT_STORE_REFUSED when the answer will stay the same, OBJECT_STORE_UNREACHABLE when there was
 * none, or none of use, after all attempts.
 */
export type SendS3 = (request: S3Request) => Promise<S3Answer>;

interface SenderOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** 0 to 1; how much of a pause is taken. Default Math.random. */
  readonly random?: () => number;
}

/** An object that is larger is none of ours. */
const maxBodyBytes = 64 * 1_048_576;
const firstPauseMs = 200;
const longestPauseMs = 5_000;
const trySoonAgain: ReadonlySet<number> = new Set([408, 429]);
/** Codes that come with a status that says otherwise. */
const passingCodes: ReadonlySet<string> = new Set([
  'RequestTimeout',
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
]);

/** Sends requests to one bucket. */
export function createS3Sender(target: BucketTarget, { clock, random = Math.random }: SenderOptions): SendS3 {
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await sendOnce(target, request, clock.now());
      if (outcome.kind === 'answer') return outcome.answer;
      if (!outcome.mayPass || attempt >= target.maxAttempts) throw outcome.error;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
      await clock.sleep(pauseMs * (0.5 + random() / 2));
    }
  };
}

type Outcome =
  | { readonly kind: 'answer'; readonly answer: S3Answer }
  | { readonly kind: 'failure'; readonly mayPass: boolean; readonly error: StorageError };

async function sendOnce(target: BucketTarget, request: S3Request, nowMs: number): Promise<Outcome> {
  let answer: S3Answer;
  try {
    answer = await exchange(target, request, nowMs);
  } catch (error) {
    const reason = networkReason(error, target.timeoutMs);
    const message = `${whatOf(target, request)}: expected an answer, got ${reason}; ${remedies.unreachable}`;
    const failure = new StorageError('OBJECT_STORE_UNREACHABLE', message, { cause: error });
    return { kind: 'failure', mayPass: true, error: failure };
  }
  const { status, body } = answer;
  if (status >= 200 && status < 300) return { kind: 'answer', answer };
  const code = errorCodeOf(body);
  if (status === 404 && request.key !== undefined && code !== 'NoSuchBucket') return { kind: 'answer', answer };
  const mayPass = status >= 500 || trySoonAgain.has(status) || passingCodes.has(code);
  const got = `status ${status}${code === '' ? '' : ` (${code})`}`;
  const message = `${whatOf(target, request)}: expected it to be done, got ${got}; ${remedyOf(status, code, mayPass)}`;
  const error = new StorageError(mayPass ? 'OBJECT_STORE_UNREACHABLE' : 'OBJECT_STORE_REFUSED', message, {
    details: { status },
  });
  return { kind: 'failure', mayPass, error };
}

async function exchange(target: BucketTarget, request: S3Request, nowMs: number): Promise<S3Answer> {
  const { endpoint, bucket, prefix, region, accessKeyId, secretAccessKey, sessionToken, timeoutMs } = target;
  const { method, key, query = {}, body } = request;
  const url = new URL(`${endpoint}/${bucket}${key === undefined ? '' : `/${prefix}${key}`}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const hash = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  const signed = await new AwsV4Signer({
    ...{ method, url: url.href, region, accessKeyId, secretAccessKey, service: 's3' },
    ...(sessionToken === null ? {} : { sessionToken }),
    // The store compares it with what has arrived.
    headers: { 'x-amz-content-sha256': hash },
    datetime: new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
  }).sign();
  const response = await fetch(signed.url, {
    ...{ method, headers: signed.headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  return { status: response.status, headers: response.headers, body: await readBody(response) };
}

async function readBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return Buffer.alloc(0);
  // Leaving the loop cancels what is still to come.
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error(`more than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The code of an error answer, e.g. `AccessDenied`; empty when there is none. The rest of it may name the key. */
function errorCodeOf(body: Buffer): string {
  return /<Code>([A-Za-z]{1,60})<\/Code>/.exec(body.toString('utf8', 0, 4_096))?.[1] ?? '';
}

function networkReason(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `none within ${timeoutMs} ms`;
  return messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}

/** `s3://bucket/prefix at host`, or of one object. */
export function placeOf({ endpoint, bucket, prefix }: BucketTarget, key = ''): string {
  return `s3://${bucket}/${prefix}${key} at ${new URL(endpoint).host}`;
}

function whatOf(target: BucketTarget, { method, key }: S3Request): string {
  return `${method} ${placeOf(target, key)}`;
}

const remedies = {
  unreachable: 'see that raw_archive_s3.endpoint is right and answers',
  passing: 'the object store is busy or in trouble, try again later',
  bucket: 'make the bucket, or correct raw_archive_s3.bucket',
  clock: 'set the clock of this machine, requests are signed with its time',
  place: 'correct raw_archive_s3.region or raw_archive_s3.endpoint',
  keys: 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may list, read, write and delete there',
  other: 'see what the object store says of it',
} as const;

const placeCodes: ReadonlySet<string> = new Set(['AuthorizationHeaderMalformed', 'PermanentRedirect']);

function remedyOf(status: number, code: string, mayPass: boolean): string {
  if (mayPass) return remedies.passing;
  if (code === 'RequestTimeTooSkewed') return remedies.clock;
  if (status === 404) return remedies.bucket;
  if ((status >= 300 && status < 400) || placeCodes.has(code)) return remedies.place;
  return status === 401 || status === 403 ? remedies.keys : remedies.other;
}
