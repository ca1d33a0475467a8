/**
 * What the files of a deployment must agree on with the program. That they work is shown by scripts/compose-smoke.sh, on an
 * engine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../config/load-config.ts';

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
