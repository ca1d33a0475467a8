/**
 * Which Redis the configuration means, in each of the ways to say it, and what is said when two of them contradict.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigFolder } from './config-file.ts';
import { createConfigFolder, helsinkiTask } from './config-file.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = createConfigFolder();
});
afterEach(() => folder.remove());

const noAccess = { username: null, password: null, tls: null };

function write(coordination: object): void {
  folder.write({ tasks: [helsinkiTask()], global_settings: { cluster_coordination: coordination } });
}

function fileBeside(name: string, text: string): string {
  const path = join(dirname(folder.path), name);
  writeFileSync(path, text);
  return path;
}

function targetOf(coordination: object, environment: Readonly<Record<string, string>> = {}) {
  write(coordination);
  return folder.load({ environment }).config.cluster.redis;
}

describe('the Redis of a configuration', () => {
  it.each([
    ['redis://cache', { address: { host: 'cache', port: 6379 }, database: 0 }],
    ['redis://cache:7000/3', { address: { host: 'cache', port: 7000 }, database: 3 }],
    ['redis://[::1]:7000', { address: { host: '::1', port: 7000 } }],
    ['redis://:p%40ss@cache', { username: null, password: 'p@ss' }],
    ['rediss://app:secret@cache', { username: 'app', password: 'secret', tls: { ca: null } }],
  ])('is one server by the URL %s', (url, expected) => {
    expect(targetOf({ redis_url: url })).toEqual({
      ...{ kind: 'single', address: { host: 'cache', port: 6379 }, database: 0, ...noAccess },
      ...expected,
    });
  });

  it('has its user, password and authority from the environment', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const environment = {
      REDIS_URL: 'rediss://cache',
      REDIS_USERNAME: 'app',
      REDIS_PASSWORD: '12:34',
      REDIS_CA_FILE: fileBeside('ca.crt', ca),
    };

    expect(targetOf({}, environment)).toMatchObject({ username: 'app', password: '12:34', tls: { ca } });
  });

  it('is the master that Sentinels name', () => {
    const coordination = {
      redis_sentinels: ['one:26379', '[::1]:26380'],
      redis_sentinel_master: 'main',
      redis_tls: true,
    };

    expect(targetOf(coordination, { REDIS_SENTINEL_PASSWORD: 'hush' })).toEqual({
      kind: 'sentinel',
      sentinels: [
        { host: 'one', port: 26_379 },
        { host: '::1', port: 26_380 },
      ],
      master: 'main',
      sentinelPassword: 'hush',
      ...noAccess,
      tls: { ca: null },
    });
  });

  it('is a Redis Cluster by some of its nodes', () => {
    expect(targetOf({}, { REDIS_CLUSTER_NODES: 'one:7001, two:7002' })).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'one', port: 7001 },
        { host: 'two', port: 7002 },
      ],
      ...noAccess,
    });
  });

  it('is none unless one is named', () => {
    expect(targetOf({}, { REDIS_PASSWORD: 'left over' })).toBeNull();
  });
});

describe('a Redis that cannot be meant', () => {
  const start = 'global_settings.cluster_coordination';

  it.each([
    [
      { redis_url: 'redis://cache', redis_cluster_nodes: ['one:7001'] },
      ': expected one of redis_url, redis_sentinels and redis_cluster_nodes, got redis_url and redis_cluster_nodes; remove all but the one you mean, in the file and in the environment (REDIS_URL)',
    ],
    [
      { redis_sentinels: ['one:26379'] },
      '.redis_sentinel_master: expected the name the Sentinels know the master by, got nothing; set it to the name after "sentinel monitor" in sentinel.conf',
    ],
    [
      { redis_sentinel_master: 'main' },
      '.redis_sentinel_master: expected nothing while there are no redis_sentinels, got "main"; set redis_sentinels, or remove it',
    ],
    [
      { redis_cluster_nodes: ['one'] },
      '.redis_cluster_nodes: expected a list of host:port such as ["10.0.0.5:6379"], got ["one"]; correct it in FILE',
    ],
    [
      { redis_url: 'redis://:secret@cache', redis_password: 'other-secret' },
      '.redis_password: expected the same password as in redis_url, or none, got another one; remove one of the two',
    ],
    [
      { redis_url: 'redis://cache', redis_username: 'app' },
      '.redis_password: expected the password of the Redis user, got nothing; set REDIS_PASSWORD',
    ],
    [
      { redis_url: 'redis://:secr%t@cache' },
      '.redis_url: expected "%" in user and password written as %25, got another "%"; correct it or REDIS_URL',
    ],
    [
      { redis_url: 'redis://:secret@cache?db=2' },
      '.redis_url: expected no options after "?", got some; correct it or REDIS_URL',
    ],
    [
      { redis_url: 'redis://:secret@cache/zero' },
      '.redis_url: expected the number of a database as its path, got "/zero"; correct it or REDIS_URL',
    ],
    [
      { redis_url: 'redis://cache', redis_ca_file: '/etc/ca.crt' },
      '.redis_ca_file: expected null while Redis is reached without TLS, got "/etc/ca.crt"; write rediss:// in redis_url, or set redis_tls to true',
    ],
    [
      { redis_url: 'rediss://cache', redis_ca_file: '/nowhere/ca.crt' },
      '.redis_ca_file: expected a file that can be read, got "/nowhere/ca.crt" (ENOENT); correct the path, or REDIS_CA_FILE',
    ],
    [{ redis_password: 1234 }, '.redis_password: expected a text, or null, got "[hidden]"; correct it in FILE'],
  ])('is refused: %j', (coordination, problem) => {
    write(coordination);

    const problems = folder.problems();

    expect(problems).toEqual([start + problem]);
    expect(problems.join('')).not.toContain('secret@');
    expect(problems.join('')).not.toContain('other-secret');
  });

  it('is refused when its authority is a key', () => {
    const path = fileBeside('ca.key', '-----BEGIN PRIVATE KEY-----\n');
    write({ redis_url: 'rediss://cache', redis_ca_file: path });

    expect(folder.problems()).toEqual([
      `${start}.redis_ca_file: expected a file with PEM certificates, got ${JSON.stringify(path)}, which has none; name the certificate, not its key`,
    ]);
  });
});
