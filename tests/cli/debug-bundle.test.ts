/** The bundle for whoever is to help: all of it there, nothing of it secret. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runDebugBundle } from '../../cli/debug-bundle.ts';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { runCity } from '../storage/city-run.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, openForWriting } from '../storage/samples.ts';
import { terminal } from './terminal-texts.ts';

const password = 'p4ss-w0rd-of-redis';
let folder: TestFolder;
let configPath: string;

async function bundle(days = 7): Promise<Record<string, string>> {
  const { io, texts } = terminal();
  const to = join(folder.path, 'bundle.zip');
  expect(await runDebugBundle({ configPath, to, days }, io)).toBe(0);
  expect(texts.stdout).toBe(`${to}\n`);
  const files = unzipSync(readFileSync(to));
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name.replace(/^[^/]+\//, ''), strFromU8(bytes)]),
  );
}

beforeAll(async () => {
  folder = createFolder();
  configPath = join(folder.path, 'config.json');
  const database_path = join(folder.path, 'series.duckdb');
  const logs_directory = join(folder.path, 'logs');
  // Port 1 refuses at once.
  const cluster_coordination = { redis_url: `redis://:${password}@127.0.0.1:1` };
  const url = 'https://asunnot.oikotie.fi/myytavat-asunnot?locations=%5B%5B64,6,%22Helsinki%22%5D%5D&cardType=100';
  writeFileSync(
    configPath,
    JSON.stringify({
      tasks: [{ city: 'Helsinki', enabled: true, url }],
      global_settings: { database_path, logs_directory, cluster_coordination },
    }),
  );
  mkdirSync(logs_directory);
  const lines = [`connect ${password} failed`, 'proxy http://anna:s3cret@proxy.example:8080 refused'];
  writeFileSync(join(logs_directory, 'oikotie_2026-11-30.log'), `${lines.join('\n')}\n`);
  const database = await openForWriting(database_path);
  await runCity(createSeriesStore({ database, clock: systemClock }), 22, {
    ...{ pages: ['21000001'], fields: { address: 'Salaisuudenkuja 7', description: 'Hiljainen koti' } },
  });
  await database.close();
});
afterAll(() => folder.remove());

it('holds configuration, machine, checks, runs and logs', async () => {
  const files = await bundle(36_500);
  const names = ['README.txt', 'audit.json', 'configuration.json', 'doctor.json', 'executions.json', 'failures.json'];
  expect(Object.keys(files).sort()).toEqual(
    [...names, 'logs/oikotie_2026-11-30.log', 'machine.json', 'receipts.json', 'status.json', 'tables.json'].sort(),
  );
  expect(JSON.parse(files['receipts.json'] ?? '')).toMatchObject({ rows: [{ city: 'Helsinki', verdict: 'complete' }] });
  expect(JSON.parse(files['machine.json'] ?? '')).toMatchObject({ node: process.version });
});

it('holds no secret, wherever it stood, and no text of a listing', async () => {
  const all = Object.values(await bundle(36_500)).join('\n');
  expect(all).not.toContain(password);
  expect(all).not.toContain('s3cret');
  expect(all).toContain('connect [hidden] failed');
  expect(all).toContain('http://anna:***@proxy.example:8080');
  expect(all).not.toMatch(/Salaisuudenkuja|Hiljainen/);
});

it('says why something is missing instead of leaving it out', async () => {
  const files = await bundle();
  expect(JSON.parse(files['status.json'] ?? '')).toMatchObject({
    missing: expect.stringContaining('cluster cannot be asked'),
  });
});
