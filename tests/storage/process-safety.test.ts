import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { openReader } from '../../src/storage/reader.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, openForWriting, rowsOf } from './samples.ts';
import type { CompiledSources } from './writer.ts';
import { acknowledgedIds, compileSources, startWriter } from './writer.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

let compiled: CompiledSources;
let folder: TestFolder;
let path: string;

beforeAll(() => {
  compiled = compileSources();
});
afterAll(() => compiled.remove());
beforeEach(() => {
  folder = createFolder();
  path = join(folder.path, 'series.duckdb');
});
afterEach(() => folder.remove());

async function storedIds(): Promise<readonly string[]> {
  const database = await openForWriting(path);
  const rows = await rowsOf(database, 'SELECT listing_id FROM listings');
  await database.close();
  return rows.map((row) => String(row['listing_id']));
}

describe('a process killed in the middle of a batch', () => {
  it('leaves a file that opens and has every acknowledged row once and no half batch, time after time', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 5; round++) {
      const firstBatch = round * 100;
      const writer = startWriter({ compiled, path, mode: 'loop', firstBatch });
      await writer.says(`begin ${firstBatch + 1 + round}`);

      writer.child.kill('SIGKILL');
      await writer.ended;

      acknowledged.push(...acknowledgedIds(writer.lines));
      const stored = await storedIds();
      const distinct = new Set(stored);
      expect(distinct.size).toBe(stored.length);
      expect(acknowledged.filter((id) => !distinct.has(id))).toEqual([]);
      expect(stored.length % 200).toBe(0);
    }
    expect(acknowledged.length).toBeGreaterThan(1000);
  }, 60_000);
});

describe('a file that another process writes', () => {
  it.each(['write', 'read'] as const)('says who holds it and what to do in mode %s', async (mode) => {
    const writer = startWriter({ compiled, path, mode: 'hold' });
    await writer.says('open');

    const opening = openDatabase({ path, mode, memoryLimit: '256MB', threads: 2 });

    await expect(opening).rejects.toMatchObject({ code: 'DATABASE_LOCKED', details: { pid: writer.child.pid } });
    await expect(opening).rejects.toThrow(/in use by PID \d+ \(.*writer-process\.mjs.*\); wait until .* or stop it/);
    writer.child.stdin.end();
    await writer.says('closed');
    await writer.ended;
    await expect(openReader(path).then((reader) => reader.close())).resolves.toBeUndefined();
  });
});

describe('a full disk', () => {
  it('is told as such, and every acknowledged row is there afterwards', async () => {
    const writer = startWriter({ compiled, path, mode: 'loop', fileSizeKib: 6 * 1024 });

    const error = await writer.says('error');
    await writer.ended;

    expect(error).toMatch(/^error DATABASE_DISK_FULL cannot write .*: the disk is full; .* free some space/);
    const stored = await storedIds();
    const distinct = new Set(stored);
    const acknowledged = acknowledgedIds(writer.lines);
    expect(acknowledged.length).toBeGreaterThan(200);
    expect(acknowledged.filter((id) => !distinct.has(id))).toEqual([]);
    expect(distinct.size).toBe(stored.length);
  }, 60_000);
});

describe('a folder without permission to write', () => {
  it('is told as such', async () => {
    const readOnly = join(folder.path, 'read-only');
    mkdirSync(readOnly);
    chmodSync(folder.path, 0o755);
    chmodSync(compiled.folder, 0o755);
    chmodSync(readOnly, 0o555);

    const writer = startWriter({
      compiled,
      path: join(readOnly, 'series.duckdb'),
      mode: 'hold',
      ...(isRoot ? { uid: nobody } : {}),
    });

    expect(await writer.says('error')).toMatch(/^error DATABASE_READ_ONLY cannot open .*: no permission/);
    await writer.ended;
  });
});
