/** Snapshots: what readers get while the database is held, and what a snapshot that fails leaves. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Database } from '../../src/storage/database.ts';
import { openReader } from '../../src/storage/reader.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { publishSnapshot, snapshotPathOf } from '../../src/storage/snapshot.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, listingWrite, openForWriting, writesOf } from './samples.ts';

let folder: TestFolder;
let path: string;
let database: Database;

beforeEach(async () => {
  folder = createFolder();
  path = join(folder.path, 'series.duckdb');
  database = await openForWriting(path);
});
afterEach(async () => {
  await database.close();
  folder.remove();
});

const store = (...ids: readonly string[]) =>
  createSeriesStore({ database, clock: systemClock }).commit(writesOf({ listings: ids.map((id) => listingWrite(id)) }));

async function readIds(databasePath: string): Promise<readonly unknown[]> {
  const reader = await openReader(databasePath);
  try {
    const { rows } = await reader.listings({ limit: 100, sort: 'largest' });
    return rows.map((row) => row['listing_id']);
  } finally {
    await reader.close();
  }
}

/** Whether a process other than this one can open the file to write. */
function canOthersWrite(file: string): boolean {
  const api = fileURLToPath(import.meta.resolve('@duckdb/node-api'));
  const program = `import duckdb from ${JSON.stringify(api)};
    const instance = await duckdb.DuckDBInstance.create(process.argv[1]); instance.closeSync();`;
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', program, file], { stdio: 'pipe' });
    return true;
  } catch (error) {
    if (String(error).includes('Could not set lock')) return false;
    throw error;
  }
}

describe('a snapshot', () => {
  it('has what was committed before it, and is what readers get while the database is held', async () => {
    await store('1', '2');
    await publishSnapshot(database);
    await store('3');

    const reader = await openReader(path);
    const { rows } = await reader.listings({ limit: 10 });
    await reader.close();

    expect(rows.map((row) => row['listing_id'])).toEqual(['1', '2']);
    expect(reader.source).toMatchObject({ kind: 'snapshot', path: snapshotPathOf(path) });
    expect(statSync(snapshotPathOf(path)).size).toBeGreaterThan(0);
  });

  it('is passed over when nobody holds the database', async () => {
    await store('1');
    await publishSnapshot(database);
    await store('2');
    await database.close();

    const reader = await openReader(path);
    await reader.close();

    expect(reader.source).toEqual({ kind: 'database', path, openCities: [] });
    expect(await readIds(path)).toEqual(['1', '2']);
  });

  it('leaves a reader alone that has the one before open', async () => {
    await store('1');
    await publishSnapshot(database);
    const before = await openReader(path);

    await store('2');
    await publishSnapshot(database);

    expect((await before.listings({ limit: 10 })).total).toBe(1);
    await before.close();
    expect(await readIds(path)).toEqual(['1', '2']);
  });

  it('does not give up the lock of the database', async () => {
    await store('1');

    await publishSnapshot(database);

    expect(canOthersWrite(path)).toBe(false);
  });

  it('leaves nothing beside it, not even of a process that was killed while it published', async () => {
    await store('1');
    const published = snapshotPathOf(path);
    mkdirSync(dirname(published));
    writeFileSync(join(dirname(published), '.series.duckdb.1234.part'), 'half of it');
    writeFileSync(join(dirname(published), '.other.duckdb.1234.part'), 'of another database');

    await publishSnapshot(database);

    expect(readdirSync(dirname(published)).sort()).toEqual(['.other.duckdb.1234.part', 'series.duckdb']);
  });

  it('that fails leaves the one before and a database that goes on', async ({ skip }) => {
    await store('1');
    await publishSnapshot(database);
    const published = dirname(snapshotPathOf(path));
    if (process.getuid?.() !== 0) chmodSync(published, 0o555);
    else if (!mountReadOnly(published)) skip(true, 'root may write everywhere unless it can mount');

    try {
      await store('2');
      await expect(publishSnapshot(database)).rejects.toMatchObject({
        code: 'SNAPSHOT_FAILED',
        message: expect.stringMatching(/^cannot publish .*: (the disk is read-only|no permission to write there)$/),
      });
    } finally {
      if (process.getuid?.() === 0) execFileSync('umount', [published]);
      else chmodSync(published, 0o755);
    }

    expect(await readIds(path)).toEqual(['1']);
    await store('3');
    await publishSnapshot(database);
    expect(await readIds(path)).toEqual(['1', '2', '3']);
  });

  it('is not begun where it could fill the disk of the database', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'a small disk needs root');
    const disk = join(folder.path, 'published');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4096k', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      skip(true, 'this machine does not let us mount');
    }
    try {
      await store('1');

      await expect(publishSnapshot(database)).rejects.toMatchObject({
        code: 'DISK_NO_ROOM',
        message: expect.stringMatching(/expected \d+ MB of free space, got 4 MB$/),
      });

      await store('2');
      expect(existsSync(snapshotPathOf(path))).toBe(false);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('a reader of a database that is held', () => {
  it('is told who holds it when there is no snapshot', async () => {
    await expect(openReader(path)).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
      message: expect.stringContaining(`there is no snapshot of it at ${snapshotPathOf(path)} yet`),
    });
  });

  it('is told the time of the snapshot, not of the database', async () => {
    await publishSnapshot(database);
    const published = new Date('2026-11-21T10:04:00.000Z');
    utimesSync(snapshotPathOf(path), published, published);

    const reader = await openReader(path);
    await reader.close();

    expect(reader.source).toMatchObject({ publishedAtMs: published.getTime() });
  });

  it('never gets the snapshot of another database in the same folder', async () => {
    await publishSnapshot(database);
    const otherPath = join(folder.path, 'other.duckdb');
    const other = await openForWriting(otherPath);

    await expect(openReader(otherPath)).rejects.toMatchObject({ code: 'DATABASE_LOCKED' });

    await other.close();
    rmSync(otherPath);
  });
});

function mountReadOnly(at: string): boolean {
  try {
    execFileSync('mount', ['--bind', at, at], { stdio: 'pipe' });
    execFileSync('mount', ['-o', 'remount,ro,bind', at], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
