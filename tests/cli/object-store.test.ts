/** A raw archive in a bucket: what a run puts there, and every command that goes back to it. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkArchive } from '../../cli/doctor-archive.ts';
import { runExplain } from '../../cli/explain.ts';
import { runForget } from '../../cli/forget.ts';
import { runRaw } from '../../cli/raw.ts';
import { runReparse } from '../../cli/reparse.ts';
import { requireArchive } from '../../cli/require-archive.ts';
import type { Config } from '../../config/config.ts';
import { namePathOf } from '../../src/storage/body-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { errorAnswer, startObjectStore } from '../storage/object-store.ts';
import type { Rig } from '../workers/run-against-simulator.ts';
import { createRig } from '../workers/run-against-simulator.ts';
import { queryRows } from '../workers/stored-records.ts';
import { terminal } from './terminal-texts.ts';

let objects: ObjectStore;
let rig: Rig;
let config: Config;
/** Ids and response hashes of the stored listings. */
let rows: readonly { readonly id: string; readonly sha256: string }[];

beforeAll(async () => {
  objects = await startObjectStore();
  rig = await createRig({
    helsinki: 6,
    globalSettings: {
      collect_personal_data: true,
      raw_archive_s3: { ...objects.settings, max_attempts: 1 },
      raw_archive_keep_days: 30,
      publish: { snapshots: false, datasets: false },
    },
  });
  config = rig.config;
  await rig.run();
  const found = await queryRows(config.databasePath, 'select listing_id, response_sha256 from listings order by 1');
  rows = found.map((row) => ({ id: String(row['listing_id']), sha256: String(row['response_sha256']) }));
});
afterAll(async () => {
  await rig.close();
  await objects.close();
});

const nameOf = (sha256: string) => `${objects.target.prefix}${namePathOf(sha256)}`;

/** The file of an object that is not there yet. */
function fileFor(name: string): string {
  mkdirSync(dirname(objects.fileOf(name)), { recursive: true });
  return objects.fileOf(name);
}

async function explain(id: string) {
  const { io, texts } = terminal();
  const { databasePath, rawArchive: archive } = config;
  const exitCode = await runExplain({ listingId: id, databasePath, archive, json: true }, io);
  return { exitCode, ...(JSON.parse(texts.stdout) as { archive: Record<string, unknown> }) };
}

async function reparse() {
  const { io, texts } = terminal();
  const { databasePath, rawArchive: archive } = config;
  const request = { since: '2020-01-01', dryRun: true, json: true, config, databasePath, archive };
  const exitCode = await runReparse(request, io);
  return { exitCode, ...texts };
}

it('has every page that a row was read from, and the search answers', () => {
  expect(objects.names()).toEqual(expect.arrayContaining(rows.map(({ sha256 }) => nameOf(sha256))));
  expect(objects.names().length).toBeGreaterThan(rows.length);
});

it('is where explain and raw find a response, byte for byte', async () => {
  const [{ id, sha256 } = { id: '', sha256: '' }] = rows;
  const { io, texts } = terminal();

  const explained = await explain(id);
  const exitCode = await runRaw({ sha256, place: config.rawArchive }, io);

  const path = `s3://${objects.target.bucket}/${nameOf(sha256)} at ${new URL(objects.target.endpoint).host}`;
  expect(explained).toMatchObject({ exitCode: 0, archive: { state: 'verified', path } });
  expect(exitCode).toBe(0);
  expect(createHash('sha256').update(texts.stdout).digest('hex')).toBe(sha256);
});

it('is where reparse finds every page', async () => {
  const { exitCode, stdout } = await reparse();

  expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { rows: 6, same: 6, notArchived: 0 }]);
});

it('that does not answer is no missing response: explain says so, reparse ends with 3, doctor has a problem', async () => {
  const away = () => objects.faults.push(errorAnswer(503, 'SlowDown'));
  away();
  const explained = await explain(rows[0]?.id ?? '');
  away();
  const { exitCode, stderr } = await reparse();
  away();
  const finding = await checkArchive(requireArchive(config.rawArchive));

  expect(explained).toMatchObject({ exitCode: 0, archive: { state: 'unreachable' } });
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('503 (SlowDown)')]);
  expect(finding).toMatchObject({ name: 'raw archive', status: 'problem', seen: expect.stringContaining('503') });
  expect(await checkArchive(requireArchive(config.rawArchive))).toMatchObject({ status: 'ok' });
});

it('loses what has not come for its days at the end of a run, and no page of a current row', async () => {
  const longAgo = new Date('2026-01-01');
  const unneeded = nameOf('a'.repeat(64));
  copyFileSync(objects.fileOf(nameOf(rows[0]?.sha256 ?? '')), fileFor(unneeded));
  for (const name of objects.names()) utimesSync(objects.fileOf(name), longAgo, longAgo);
  const before = objects.names();

  await rig.run();

  expect(before.filter((name) => !objects.names().includes(name))).toEqual([unneeded]);
});

it('loses the page of a listing that is forgotten', async () => {
  const [{ id, sha256 } = { id: '', sha256: '' }] = rows;
  const configPath = join(dirname(config.databasePath), 'config.json');
  const before = objects.names();
  const { io } = terminal();

  const exitCode = await runForget({ listingId: id, reason: null, configPath, backupDirectories: [], json: true }, io);

  expect(exitCode).toBe(0);
  expect(before.filter((name) => !objects.names().includes(name))).toEqual([nameOf(sha256)]);
});
