/**
 * Where the knobs of the raw archive say that it is: a folder, a bucket or nowhere. They can contradict each other; no key
 * is ever repeated in a problem.
 */
import { rawArchiveS3 as s3 } from './archive-schema.ts';
import { isLoopback, portalHost } from './check-task.ts';
import type { BucketTarget } from './config-connections.ts';
import { describeProblem, showValue } from './problem.ts';
import type { EffectiveKnob } from './read-section.ts';
import { acceptedValue } from './read-section.ts';
import type { Settings } from './schema.ts';
import { settingsSchema } from './schema.ts';

const section = 'global_settings.raw_archive_s3';

/** What speaks against how the raw archive is configured; nothing when there is none. */
export function checkRawArchive(knobs: readonly EffectiveKnob[]): string[] {
  const directoryPath = 'global_settings.raw_archive_directory';
  const directory = acceptedValue(knobs, directoryPath, settingsSchema.raw_archive_directory);
  const bucket = acceptedValue(knobs, `${section}.bucket`, s3.bucket);
  const problems: string[] = [];
  if (directory !== null) problems.push(...checkPersonalData(knobs, 'raw_archive_directory', directory));
  if (bucket === null) return problems;
  problems.push(...checkPersonalData(knobs, 'raw_archive_s3.bucket', bucket), ...checkKeys(knobs));
  if (directory !== null) {
    const expected = 'one of raw_archive_directory and raw_archive_s3.bucket';
    const remedy = 'set the one that you do not mean to null';
    problems.push(describeProblem({ path: directoryPath, expected, got: 'both', remedy }));
  }
  const endpoint = acceptedValue(knobs, `${section}.endpoint`, s3.endpoint);
  const hosts = acceptedValue(knobs, 'global_settings.allowed_hosts', settingsSchema.allowed_hosts) ?? [];
  if (endpoint !== null) problems.push(...checkEndpoint(new URL(endpoint), hosts));
  return problems;
}

/** The bucket as it is to be reached; null when none is configured. Its input has been checked. */
export function readBucket({ raw_archive_s3: settings }: Settings): BucketTarget | null {
  const { bucket, region, prefix, session_token: sessionToken, max_attempts: maxAttempts } = settings;
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = settings;
  if (bucket === null || accessKeyId === null || secretAccessKey === null) return null;
  const endpoint = new URL(settings.endpoint ?? `https://s3.${region}.amazonaws.com`).origin;
  const timeoutMs = Math.round(settings.timeout_seconds * 1000);
  return { endpoint, bucket, region, prefix, accessKeyId, secretAccessKey, sessionToken, timeoutMs, maxAttempts };
}

/** Pages name the agents: who does not collect personal data must not archive pages either. */
function checkPersonalData(knobs: readonly EffectiveKnob[], name: string, value: string): string[] {
  const collects = acceptedValue(knobs, 'global_settings.collect_personal_data', settingsSchema.collect_personal_data);
  if (collects !== false) return [];
  const expected = 'null while collect_personal_data is false, since archived pages name people and their phones';
  const remedy = `set collect_personal_data to true, or ${name} to null`;
  return [describeProblem({ path: `global_settings.${name}`, expected, got: showValue(value), remedy })];
}

function checkKeys(knobs: readonly EffectiveKnob[]): string[] {
  return (['access_key_id', 'secret_access_key'] as const).flatMap((name) => {
    const isAbsent = knobs.some(({ path, value }) => path === `${section}.${name}` && value === null);
    if (!isAbsent) return [];
    const remedy = `set ${s3[name].env} in the environment`;
    return [describeProblem({ path: `${section}.${name}`, expected: 'the key of the bucket', got: 'nothing', remedy })];
  });
}

/** What is sent there is signed, but everybody could read it; and the portal is asked through the gate alone. */
function checkEndpoint(url: URL, allowedHosts: readonly string[]): string[] {
  const path = `${section}.endpoint`;
  const remedy = 'correct it or SCRAPER_S3_ENDPOINT';
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/') {
    const expected = 'scheme, host and port alone; the bucket and the keys have settings of their own';
    return [describeProblem({ path, expected, got: 'more than that', remedy })];
  }
  if (isPortal(url) || allowedHosts.includes(url.host)) {
    const expected = 'an object store, which is no host that is collected from';
    return [describeProblem({ path, expected, got: showValue(url.host), remedy })];
  }
  if (url.protocol === 'https:' || isLoopback(url)) return [];
  return [
    describeProblem({ path, expected: 'https, since it is not this machine', got: showValue(url.origin), remedy }),
  ];
}

/** The portal's own host, and all others of its domain. */
function isPortal({ hostname }: URL): boolean {
  const domain = portalHost().split('.').slice(-2).join('.');
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
