/**
 * Whether a request is signed with a key as AWS Signature Version 4 wants it, worked out from the specification alone:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The error code that S3 would give; null when the signature is right. */
export function signatureProblem(request: IncomingMessage, { accessKeyId, secretAccessKey }: Key): string | null {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/s3\/aws4_request), SignedHeaders=([^,]+), Signature=(.+)$/;
  const [, keyId, scope = '', names = '', signature] = pattern.exec(request.headers.authorization ?? '') ?? [];
  if (keyId !== accessKeyId) return 'InvalidAccessKeyId';
  const time = headerOf(request, 'x-amz-date');
  const sentAtMs = Date.parse(time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (!(Math.abs(Date.now() - sentAtMs) < 900_000)) return 'RequestTimeTooSkewed';
  const required = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const signed = names.split(';');
  if (required.some((name) => !signed.includes(name))) return 'AccessDenied';
  const url = new URL(request.url ?? '', 'http://store');
  const query = [...url.searchParams].map((pair) => pair.map(encoded).join('=')).sort();
  const canonical = [
    ...[request.method, url.pathname.split('/').map(encoded).join('/'), query.join('&')],
    ...signed.map((name) => `${name}:${headerOf(request, name)}`),
    ...['', names, headerOf(request, 'x-amz-content-sha256')],
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  let key: string | Buffer = `AWS4${secretAccessKey}`;
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(toSign).digest('hex') === signature ? null : 'SignatureDoesNotMatch';
}

function headerOf(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
