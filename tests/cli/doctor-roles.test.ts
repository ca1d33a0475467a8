/** The doctor's checks of each role: what it looks at for whom, and what it says of folders, ports, Redis and settings. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDoctorChecks } from '../../cli/doctor.ts';
import { checkFolder, checkPort, checkSnapshot, checkSpool } from '../../cli/doctor-places.ts';
import { checkRedis } from '../../cli/doctor-redis.ts';
import { doctorRoles } from '../../cli/doctor-role.ts';
import { checkAccess, checkAlerts, checkSchedule, checkWarnings } from '../../cli/doctor-settings.ts';
import { StorageError } from '../../src/errors.ts';
import { defaultConfig } from '../config/config-file.ts';
import { freePort, redisAt, startRedisServer } from '../queues/redis-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the checks of a role', () => {
  const config = { ...defaultConfig(), metricsPort: 9464 };
  const namesOf = (role: (typeof doctorRoles)[number]) => createDoctorChecks(config, { role }).map(({ name }) => name);

  it('are those of what it does, and no others', () => {
    const rolesWith = (name: string) => doctorRoles.filter((role) => namesOf(role).includes(name));

    expect(rolesWith('node')).toEqual([...doctorRoles]);
    expect(rolesWith('state directory')).toEqual([...doctorRoles]);
    expect(rolesWith('metrics port')).toEqual([...doctorRoles]);
    expect(rolesWith('database')).toEqual(['standalone', 'store']);
    expect(rolesWith('published snapshots')).toEqual(['standalone', 'store']);
    expect(rolesWith('published datasets')).toEqual(['standalone', 'store']);
    expect(rolesWith('portal')).toEqual(['standalone', 'worker']);
    expect(rolesWith('browser')).toEqual(['standalone', 'worker']);
    expect(rolesWith('results on disk')).toEqual(['worker']);
    expect(rolesWith('schedule')).toEqual(['scheduler']);
    expect(rolesWith('alerts')).toEqual(['store', 'scheduler']);
    expect(rolesWith('snapshot')).toEqual(['dashboard']);
    expect(rolesWith('dashboard port')).toEqual(['dashboard']);
  });

  it('name a Redis that is missing to the roles of a cluster alone', async () => {
    expect(doctorRoles.filter((role) => namesOf(role).includes('redis'))).toEqual(['worker', 'store', 'scheduler']);
    expect(await checkRedis(null, true)).toMatchObject([
      { status: 'problem', remedy: expect.stringContaining('REDIS_URL') },
    ]);
    expect(await checkRedis(null, false)).toEqual([]);
  });
});

describe('the doctor on folders', () => {
  const use = { name: 'state directory', status: 'problem', remedy: 'change it' } as const;

  it('takes one that is there and one that can be made, and makes nothing', async () => {
    const folder = temporaryFolder('doctor');

    expect(await checkFolder({ ...use, path: folder })).toMatchObject({ status: 'ok' });
    expect(await checkFolder({ ...use, path: join(folder, 'a', 'b') })).toMatchObject({
      status: 'ok',
      seen: expect.stringContaining('can be made'),
    });
    expect(await checkFolder({ ...use, path: folder })).toMatchObject({ seen: `${folder} can be written` });
  });

  it('says what is in the place of one', async () => {
    const path = join(temporaryFolder('doctor'), 'file');
    writeFileSync(path, '');

    expect(await checkFolder({ ...use, path: join(path, 'below') })).toEqual({
      ...{ name: 'state directory', status: 'problem', remedy: 'change it' },
      seen: `${path} is a file, not a folder`,
    });
    expect(await checkFolder({ ...use, path: '/proc/self/oikotie' })).toMatchObject({ status: 'problem' });
  });

  it('finds results that another worker has left, and how they get away', async () => {
    const spool = join(temporaryFolder('doctor'), 'spool');

    expect(await checkSpool(spool, 'worker-1')).toMatchObject([{ status: 'ok', seen: 'none waits to be sent' }]);

    for (const [node, count] of [
      ['worker-1', 1],
      ['worker-2', 2],
      ['worker-3', 0],
    ] as const) {
      mkdirSync(join(spool, node), { recursive: true });
      for (let number = 0; number < count; number += 1) writeFileSync(join(spool, node, `${number}.json`), '{}');
    }

    const findings = await checkSpool(spool, 'worker-1');
    expect(findings.map(({ status, seen }) => `${status}: ${seen}`).sort()).toEqual([
      'ok: 1 of the worker worker-1 wait to be sent',
      'warning: 2 of the worker worker-2 wait to be sent',
    ]);
    expect(findings.find(({ status }) => status === 'warning')?.remedy).toContain('NODE_ID=worker-2');
  });
});

describe('the doctor on what the store publishes', () => {
  const nowMs = Date.UTC(2026, 10, 30, 12);

  async function snapshotOf(ageHours: number, tryOpen: () => Promise<void> = async () => undefined) {
    const path = join(temporaryFolder('doctor'), 'snapshot.duckdb');
    writeFileSync(path, '');
    const at = nowMs / 1000 - ageHours * 3600;
    utimesSync(path, at, at);
    return checkSnapshot({ path, tryOpen, nowMs });
  }

  it('tells its age, and warns of one that has missed a day or is not there', async () => {
    const missing = await checkSnapshot({ path: '/nowhere/a.duckdb', tryOpen: async () => undefined, nowMs });

    expect(await snapshotOf(20)).toMatchObject({ status: 'ok', seen: expect.stringContaining('20.0 hours old') });
    expect(await snapshotOf(40)).toMatchObject({ status: 'warning', remedy: expect.stringContaining('schedule list') });
    expect(missing).toMatchObject({ status: 'warning', seen: 'nothing has been published at /nowhere/a.duckdb' });
  });

  it.each([
    ['DATABASE_TOO_NEW', /version of the store/],
    ['DATABASE_TOO_OLD', /publishes anew/],
  ] as const)('says which program is behind when it cannot be read: %s', async (code, remedy) => {
    const finding = await snapshotOf(1, () => Promise.reject(new StorageError(code, 'another schema')));

    expect(finding).toMatchObject({ status: 'problem', seen: 'another schema', remedy: expect.stringMatching(remedy) });
  });
});

describe('the doctor on ports', () => {
  async function listen(answer: string): Promise<number> {
    const server: Server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    onTestFinished(() => {
      server.close();
    });
    return (server.address() as AddressInfo).port; // a TCP server that listens has one
  }
  const look = (port: number, host = '127.0.0.1') =>
    checkPort({ name: 'metrics port', host, port, status: 'warning', remedy: 'end it' });

  it('tells a free one, one of ours and one of something else apart', async () => {
    const [free, ours, foreign] = [await freePort(), await listen('{"status":"ok"}'), await listen('hello')];

    expect(await look(free)).toMatchObject({ status: 'ok', seen: `127.0.0.1:${free} is free` });
    expect(await look(ours)).toMatchObject({ status: 'ok', seen: expect.stringContaining('as a role does') });
    expect(await look(foreign)).toMatchObject({ status: 'warning', remedy: 'end it' });
  });

  it('says of an address of another machine that it cannot be opened', async () => {
    expect(await look(0, '192.0.2.1')).toMatchObject({
      status: 'warning',
      seen: expect.stringContaining('EADDRNOTAVAIL'),
    });
  });
});

describe('the doctor on Redis', () => {
  it('reports one that may throw jobs away or keeps no log, with what to set, and compares the clocks', async () => {
    const server = await startRedisServer({ extra: ['--maxmemory-policy', 'allkeys-lru'] });
    onTestFinished(() => server.kill());

    const findings = await checkRedis(redisAt(server.port), true);

    expect(findings.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'redis ok',
      'redis problem',
      'redis warning',
      'clock of redis ok',
    ]);
    expect(findings[1]?.remedy).toMatch(/^Set it with "CONFIG SET maxmemory-policy noeviction"/);
    expect(findings[2]?.remedy).toMatch(/^Set "appendonly yes"/);
  });
});

describe('the doctor on settings', () => {
  const { dashboard, alerts, stateDirectory, schedule } = defaultConfig();
  const usersOf = async (changes: Partial<typeof dashboard>) =>
    (await checkAccess({ dashboard: { ...dashboard, ...changes }, stateDirectory }))[0];
  const addressOf = async (changes: Partial<typeof dashboard>) =>
    (await checkAccess({ dashboard: { ...dashboard, ...changes }, stateDirectory }))[1];

  it('refuses a dashboard that asks nobody who they are where others reach it', async () => {
    expect(await usersOf({ asksWho: false, host: '0.0.0.0' })).toMatchObject({ status: 'problem' });
    expect(await usersOf({ asksWho: false })).toMatchObject({ status: 'warning' });
    expect(await usersOf({})).toMatchObject({
      status: 'ok',
      seen: expect.stringContaining('the first start makes one'),
    });
  });

  it('counts who may act', async () => {
    expect(await usersOf({ users: ['anna:viewer:hash'] })).toMatchObject({
      status: 'warning',
      seen: '1, of them 0 operators',
    });
    expect(await usersOf({ users: ['anna:viewer:hash', 'ben:operator:hash'] })).toMatchObject({ status: 'ok' });
  });

  it('warns of passwords in the clear and of a dashboard that answers to any name', async () => {
    expect(await addressOf({ host: '0.0.0.0' })).toMatchObject({
      status: 'warning',
      seen: expect.stringContaining('whatever name'),
    });
    expect(await addressOf({ publicUrl: 'http://oikotie.example.org' })).toMatchObject({ status: 'warning' });
    expect(await addressOf({ host: '0.0.0.0', publicUrl: 'https://oikotie.example.org' })).toMatchObject({
      status: 'ok',
    });
    expect(await addressOf({ publicUrl: 'http://127.0.0.1:3000' })).toMatchObject({ status: 'ok' });
  });

  it('warns when nobody is told of alerts, and not when a monitoring system can see', () => {
    expect(checkAlerts({ alerts }, false)).toMatchObject({
      status: 'warning',
      remedy: expect.stringContaining('WEBHOOK'),
    });
    expect(checkAlerts({ alerts }, true)).toMatchObject({ status: 'ok' });
    const told = checkAlerts({ alerts: { ...alerts, ntfyUrl: 'https://ntfy.sh/secret-topic' } }, false);
    expect(told).toMatchObject({ status: 'ok', seen: expect.stringContaining('ntfy') });
    expect(JSON.stringify(told)).not.toContain('secret-topic');
  });

  it('tells when the next run starts, and warns when none does', async () => {
    const nowMs = Date.UTC(2026, 10, 30, 12);

    const daily = { isEnabled: true, pattern: '15 4 * * *', timezone: 'Europe/Helsinki' };
    expect(await checkSchedule(daily, nowMs)).toMatchObject({
      status: 'ok',
      seen: expect.stringMatching(/2026-12-01 04:15 Helsinki \(02:15 UTC\)$/),
    });
    expect(await checkSchedule({ ...schedule, isEnabled: false }, nowMs)).toMatchObject({ status: 'warning' });
  });

  it('passes on what loading the configuration has warned of, the contact left to its own check', () => {
    const warnings = [
      'global_settings.crawler.contact: no contact is set; set it',
      'tasks: no city is enabled, so a run collects nothing',
    ];

    expect(checkWarnings(warnings, 0).map(({ seen }) => seen)).toEqual([warnings[1]]);
    expect(checkWarnings([], 2)).toMatchObject([{ status: 'ok', seen: '2 cities are enabled' }]);
  });
});
