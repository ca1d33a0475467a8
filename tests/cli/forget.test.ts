/** `oikotie forget`: what is left of a listing afterwards, and that a later run does not bring it back. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBackup } from '../../cli/backup.ts';
import { createDataset } from '../../cli/dataset.ts';
import { runForget } from '../../cli/forget.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { verifyDataset } from '../../src/storage/dataset-manifest.ts';
import { publishSnapshot, snapshotPathOf } from '../../src/storage/snapshot.ts';
import type { Rig } from '../workers/run-against-simulator.ts';
import { createRig } from '../workers/run-against-simulator.ts';
import { queryRows } from '../workers/stored-records.ts';
import { terminal } from './terminal-texts.ts';

let rig: Rig;
let configPath: string;
let listingId: string;
let sha256: string;
const secret = 'Salaisuudenkuja 7 on tunnettu vain tasta testista';

beforeEach(async () => {
  rig = await createRig({
    helsinki: 6,
    globalSettings: { collect_personal_data: true, publish: { snapshots: false, datasets: false } },
  });
  await rig.run();
  const folder = dirname(rig.config.databasePath);
  configPath = join(folder, 'config.json');
  const [row] = await queryRows(rig.config.databasePath, 'select listing_id, response_sha256 from listings order by 1');
  listingId = String(row?.['listing_id']);
  sha256 = String(row?.['response_sha256']);
  await changeAndPublish([
    `update listings set description = '${secret}' where listing_id = '${listingId}'`,
    `update listing_versions set description = '${secret}' where listing_id = '${listingId}'`,
    `insert into failed_listings select 'earlier', 'Helsinki', 'listing', listing_id, listing_id, null, url,
      'WRONG_PAGE', 'X', '${secret}', 1, 200, now()::timestamp from listings where listing_id = '${listingId}'`,
  ]);
});
afterEach(() => rig.close());

async function changeAndPublish(statements: readonly string[]): Promise<void> {
  const database = await openDatabase({ path: rig.config.databasePath, mode: 'write', ...rig.config.database });
  for (const sql of statements) await database.use(({ run }) => run(sql));
  await publishSnapshot(database);
  await database.close();
}

async function forget(reason: string | null = null) {
  const { io, texts } = terminal();
  const exitCode = await runForget({ listingId, reason, configPath, backupDirectories: [], json: true }, io);
  return { exitCode, stderr: texts.stderr, result: JSON.parse(texts.stdout) as Record<string, unknown> };
}

/** Files below the folder that have the text in them as it is. */
function filesWith(folder: string, text: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return paths.filter((path) => readFileSync(path).includes(text));
}

describe('a listing that is forgotten', () => {
  it('is in no row and no byte of database and snapshot, its deletion is recorded, and a later run does not bring it back', async () => {
    const folder = dirname(rig.config.databasePath);
    expect(filesWith(folder, secret)).toContain(rig.config.databasePath);

    const { exitCode, stderr, result } = await forget('asked for');

    expect(exitCode).toBe(0);
    expect(result).toMatchObject({ listingId, deleted: { listings: 1, listing_versions: 1 }, stillHeld: [] });
    expect(filesWith(folder, secret)).toEqual([]);
    expect(stderr).toContain(`recorded: listing ${listingId} was forgotten: asked for`);
    for (const path of [rig.config.databasePath, snapshotPathOf(rig.config.databasePath)]) {
      const seen = `select (select count(*) from listings) as listings, (select count(*) from listing_versions) as versions,
        (select string_agg(listing_id) from forgotten_listings) as forgotten,
        (select count(*) from execution_listings where listing_id = '${listingId}') as outcomes,
        (select string_agg(distinct message) from failed_listings) as messages,
        (select count(*) from audit_log where type = 'OPERATOR_ACTION' and message like '%asked for') as events`;
      expect(await queryRows(path, seen)).toEqual([
        { listings: 5, versions: 5, forgotten: listingId, outcomes: 1, messages: 'forgotten', events: 1 },
      ]);
    }
    rig.simulator.requestLog.clear();

    const later = await rig.run();

    expect(later).toMatchObject({ status: 'completed', cities: [{ verdict: 'complete', discovered: 6, skipped: 1 }] });
    expect(rig.simulator.requestLog.entries().filter(({ kind }) => kind === 'listing')).toEqual([]);
    const stored = await queryRows(rig.config.databasePath, 'select count(*) as n from listings');
    expect(stored).toEqual([{ n: 5 }]);
  });

  it('leaves the archive, unless another listing was read from the same response', async () => {
    const archive = join(dirname(rig.config.databasePath), 'archive');
    const others = await queryRows(
      rig.config.databasePath,
      `select response_sha256 as sha from listings where listing_id <> '${listingId}'`,
    );
    const pathOf = (sha: string) => join(archive, sha.slice(0, 2), sha.slice(2, 4), `${sha}.gz`);
    for (const sha of [sha256, ...others.map(({ sha }) => String(sha))]) {
      mkdirSync(dirname(pathOf(sha)), { recursive: true });
      writeFileSync(pathOf(sha), gzipSync('a page'));
    }
    const file = JSON.parse(readFileSync(configPath, 'utf8')) as { global_settings: object };
    const global_settings = { ...file.global_settings, raw_archive_directory: archive };
    writeFileSync(configPath, JSON.stringify({ ...file, global_settings }));

    const { result } = await forget();

    expect(result['responses']).toEqual([sha256]);
    expect(existsSync(pathOf(sha256))).toBe(false);
    expect(readdirSync(archive, { recursive: true }).filter((name) => String(name).endsWith('.gz'))).toHaveLength(5);
  });

  it('is in no dataset that is left, and what else holds it is named', async () => {
    const write = () => createDataset({ configPath, json: true }, terminal().io);
    await write();
    const directory = join(rig.config.outputDirectory, 'dataset');
    const [first = ''] = readdirSync(directory).filter((name) => name !== 'latest');
    writeFileSync(join(directory, first, 'KEEP'), '');
    await write();
    const backup = terminal();
    await runBackup({ databasePath: rig.config.databasePath, to: undefined, json: true }, backup.io);
    const { path: backupPath } = JSON.parse(backup.texts.stdout) as { path: string };

    const { exitCode, result } = await forget();

    expect(exitCode).toBe(1);
    expect(result).toMatchObject({ deletedDatasets: [`${first}.2`], newDataset: `${first}.2` });
    expect(result['stillHeld']).toMatchObject([
      { path: join(directory, first), problem: null },
      { path: backupPath, problem: null },
    ]);
    const { manifest, problems } = await verifyDataset(join(directory, 'latest'));
    expect(problems).toEqual([]);
    expect(manifest.tables).toContainEqual(expect.objectContaining({ name: 'listings', rows: 5 }));
  });
});
