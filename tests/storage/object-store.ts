/**
 * An object store on loopback: s3rver, which keeps its objects in files, behind a server that checks the signatures, which
 * s3rver does not do for those of version 4, and that can be told to answer something else a few times.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import type { BucketTarget } from '../../src/storage/s3-requests.ts';
import { signatureProblem } from './s3-signature.ts';

/** Answers in place of the store. */
type Fault = (request: IncomingMessage, response: ServerResponse) => void;

export interface ObjectStore {
  readonly target: BucketTarget;
  /** The settings of a configuration that keeps the archive there. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** `GET /pages/...` of each request, oldest first. */
  readonly requests: string[];
  /** The next requests are answered by these. */
  readonly faults: Fault[];
  /** Names of the objects with the prefix. */
  readonly names: () => readonly string[];
  /** File that an object is kept in. */
  readonly fileOf: (name: string) => string;
  readonly close: () => Promise<void>;
}

const bucket = 'pages';
/** The one key that s3rver knows. */
const [accessKeyId, secretAccessKey] = ['S3RVER', 'S3RVER'];
const prefix = 'oikotie/';
const ending = '._S3rver_object';

export async function startObjectStore(): Promise<ObjectStore> {
  const directory = mkdtempSync(join(tmpdir(), 'oikotie-objects-'));
  const store = new S3rver({ directory, silent: true, configureBuckets: [{ name: bucket }] });
  await store.configureBuckets();
  const answer = store.callback();
  const requests: string[] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const problem = signatureProblem(request, { accessKeyId, secretAccessKey });
    const fault = problem === null ? faults.shift() : errorAnswer(403, problem);
    if (fault === undefined) answer(request, response);
    else fault(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    target: {
      ...{ endpoint, bucket, region: 'us-east-1', prefix, accessKeyId, secretAccessKey },
      ...{ sessionToken: null, timeoutMs: 10_000, maxAttempts: 3 },
    },
    settings: { bucket, endpoint, prefix, access_key_id: accessKeyId, secret_access_key: secretAccessKey },
    requests,
    faults,
    names: () =>
      readdirSync(join(directory, bucket), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(ending))
        .map((name) => name.slice(0, -ending.length)),
    fileOf: (name) => join(directory, bucket, `${name}${ending}`),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** An error as S3 answers it. */
export function errorAnswer(status: number, code: string): Fault {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>of S3RVER</Message></Error>`);
  };
}
