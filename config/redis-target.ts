/**
 * Which Redis the knobs under `cluster_coordination` mean, and how it is reached. They can contradict each other; whatever
 * a password might be part of is never repeated in a problem.
 */
import { readFileSync } from 'node:fs';
import { clusterCoordination as schema } from './cluster-schema.ts';
import type { RedisAccess, RedisAddress, RedisTarget } from './config-connections.ts';
import type { ProblemParts } from './problem.ts';
import { describeProblem, showValue } from './problem.ts';
import type { EffectiveKnob } from './read-section.ts';
import { acceptedValue } from './read-section.ts';

interface RedisFindings {
  /** Null when no Redis is configured, or when there is a problem. */
  readonly target: RedisTarget | null;
  readonly problems: readonly string[];
}

const section = 'global_settings.cluster_coordination';
const defaultPort = 6379;

/** What was accepted of the knobs; a bad one counts as not set, so that it does not hide the next. */
function settingsOf(knobs: readonly EffectiveKnob[]) {
  const pathOf = (name: keyof typeof schema): string => `${section}.${name}`;
  return {
    url: acceptedValue(knobs, pathOf('redis_url'), schema.redis_url),
    username: acceptedValue(knobs, pathOf('redis_username'), schema.redis_username),
    password: acceptedValue(knobs, pathOf('redis_password'), schema.redis_password),
    isTls: acceptedValue(knobs, pathOf('redis_tls'), schema.redis_tls) ?? false,
    caFile: acceptedValue(knobs, pathOf('redis_ca_file'), schema.redis_ca_file),
    sentinels: acceptedValue(knobs, pathOf('redis_sentinels'), schema.redis_sentinels) ?? [],
    master: acceptedValue(knobs, pathOf('redis_sentinel_master'), schema.redis_sentinel_master),
    sentinelPassword: acceptedValue(knobs, pathOf('redis_sentinel_password'), schema.redis_sentinel_password),
    nodes: acceptedValue(knobs, pathOf('redis_cluster_nodes'), schema.redis_cluster_nodes) ?? [],
  };
}

type RedisSettings = ReturnType<typeof settingsOf>;

/** The Redis that is meant, or what is wrong with how it is said. Reads the CA file. */
export function readRedisTarget(knobs: readonly EffectiveKnob[]): RedisFindings {
  const settings = settingsOf(knobs);
  const { url: urlText, sentinels, nodes } = settings;
  if (urlText === null && sentinels.length === 0 && nodes.length === 0)
    return { target: null, problems: checkSentinel(settings) };
  const url = urlText === null ? null : readUrl(urlText);
  const certificates = readCaFile(settings, url);
  const problems = [
    ...checkOneKind(settings),
    ...checkSentinel(settings),
    ...(url?.problems ?? []),
    ...checkCredentials(settings, url),
    ...certificates.problems,
  ];
  if (problems.length > 0) return { target: null, problems };
  const access: RedisAccess = {
    username: url?.username ?? settings.username,
    password: url?.password ?? settings.password,
    tls: isEncrypted(settings, url) ? { ca: certificates.ca } : null,
  };
  return { target: targetOf(settings, url, access), problems: [] };
}

function targetOf(settings: RedisSettings, url: ReadUrl | null, access: RedisAccess): RedisTarget {
  const { sentinels, master, sentinelPassword, nodes } = settings;
  if (url !== null) return { kind: 'single', address: url.address, database: url.database, ...access };
  if (nodes.length > 0) return { kind: 'cluster', nodes: nodes.map(readAddress), ...access };
  return { kind: 'sentinel', sentinels: sentinels.map(readAddress), master: master ?? '', sentinelPassword, ...access };
}

function problem(name: keyof typeof schema, parts: Omit<ProblemParts, 'path'>): string {
  return describeProblem({ path: `${section}.${name}`, ...parts });
}

function checkOneKind({ url, sentinels, nodes }: RedisSettings): string[] {
  const named = [
    ...(url === null ? [] : ['redis_url']),
    ...(sentinels.length === 0 ? [] : ['redis_sentinels']),
    ...(nodes.length === 0 ? [] : ['redis_cluster_nodes']),
  ];
  if (named.length <= 1) return [];
  const expected = 'one of redis_url, redis_sentinels and redis_cluster_nodes';
  const remedy = 'remove all but the one you mean, in the file and in the environment (REDIS_URL)';
  return [describeProblem({ path: section, expected, got: named.join(' and '), remedy })];
}

function checkSentinel({ sentinels, master, sentinelPassword }: RedisSettings): string[] {
  if (sentinels.length > 0 && master === null) {
    const expected = 'the name the Sentinels know the master by';
    const remedy = 'set it to the name after "sentinel monitor" in sentinel.conf';
    return [problem('redis_sentinel_master', { expected, got: 'nothing', remedy })];
  }
  if (sentinels.length > 0 || (master === null && sentinelPassword === null)) return [];
  const name = master === null ? 'redis_sentinel_password' : 'redis_sentinel_master';
  const expected = 'nothing while there are no redis_sentinels';
  const got = master === null ? 'a password' : showValue(master);
  return [problem(name, { expected, got, remedy: 'set redis_sentinels, or remove it' })];
}

/** Each of user and password in one place; a user comes with a password. */
function checkCredentials(settings: RedisSettings, url: ReadUrl | null): string[] {
  const problems: string[] = [];
  for (const name of ['username', 'password'] as const) {
    const [inUrl, inKnob] = [url?.[name] ?? null, settings[name]];
    if (inUrl === null || inKnob === null || inUrl === inKnob) continue;
    const expected = `the same ${name} as in redis_url, or none`;
    problems.push(problem(`redis_${name}`, { expected, got: 'another one', remedy: 'remove one of the two' }));
  }
  const hasUser = (url?.username ?? settings.username) !== null;
  if (hasUser && (url?.password ?? settings.password) === null) {
    const expected = 'the password of the Redis user';
    problems.push(problem('redis_password', { expected, got: 'nothing', remedy: 'set REDIS_PASSWORD' }));
  }
  return problems;
}

function isEncrypted({ isTls }: RedisSettings, url: ReadUrl | null): boolean {
  return isTls || url?.isTls === true;
}

function readCaFile(settings: RedisSettings, url: ReadUrl | null): { ca: string | null; problems: string[] } {
  const { caFile } = settings;
  if (caFile === null) return { ca: null, problems: [] };
  const fail = (expected: string, got: string, remedy: string) => ({
    ca: null,
    problems: [problem('redis_ca_file', { expected, got, remedy })],
  });
  const got = showValue(caFile);
  if (!isEncrypted(settings, url)) {
    return fail(
      'null while Redis is reached without TLS',
      got,
      'write rediss:// in redis_url, or set redis_tls to true',
    );
  }
  try {
    const ca = readFileSync(caFile, 'utf8');
    if (ca.includes('-----BEGIN CERTIFICATE-----')) return { ca, problems: [] };
    return fail('a file with PEM certificates', `${got}, which has none`, 'name the certificate, not its key');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    return fail('a file that can be read', `${got} (${code})`, 'correct the path, or REDIS_CA_FILE');
  }
}

interface ReadUrl {
  readonly address: RedisAddress;
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly isTls: boolean;
  readonly problems: readonly string[];
}

function readUrl(text: string): ReadUrl {
  const problems: string[] = [];
  const fail = (expected: string, got: string): null => {
    problems.push(problem('redis_url', { expected, got, remedy: 'correct it or REDIS_URL' }));
    return null;
  };
  const url = URL.canParse(text) ? new URL(text) : fail('redis[s]://[user:password@]host[:port][/database]', 'no URL');
  if (url !== null && !/^\/?\d*$/.test(url.pathname))
    fail('the number of a database as its path', showValue(url.pathname));
  if (url !== null && url.search !== '') fail('no options after "?"', 'some');
  const decode = (part: string): string | null => {
    if (part === '') return null;
    try {
      return decodeURIComponent(part);
    } catch {
      return fail('"%" in user and password written as %25', 'another "%"');
    }
  };
  return {
    address: { host: bareHost(url?.hostname || 'localhost'), port: Number(url?.port || defaultPort) },
    database: Number(url?.pathname.slice(1) || 0),
    username: decode(url?.username ?? ''),
    password: decode(url?.password ?? ''),
    isTls: url?.protocol === 'rediss:',
    problems,
  };
}

/** `host:port` or `[IPv6]:port`, as the schema has accepted it. */
function readAddress(text: string): RedisAddress {
  const colon = text.lastIndexOf(':');
  return { host: bareHost(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
}

function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
