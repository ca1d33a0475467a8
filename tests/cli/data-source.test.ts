/** Commands that read while a run holds the database, in this process. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../cli/command.ts';
import { describeSnapshot } from '../../cli/data-source.ts';
import { runExport } from '../../cli/export.ts';
import { runListings } from '../../cli/listings.ts';
import { runPoliteness } from '../../cli/politeness.ts';
import { runSql } from '../../cli/sql.ts';
import { systemClock } from '../../src/clock.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { publishSnapshot } from '../../src/storage/snapshot.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, listingWrite, openForWriting, writesOf } from '../storage/samples.ts';
import { terminal } from './terminal-texts.ts';

let folder: TestFolder;
let databasePath: string;
let database: Database;

beforeAll(async () => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  database = await openForWriting(databasePath);
  const store = createSeriesStore({ database, clock: systemClock });
  await store.commit(writesOf({ listings: [listingWrite('1')] }));
  await publishSnapshot(database);
  await store.commit(writesOf({ listings: [listingWrite('2')] }));
});
afterAll(async () => {
  await database.close();
  folder.remove();
});

const announcement = /^reading the snapshot of \d\d:\d\d \(\d+ s old\); a run holds the database\n/;

describe('a command that reads while a run holds the database', () => {
  it.each([
    ['sql', (io: CommandIo) => runSql({ query: 'select listing_id from listings', json: true, databasePath }, io)],
    ['listings', (io: CommandIo) => runListings({ databasePath, limit: 5, json: true }, io)],
  ])('%s answers from the snapshot, says so, and keeps its JSON clean', async (_name, run) => {
    const { texts, io } = terminal();

    expect(await run(io)).toBe(0);

    expect(texts.stderr).toMatch(announcement);
    expect(JSON.parse(texts.stdout)).toMatchObject([{ listing_id: '1' }]);
  });

  it('exports the snapshot, and shows its politeness', async () => {
    const exporting = terminal();
    const politeness = terminal();

    await runExport({ format: 'csv', output: join(folder.path, 'out.csv'), databasePath }, exporting.io);
    await runPoliteness({ databasePath, json: true }, politeness.io);

    expect(exporting.texts.stderr).toMatch(announcement);
    expect(exporting.texts.stderr).toContain('1 listings,');
    expect(politeness.texts.stderr).toMatch(announcement);
    expect(JSON.parse(politeness.texts.stdout)).toMatchObject({ scopes: [] });
  });
});

describe('the age of a snapshot', () => {
  it.each([
    ['2026-11-21T10:04:00Z', '2026-11-21T10:07:59Z', '12:04 (3 min old)'],
    ['2026-11-21T10:04:00Z', '2026-11-21T10:04:09Z', '12:04 (9 s old)'],
    ['2026-11-21T21:59:00Z', '2026-11-21T22:01:00Z', '2026-11-21 23:59 (2 min old)'],
    ['2026-11-18T10:04:00Z', '2026-11-21T10:05:00Z', '2026-11-18 12:04 (3 days old)'],
    ['2026-11-21T10:04:00Z', '2026-11-21T10:03:00Z', '12:04 (0 s old)'],
  ])('of %s seen at %s is told as %s', (published, now, told) => {
    expect(describeSnapshot(Date.parse(published), Date.parse(now))).toBe(told);
  });
});
