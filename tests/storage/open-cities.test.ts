/** Which cities a reader is told are not whole, while they are collected and afterwards. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { announceSource } from '../../cli/data-source.ts';
import { systemClock } from '../../src/clock.ts';
import type { Database } from '../../src/storage/database.ts';
import { writeDataset } from '../../src/storage/dataset.ts';
import { openReadable } from '../../src/storage/readable.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { publishSnapshot, snapshotPathOf } from '../../src/storage/snapshot.ts';
import { terminal } from '../cli/terminal-texts.ts';
import { runCity } from './city-run.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, openForWriting, resultOf } from './samples.ts';

let folder: TestFolder;
let database: Database;
let store: ReturnType<typeof createSeriesStore>;
const executionId = 'daily-2026-11-21';
const at = (hour: number) => new Date(Date.UTC(2026, 10, 21, hour)).toISOString();

beforeAll(async () => {
  folder = createFolder();
  database = await openForWriting(`${folder.path}/series.duckdb`);
  store = createSeriesStore({ database, clock: systemClock });
});
afterAll(async () => {
  await database.close();
  folder.remove();
});

const start = (hour: number) =>
  store.startExecution({
    ...{ executionId, nominalDay: '2026-11-21', startedAtUtc: at(hour) },
    cities: ['Espoo', 'Helsinki', 'Vantaa'].map((city) => ({ city, listingLimit: null })),
  });

/** What a command says that reads the snapshot of now. */
async function told(): Promise<string> {
  await publishSnapshot(database);
  const { database: read, source } = await openReadable({ path: database.path, memoryLimit: '512MB', threads: 1 });
  await read.close();
  const { io, texts } = terminal();
  announceSource(source, systemClock, io);
  return texts.stderr;
}

it('a city is not whole from its begin to its receipt, and again when its run goes on', async () => {
  const before = { executionId: 'daily-2026-11-20', nominalDay: '2026-11-20' };
  await store.startExecution({ ...before, startedAtUtc: at(1), cities: [] });
  await store.saveExecutionResult(resultOf(before), at(2));
  await start(3);
  expect(await told()).not.toContain('not whole');

  await store.startCity({ executionId, city: 'Espoo', startedAtUtc: at(3) });
  await runCity(store, 21, { city: 'Helsinki', pages: ['1'] });
  expect(await told()).toMatch(/^reading the snapshot .*\nnot whole in it, still being collected: Espoo\n$/);

  const datasets = { directory: `${folder.path}/dataset`, programVersion: '0', generatedAtUtc: at(4), keep: 9 };
  await store.saveExecutionResult(resultOf({ executionId, status: 'interrupted' }), at(4));
  expect(await told()).not.toContain('not whole');

  await start(6);
  expect(await told()).toContain('still being collected: Espoo, Helsinki\n');
  const { manifest } = await writeDataset({ databasePath: snapshotPathOf(database.path), ...datasets });
  expect(manifest).toMatchObject({ openCities: ['Espoo', 'Helsinki'] });
});
