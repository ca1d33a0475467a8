/** `oikotie backup` and `oikotie restore`, in this process. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBackup, runRestore } from '../../cli/backup.ts';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, listingWrite, openForWriting, writesOf } from '../storage/samples.ts';
import { terminal } from './terminal-texts.ts';

let folder: TestFolder;
let databasePath: string;
let configPath: string;

beforeAll(async () => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  const database = await openForWriting(databasePath);
  await createSeriesStore({ database, clock: systemClock }).commit(writesOf({ listings: [listingWrite('1')] }));
  await database.close();
  configPath = join(folder.path, 'config.json');
  const task = {
    city: 'Helsinki',
    enabled: true,
    url: 'http://127.0.0.1:1/myytavat-asunnot?locations=[[64,6,"Helsinki"]]',
  };
  const global_settings = { database_path: databasePath, logs_directory: join(folder.path, 'logs') };
  writeFileSync(configPath, JSON.stringify({ tasks: [task], global_settings }));
});
afterAll(() => folder.remove());

describe('oikotie backup and restore', () => {
  it('print the file and what is in it, refuse to replace without --force, and record what was done', async () => {
    const [making, refused, restoring] = [terminal(), terminal(), terminal()];
    const restore = (backupPath: string, isForced: boolean, io: typeof making.io) =>
      runRestore({ backupPath, configPath, databasePath: undefined, isForced }, io);

    expect(await runBackup({ databasePath, to: undefined, json: true }, making.io)).toBe(0);
    const { path, sha256 } = JSON.parse(making.texts.stdout) as { path: string; sha256: string };
    expect(await restore(path, false, refused.io)).toBe(2);
    expect(await restore(path, true, restoring.io)).toBe(0);

    expect(making.texts.stderr).toMatch(/^1 listings, \d+ tables, [\d,]+ bytes; SHA-256 [0-9a-f]{64}\n$/);
    expect(refused.texts).toEqual({ stdout: '', stderr: expect.stringContaining('add --force to replace it') });
    expect(restoring.texts.stdout).toBe(`${databasePath}\n`);
    expect(restoring.texts.stderr).toContain('bytes and rows are as in its manifest');
    const [log = 'none'] = readdirSync(join(folder.path, 'logs'));
    const line = readFileSync(join(folder.path, 'logs', log), 'utf8');
    expect(line).toContain('OPERATOR_ACTION');
    expect(line).toContain(sha256);
  });

  it('say what is wrong with a file that is no backup', async () => {
    const { io, texts } = terminal();

    expect(await runRestore({ backupPath: configPath, configPath, databasePath, isForced: true }, io)).toBe(2);

    expect(texts.stderr).toMatch(/expected the manifest of the backup .*, got no file\n$/);
  });
});
