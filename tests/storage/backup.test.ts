/** Backups: made, damaged, restored and compared. */
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { makeBackup } from '../../src/storage/backup.ts';
import { forgetRows } from '../../src/storage/forget-rows.ts';
import { openReader } from '../../src/storage/reader.ts';
import { restoreBackup } from '../../src/storage/restore.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { publishSnapshot, snapshotPathOf } from '../../src/storage/snapshot.ts';
import { sumFile } from '../../src/storage/whole-file.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, listingWrite, openForWriting, pageWrite, writesOf } from './samples.ts';

const nowMs = Date.parse('2026-11-21T10:04:00.000Z');
/** A database with two listings, as each test begins with. */
let begin: TestFolder;
let folder: TestFolder;
let databasePath: string;
let directory: string;

beforeAll(async () => {
  begin = createFolder();
  databasePath = join(begin.path, 'series.duckdb');
  await write('1', '2');
});
afterAll(() => begin.remove());
beforeEach(() => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  directory = join(folder.path, 'backups');
  copyFileSync(join(begin.path, 'series.duckdb'), databasePath);
});
afterEach(() => folder.remove());

async function write(...ids: readonly string[]): Promise<void> {
  const database = await openForWriting(databasePath);
  const store = createSeriesStore({ database, clock: systemClock });
  const listings = ids.map((id) => listingWrite(id, { fields: { description: `home ${id}` } }));
  await store.commit(writesOf({ searchPages: [pageWrite(1, { listingIds: ids })], listings }));
  await database.close();
}

const backUp = () => makeBackup({ databasePath, directory, programVersion: '1.2.3', nowMs });
const restore = (backupPath: string, isForced = true) =>
  restoreBackup({ backupPath, databasePath, isForced, nowMs: nowMs + 60_000 });

async function storedIds(path: string): Promise<readonly unknown[]> {
  const reader = await openReader(path);
  const { rows } = await reader.listings({ limit: 100, sort: 'largest' });
  await reader.close();
  return rows.map((row) => row['listing_id']);
}

function flipByte(path: string, at: (length: number) => number): void {
  const bytes = readFileSync(path);
  const place = at(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

describe('a backup', () => {
  it('is the whole database, and its manifest says what is in it', async () => {
    const { path, manifest } = await backUp();

    expect(path).toBe(join(directory, 'series-2026-11-21T100400Z.duckdb'));
    expect(manifest).toMatchObject({ source: 'database', snapshotAtUtc: null, programVersion: '1.2.3' });
    expect(manifest.tables.find(({ name }) => name === 'listings')).toMatchObject({ rows: 2 });
    expect((await sumFile(path)).tables).toEqual((await sumFile(databasePath)).tables);
    expect(readdirSync(directory).sort()).toEqual([
      'series-2026-11-21T100400Z.duckdb',
      'series-2026-11-21T100400Z.json',
    ]);
    expect((await backUp()).path).toBe(join(directory, 'series-2026-11-21T100400Z-2.duckdb'));
  });

  it('is of the snapshot while a run holds the database, and is not made without one', async () => {
    const database = await openForWriting(databasePath);
    await expect(backUp()).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });
    expect(readdirSync(directory)).toEqual([]);
    await publishSnapshot(database);
    const store = createSeriesStore({ database, clock: systemClock });
    await store.commit(writesOf({ listings: [listingWrite('3')] }));

    const { path, manifest } = await backUp();
    await database.close();

    expect(manifest).toMatchObject({ source: 'snapshot', snapshotAtUtc: expect.stringMatching(/^20\d\d-.*Z$/) });
    expect(await storedIds(path)).toEqual(['1', '2']);
  });

  it('may be of a file that an older program made', async () => {
    const database = await openForWriting(databasePath);
    await database.use(({ run }) => run('DELETE FROM schema_migrations WHERE version > 3'));
    await database.close();

    const { manifest } = await backUp();

    expect(manifest.schemaVersion).toBe(3);
  });
});

describe('restoring', () => {
  it('brings a damaged database back as it was, row by row, and keeps the damaged one', async () => {
    const before = await sumFile(databasePath);
    const { path } = await backUp();
    await write('3');
    flipByte(databasePath, () => 0);
    for (const place of [4096, 4097, 8200, 8201]) flipByte(databasePath, () => place);
    const damaged = readFileSync(databasePath);
    writeFileSync(`${databasePath}.wal`, 'a log that must not be played into the restored file');

    const { keptPath, areSumsCompared } = await restore(path);

    expect(await sumFile(databasePath)).toEqual(before);
    expect(await storedIds(databasePath)).toEqual(['1', '2']);
    expect(areSumsCompared).toBe(true);
    expect(keptPath).toBe(`${databasePath}.before-restore-2026-11-21T100500Z`);
    expect(readFileSync(keptPath ?? '').equals(damaged)).toBe(true);
    expect(existsSync(`${keptPath}.wal`)).toBe(true);
  });

  it('goes back to an earlier state, also for those who read the snapshot', async () => {
    const { path } = await backUp();
    await write('3');
    const database = await openForWriting(databasePath);
    await publishSnapshot(database);
    await database.close();

    const { keptPath } = await restore(path);

    expect(await storedIds(databasePath)).toEqual(['1', '2']);
    expect(await storedIds(snapshotPathOf(databasePath))).toEqual(['1', '2']);
    expect(await storedIds(keptPath ?? '')).toEqual(['1', '2', '3']);
    await write('4');
    expect(await storedIds(databasePath)).toEqual(['1', '2', '4']);
    expect(await storedIds(keptPath ?? '')).toEqual(['1', '2', '3']);
  });

  it('does not bring back what was forgotten since', async () => {
    const { path } = await backUp();
    const database = await openForWriting(databasePath);
    const request = { listingId: '1', reason: 'asked for', nodeId: 'node-1', nowMs };
    await database.transact((session) => forgetRows(session, request));
    await database.close();

    const { forgottenListings } = await restore(path);

    expect(forgottenListings).toBe(1);
    expect(await storedIds(databasePath)).toEqual(['2']);
    expect(readFileSync(databasePath).includes('home 2')).toBe(true);
    expect(readFileSync(databasePath).includes('home 1')).toBe(false);
  });

  it('makes the database where there is none', async () => {
    const { path } = await backUp();
    rmSync(databasePath);

    const { keptPath } = await restore(path, false);

    expect(keptPath).toBeNull();
    expect(await storedIds(databasePath)).toEqual(['1', '2']);
  });

  it('refuses to replace a database unless it is told to', async () => {
    const { path } = await backUp();
    await write('3');

    await expect(restore(path, false)).rejects.toMatchObject({ code: 'RESTORE_REFUSED' });

    expect(await storedIds(databasePath)).toEqual(['1', '2', '3']);
  });

  it('never replaces a database that is in use', async () => {
    const { path } = await backUp();
    const database = await openForWriting(databasePath);

    await expect(restore(path)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });

    await database.close();
    expect(readdirSync(folder.path).sort()).toEqual(['backups', 'series.duckdb']);
  });

  it.each([
    ['a byte of it is another', (path: string) => flipByte(path, (length) => length - 5_000), /expected SHA-256/],
    [
      'it is cut off',
      (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 20_000)),
      /expected \d+ bytes, got 20000/,
    ],
    [
      'it is of other rows',
      (path: string) => changeManifest(path, 'sum', '1'),
      /expected other rows in listings, though as many/,
    ],
    ['rows are missing', (path: string) => changeManifest(path, 'rows', 5), /expected 5 rows in listings, got 2/],
  ])('refuses a backup when %s, and leaves the database as it was', async (_name, damage, message) => {
    const { path } = await backUp();
    await write('3');
    damage(path);

    await expect(restore(path)).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
      message: expect.stringMatching(message),
    });

    expect(await storedIds(databasePath)).toEqual(['1', '2', '3']);
    expect(readdirSync(folder.path).sort()).toEqual(['backups', 'series.duckdb']);
  });

  it('refuses what is no backup, the database itself, and one of a newer program', async () => {
    const { path } = await backUp();
    const other = join(directory, 'other.duckdb');
    renameSync(path, other);
    await expect(restore(other)).rejects.toMatchObject({
      code: 'BACKUP_UNREADABLE',
      message: expect.stringMatching(/other\.json: expected the manifest of the backup .*, got no file$/),
    });
    renameSync(other, path);
    changeManifest(path, null, 1000);
    await expect(restore(path)).rejects.toMatchObject({ code: 'DATABASE_TOO_NEW' });
  });
});

/** Changes what the manifest says of `listings`, or (null) the schema version. */
function changeManifest(path: string, key: 'rows' | 'sum' | null, value: unknown): void {
  const file = path.replace(/duckdb$/, 'json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { tables: { name: string }[] };
  const tables = manifest.tables.map((table) =>
    table.name === 'listings' && key !== null ? { ...table, [key]: value } : table,
  );
  writeFileSync(file, JSON.stringify({ ...manifest, tables, ...(key === null ? { schemaVersion: value } : {}) }));
}
