/** The doctor: every finding with its remedy, a few requests, and exit code 1 for a problem. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDoctorChecks, runDoctor } from '../../cli/doctor.ts';
import { checkArchive } from '../../cli/doctor-archive.ts';
import { browserUse, checkBrowser } from '../../cli/doctor-browser.ts';
import { checkClock, checkContact, checkDatabase, checkNode, checkTimeZone } from '../../cli/doctor-machine.ts';
import type { Finding } from '../../cli/finding.ts';
import { renderFindings } from '../../cli/finding.ts';
import type { CityTask, Config } from '../../config/config.ts';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { StorageError } from '../../src/errors.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createFolderStore } from '../../src/storage/folder-store.ts';
import { defaultConfig } from '../config/config-file.ts';
import { freePort, redisAt } from '../queues/redis-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';

function taskOf(city: string, url: string, enabled = true): CityTask {
  const [task] = defaultConfig().tasks;
  if (task === undefined) throw new Error('expected the task of the file, got none');
  return { ...task, city, enabled, url, maxDetailWorkers: 1, requestIntervalMs: 1 };
}

function configOf(tasks: readonly CityTask[], changes: Partial<Config> = {}): Config {
  const base = defaultConfig();
  return {
    ...base,
    tasks,
    databasePath: join(temporaryFolder('doctor'), 'new', 'real_estate.duckdb'),
    crawler: {
      ...base.crawler,
      userAgent: 'oikotie-collector/0.1 (+mailto:test@example.org)',
      portalIntervalMs: 0,
      requestTimeoutMs: 2000,
    },
    browser: { ...base.browser, executablePath: '/usr/bin/chromium' },
    ...changes,
  };
}

async function simulator(): Promise<RunningSimulator> {
  const running = await startSimulator();
  onTestFinished(() => running.close());
  return running;
}

async function examine(config: Config, json = true) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const checks = createDoctorChecks(config);
  const exitCode = await runDoctor({ checks, json }, { stdout, stderr, signal: new AbortController().signal });
  const text = String(stdout.read() ?? '');
  // The shape is the one this test is about; a wrong one fails the expectations below.
  const findings = json ? (JSON.parse(text) as { findings: Finding[] }).findings : [];
  return { exitCode, text, findings, find: (name: string) => findings.find((finding) => finding.name === name) };
}

describe('doctor', () => {
  it('finds nothing wrong with a portal that is well and ids that are right, in a few requests', async () => {
    const portal = await simulator();
    const config = configOf([taskOf('Helsinki', portal.searchUrl('Helsinki', 'sale'))]);

    const { exitCode, findings, find } = await examine(config);

    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(find('location id of Helsinki')?.seen).toBe('64, as the portal says');
    expect(find('robots.txt for Helsinki')?.status).toBe('ok');
    expect(find('database')?.seen).toContain('the first run makes it');
  });

  it('warns of a municipality number in place of a location id, with the right id', async () => {
    const portal = await simulator();
    const wrong = `${portal.origin}/myytavat-asunnot?locations=[[49,6,"Espoo"]]&cardType=100`;

    const { exitCode, find } = await examine(configOf([taskOf('Espoo', wrong)]));

    expect(exitCode).toBe(0);
    expect(find('location id of Espoo')).toMatchObject({
      status: 'warning',
      seen: '49 in the configuration, 39 at the portal',
      remedy: 'Set locations=[[39,6,"Espoo"]] in the url of the task',
    });
  });

  it.each([
    ['robots', 'http_500', 'portal '],
    ['location', 'http_403', 'location id of Helsinki'],
    ['session', 'block_page', 'location id of Helsinki'],
    ['location', 'connection_reset', 'location id of Helsinki'],
  ] as const)('reports a portal whose %s answers %s', async (kind, type, name) => {
    const portal = await simulator();
    portal.faults.add({ type, kinds: [kind] });
    const config = configOf([taskOf('Helsinki', portal.searchUrl('Helsinki', 'sale'))]);

    const { exitCode, findings } = await examine(config);

    const [problem, ...others] = findings.filter(({ status }) => status === 'problem');
    expect(problem?.name).toContain(name);
    expect(problem?.remedy).not.toBeNull();
    expect(others).toEqual([]);
    expect(exitCode).toBe(1);
  });

  it('reports a portal that cannot be reached, a Redis that is not there and a browser that is not installed', async () => {
    const config = configOf([taskOf('Helsinki', `http://127.0.0.1:${await freePort()}/myytavat-asunnot`)], {
      cluster: { ...defaultConfig().cluster, redis: redisAt(await freePort(), { password: 'secret' }) },
      browser: { ...defaultConfig().browser, executablePath: '/nowhere/chromium' },
    });

    const { exitCode, text, findings } = await examine(config);

    const problems = findings.filter(({ status }) => status === 'problem').map(({ name }) => name.split(' ')[0]);
    expect(problems).toEqual(['portal', 'redis', 'browser']);
    expect(exitCode).toBe(1);
    expect(text).not.toContain('secret');
  });

  it('goes on when one check fails altogether', async () => {
    const stdout = new PassThrough();
    const checks = [
      { name: 'broken', run: () => Promise.reject(new Error('oops')) },
      { name: 'node', run: async () => [checkNode('24.1.0')] },
    ];

    const exitCode = await runDoctor(
      { json: false, checks },
      { stdout, stderr: new PassThrough(), signal: new AbortController().signal },
    );

    expect(exitCode).toBe(1);
    expect(String(stdout.read())).toMatch(/PROBLEM broken\n {8}could not be checked: oops\n.*ok {6}node/s);
  });

  it('asks about Redis, the browser and the raw archive only when they are configured', () => {
    const config = configOf([], { browser: { ...defaultConfig().browser, executablePath: null } });

    const names = createDoctorChecks(config).map(({ name }) => name);

    for (const name of ['node', 'disk', 'database', 'state directory', 'contact', 'portal'])
      expect(names).toContain(name);
    for (const name of ['redis', 'browser', 'raw archive']) expect(names).not.toContain(name);
    const rawArchive = { ...config.rawArchive, directory: 'archive' };
    expect(createDoctorChecks({ ...config, rawArchive }).map(({ name }) => name)).toContain('raw archive');
  });

  it.each([
    ['a folder that is not there yet', 'made/later', 'ok', /made.later is there for it$/],
    ['a file in its place', 'package.json', 'problem', /package.json is a file, where a folder should be$/],
  ])('says of a raw archive in %s whether it can be used', async (_what, directory, status, seen) => {
    const finding = await checkArchive(createFolderStore(directory));

    expect(finding).toMatchObject({ name: 'raw archive', status, seen: expect.stringMatching(seen) });
  });
});

describe('the browser', () => {
  it('is a warning when only the fallback needs it and it is missing, a problem when a city does, with the command', async () => {
    const [asked, optional] = [await checkBrowser('/nowhere/chromium', 'needed'), await checkBrowser(null, 'optional')];

    expect(asked).toMatchObject({ status: 'problem', remedy: expect.stringContaining('apt-get install chromium') });
    expect(optional).toMatchObject({ status: 'warning', seen: expect.stringContaining('needed only while') });
  });

  it('is looked for when a city may use it, and tells its version', async () => {
    const task = taskOf('Helsinki', 'http://127.0.0.1/myytavat-asunnot');
    const use = (fetchMode: CityTask['fetchMode']) => browserUse(configOf([{ ...task, fetchMode }]));

    expect([use('browser'), use('auto')]).toEqual(['needed', 'optional']);
    expect(await checkBrowser('/usr/bin/chromium', 'needed')).toMatchObject({
      status: 'ok',
      seen: expect.stringMatching(/chromium.* \d+\./i),
    });
  });
});

describe('machine checks', () => {
  it.each([
    ['20.18.3', 'problem'],
    ['18.20.0', 'problem'],
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
  ])('judges Node %s as %s', (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  it('does not believe a clock before this program was written', () => {
    expect(checkClock(0)).toMatchObject({ status: 'problem', seen: '1970-01-01T00:00:00.000Z' });
    expect(checkClock(Date.UTC(2027, 0, 1)).status).toBe('ok');
  });

  it('knows the time in Helsinki', () => {
    expect(checkTimeZone()).toMatchObject({ status: 'ok' });
  });

  it('warns when the portal cannot tell who we are', () => {
    expect(checkContact('oikotie-collector/0.1 (no contact configured)').status).toBe('warning');
    expect(checkContact('oikotie-collector/0.1 (+mailto:a@example.org)').status).toBe('ok');
  });

  it('finds a database that is free, and one that is no database', async () => {
    const folder = temporaryFolder('doctor');
    const good = join(folder, 'good.duckdb');
    const bad = join(folder, 'bad.duckdb');
    const settings = { memoryLimit: '256MB', threads: 1 };
    await (await openDatabase({ path: good, mode: 'write', ...settings })).close();
    writeFileSync(bad, 'this is not a database, only a text that is long enough to look at');
    const tryDatabase = async (path: string) => (await openDatabase({ path, mode: 'read', ...settings })).close();

    expect(await checkDatabase(good, tryDatabase)).toMatchObject({ status: 'ok' });
    expect(await checkDatabase(bad, tryDatabase)).toMatchObject({ status: 'problem' });
  });

  it('says that a locked database is in use, with the words of the lock', async () => {
    const path = join(temporaryFolder('doctor'), 'used.duckdb');
    writeFileSync(path, '');
    const locked = () => Promise.reject(new StorageError('DATABASE_LOCKED', 'held by oikotie run (PID 42)'));

    const finding = await checkDatabase(path, locked);

    expect(finding).toMatchObject({ status: 'warning', seen: 'held by oikotie run (PID 42)' });
  });
});

describe('rendered findings', () => {
  it('fit a phone, except for an address that must stay whole', () => {
    const text = renderFindings([
      { name: 'disk', status: 'warning', seen: 'word '.repeat(60).trim(), remedy: 'free some space '.repeat(9).trim() },
      { name: 'node', status: 'ok', seen: 'Node 20.19.0', remedy: null },
    ]);

    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
    expect(text).toContain('0 problems, 1 warning, 1 ok');
  });
});
