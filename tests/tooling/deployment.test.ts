/**
 * What the files of a deployment must agree on with the program. That they work is shown by scripts/compose-smoke.sh, on an
 * engine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../config/load-config.ts';
import { startRedisServer } from '../queues/redis-server.ts';

const compose = readFileSync('docker-compose.yml', 'utf8');
const demoConfig = 'deploy/compose/demo/config.json';

/** The lines of one service of the compose file. */
function serviceOf(name: string): string {
  const [, text] = new RegExp(`^  ${name}:\n((?:(?:    .*)?\n)+)`, 'm').exec(compose) ?? [];
  if (text === undefined) throw new Error(`docker-compose.yml: expected the service ${name}, got none`);
  return text;
}

function run(program: string, args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8' });
}

describe('docker-compose.yml', () => {
  it.each(['store', 'worker', 'scheduler'])('gives %s more time to end than its drain takes', (name) => {
    const { config } = loadConfig({ path: demoConfig, environment: {} });
    const [, seconds] = /stop_grace_period: (\d+)s/.exec(serviceOf(name)) ?? [];

    expect(Number(seconds) * 1000).toBeGreaterThanOrEqual(config.cluster.drainMs + 15_000);
  });

  it('gives every role a place for its state, since nothing else can be written', () => {
    const services: Record<string, { volumes?: string[] }> = parse(compose, { merge: true }).services;
    const places = ['store', 'worker', 'scheduler', 'dashboard'].map((name) =>
      services[name]?.volumes?.filter((volume) => /^[a-z]+:\/var\/lib\/oikotie(-state)?$/.test(volume)),
    );

    expect(places).toEqual([
      ['data:/var/lib/oikotie'],
      ['workers:/var/lib/oikotie'],
      ['scheduler:/var/lib/oikotie'],
      ['dashboard:/var/lib/oikotie-state'],
    ]);
  });

  it('publishes ports on this machine alone', () => {
    const published = [...compose.matchAll(/^ {4}ports: \["(.+)"\]$/gm)].map(([, port]) => port);

    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((port) => !port?.startsWith('127.0.0.1:'))).toEqual([]);
    expect(compose.match(/^ +ports:/gm)).toHaveLength(published.length);
  });

  it('has every role scraped, on the port of the image', () => {
    const scraped = parse(readFileSync('deploy/compose/prometheus.yml', 'utf8')).scrape_configs[0].dns_sd_configs[0];
    const services: Record<string, { command?: string[] }> = parse(compose, { merge: true }).services;
    const roles = Object.entries(services).filter(([name, { command }]) => command?.[0] === name);
    const [, port] = /SCRAPER_METRICS_PORT=(\d+)/.exec(readFileSync('Dockerfile', 'utf8')) ?? [];

    expect(roles.map(([name]) => name).sort()).toEqual([...scraped.names, 'simulator'].sort());
    expect(scraped.port).toBe(Number(port));
  });

  it('names files that are there', () => {
    const named = [...compose.matchAll(/\.\/deploy\/compose\/[\w./-]+/g)].map(([path]) => path);

    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('the demo of it', () => {
  it('has a configuration that asks nobody but the simulator', () => {
    const { config, warnings } = loadConfig({ path: demoConfig, environment: {} });

    expect(warnings).toEqual([]);
    expect(config.tasks.map(({ url }) => new URL(url).host)).toEqual(config.tasks.map(() => 'simulator:8080'));
  });

  it('starts no run with a configuration that asks the portal', () => {
    const mixed = join(mkdtempSync(join(tmpdir(), 'oikotie-demo-')), 'config.json');
    onTestFinished(() => rmSync(join(mixed, '..'), { recursive: true }));
    const { tasks }: { tasks: object[] } = JSON.parse(readFileSync(demoConfig, 'utf8'));
    writeFileSync(mixed, JSON.stringify({ tasks: [...tasks, { url: 'https://asunnot.oikotie.fi/myytavat-asunnot' }] }));

    for (const path of ['config/config.json', mixed]) {
      const { status, stderr } = run('sh', ['deploy/docker/first-day.sh', path]);

      expect(status).toBe(2);
      expect(stderr).toContain('The profile demo needs the configuration of the demo');
    }
  });
});

it('the context of the images has every room that is built', () => {
  const { include }: { include: string[] } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8'));
  const allowed = readFileSync('.dockerignore', 'utf8').split('\n');

  expect(include.filter((room) => !allowed.includes(`!${room}`))).toEqual([]);
});

it('the certificates of Redis are not made without a password', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));

  const { status, stderr } = run('deploy/compose/make-redis-tls.sh', [join(folder, 'tls'), join(folder, 'none')]);

  expect(status).toBe(2);
  expect(stderr).toMatch(/none: expected a file with the password, got none that can be read; make it with/);
  expect(existsSync(join(folder, 'tls'))).toBe(false);
});

it('the users of Redis lose nothing of its log at a restart, and nobody comes in without a password', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-users-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'password'), 'a-password');
  expect(run('deploy/compose/make-redis-tls.sh', [folder, join(folder, 'password')]).status).toBe(0);
  const extra = [
    '--dir',
    folder,
    '--aclfile',
    join(folder, 'users.acl'),
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
  ];
  const start = async () => {
    const server = await startRedisServer({ extra });
    const redis = new Redis({ port: server.port, username: 'oikotie', password: 'a-password' });
    return { server, redis };
  };

  // As BullMQ writes: in scripts and transactions, which Redis checks again when it reads its log.
  const before = await start();
  await before.redis.eval(
    "redis.call('set', KEYS[1], 'a') return redis.call('set', KEYS[2], 'b')",
    2,
    '{scraper}:1',
    '{scraper}:2',
  );
  await before.redis.multi().set('{scraper}:3', 'c').set('{scraper}:4', 'd').exec();
  before.redis.disconnect();
  await before.server.kill();
  const after = await start();
  onTestFinished(() => after.server.kill());

  expect(await after.redis.mget('{scraper}:1', '{scraper}:2', '{scraper}:3', '{scraper}:4')).toEqual([
    'a',
    'b',
    'c',
    'd',
  ]);
  after.redis.disconnect();
  const stranger = new Redis({ port: after.server.port, lazyConnect: true, retryStrategy: () => null });
  stranger.on('error', () => undefined);
  await expect(stranger.get('{scraper}:1')).rejects.toThrow('NOAUTH');
  stranger.disconnect();
});

it('the smoke test is skipped with a sentence where no engine can be had, and refuses an unknown option', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-tools-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const tool of ['bash', 'chmod', 'dirname', 'id', 'mktemp', 'openssl', 'rm', 'sed', 'tail']) {
    symlinkSync(run('which', [tool]).stdout.trim(), join(folder, tool));
  }
  symlinkSync(process.execPath, join(folder, 'node'));
  // Without docker on PATH, and past the lock, which another one may hold.
  const env = { PATH: folder, SMOKE_IS_LIMITED: 'yes', OIKOTIE_ENGINE_SCRIPT: join(folder, 'none') };
  const smoke = (...args: string[]) =>
    spawnSync('/usr/bin/env', ['bash', 'scripts/compose-smoke.sh', ...args], { encoding: 'utf8', env });

  const { status, stdout } = smoke();
  expect(stdout).toMatch(/^SKIPPED: the smoke test needs a Docker engine and compose, and none is running/m);
  expect(status).toBe(0);
  const wrong = smoke('--fast');
  expect(wrong.stderr).toContain('scripts/compose-smoke.sh [--tls]');
  expect(wrong.status).toBe(2);
});
