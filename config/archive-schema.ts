/**
 * The knobs of a raw archive that lies in a bucket of an object store instead of a folder. Data only.
 */
import { nullable, numberKind, textKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

const secret = textKind('a text without spaces', /^\S+$/);

export const rawArchiveS3 = {
  bucket: knob(null, {
    doc: 'Bucket of an S3-compatible object store that keeps the raw archive, instead of raw_archive_directory; null uses none.',
    unit: 'name',
    env: 'SCRAPER_S3_BUCKET',
    kind: nullable(
      textKind('a bucket of 3 to 63 small letters, digits, dots and dashes', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    ),
  }),
  endpoint: knob(null, {
    doc: 'Where the object store answers, https unless it is this machine; the bucket is put into the path. Null takes `https://s3.<region>.amazonaws.com`.',
    unit: 'URL',
    env: 'SCRAPER_S3_ENDPOINT',
    sensitive: true,
    kind: nullable({
      ...textKind('an https URL'),
      accepts: (value): value is string =>
        typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value),
    }),
  }),
  region: knob('us-east-1', {
    doc: 'Region that requests are signed for; most stores that are not of Amazon take any.',
    env: 'AWS_REGION',
    kind: textKind('a region of small letters, digits and dashes', /^[a-z0-9-]+$/),
  }),
  prefix: knob('oikotie/', {
    doc: 'What the names of its objects begin with; empty, or ends in a slash. Nothing else in the bucket is touched.',
    env: 'SCRAPER_S3_PREFIX',
    kind: textKind(
      'letters, digits, dots, dashes and underscores between slashes, one at the end',
      /^((?!\.{1,2}\/)[\w.-]+\/)*$/,
    ),
  }),
  access_key_id: knob(null, {
    doc: 'Name of the key that requests are signed with.',
    env: 'AWS_ACCESS_KEY_ID',
    sensitive: true,
    kind: nullable(secret),
  }),
  secret_access_key: knob(null, {
    doc: 'The key itself.',
    env: 'AWS_SECRET_ACCESS_KEY',
    sensitive: true,
    kind: nullable(secret),
  }),
  session_token: knob(null, {
    doc: 'Token of a key that is lent for a time; null for one that is not.',
    env: 'AWS_SESSION_TOKEN',
    sensitive: true,
    kind: nullable(secret),
  }),
  timeout_seconds: knob(10, {
    doc: 'How long one request to the object store may take, its body included.',
    unit: 's',
    env: 'SCRAPER_S3_TIMEOUT',
    kind: numberKind('a number from 0.1 to 300', { min: 0.1, max: 300 }),
  }),
  max_attempts: knob(4, {
    doc: 'Requests that are sent at most for one answer: without an answer, and after 408, 429 and 5xx, it is tried again.',
    unit: 'requests',
    env: 'SCRAPER_S3_MAX_ATTEMPTS',
    kind: wholeNumberKind('a whole number from 1 to 10', { min: 1, max: 10 }),
  }),
};
