/** What other processes can tell of a run of one process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CityProgress } from '../../src/jobs/city-progress.ts';
import { createLog } from '../../src/log.ts';
import { openProgressFile, readProgressFile } from '../../workers/progress-file.ts';

const executionId = 'daily-2026-11-22';
const espoo: CityProgress = {
  ...{ city: 'Espoo', settled: 3, total: 10, portalTotal: 12, requests: 5, requestsPerSecond: 1 },
  ...{ allowedPerSecond: Number.POSITIVE_INFINITY, new: 1, changed: 1, unchanged: 1, failed: 0, etaMs: null },
  isDone: false,
};

let folder: string;
let nowMs: number;
let logged: string[];
const open = (stateDirectory = folder) => {
  const log = createLog({ level: 'info', destination: { write: (line) => logged.push(line) } });
  return openProgressFile({
    config: placeIn(stateDirectory),
    executionId,
    planned: ['Espoo'],
    clock: { now: () => nowMs },
    log,
  });
};
const placeIn = (stateDirectory: string) => ({ stateDirectory, databasePath: join(folder, 'series.duckdb') });
const read = () => readProgressFile(placeIn(folder), nowMs);
const written = (pattern: RegExp) =>
  vi.waitUntil(() => existsSync(pathOfFile()) && pattern.test(readFileSync(pathOfFile(), 'utf8')), { interval: 2 });
const pathOfFile = () => join(folder, readdirSync(folder).find((name) => name.endsWith('.json')) ?? 'none');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oikotie-progress-'));
  nowMs = Date.now();
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

it('shows a run from its begin, also without a limit of its rate, and nothing after its end', async () => {
  const file = open();
  await written(/"cities":\[\]/);
  nowMs += 1_000;
  file.offer([espoo]);
  await written(/"city":"Espoo"/);
  expect(await read()).toMatchObject({
    executionId,
    isAlive: true,
    movedAtMs: nowMs,
    planned: ['Espoo'],
    cities: [espoo],
  });
  await file.remove();
  expect([await read(), readdirSync(folder)]).toEqual([null, []]);
});

it('says since when nothing has moved', async () => {
  const file = open();
  await written(/"cities":\[\]/);
  nowMs += 1_000;
  const movedAtMs = nowMs;
  file.offer([espoo]);
  await written(/"city":"Espoo"/);
  nowMs += 60_000;
  file.offer([{ ...espoo, requestsPerSecond: 0 }]);
  await written(/"requestsPerSecond":0/);
  expect(await read()).toMatchObject({ movedAtMs, writtenAtMs: nowMs });
});

it('writes once a second at most, and nothing after its end', async () => {
  const file = open();
  await written(/"cities":\[\]/);
  nowMs += 999;
  file.offer([espoo]);
  nowMs += 1;
  file.offer([espoo]);
  await written(/"city":"Espoo"/);
  expect(await read()).toMatchObject({ writtenAtMs: nowMs });
  await file.remove();
  nowMs += 1_000;
  file.offer([espoo]);
  await file.remove();
  expect(readdirSync(folder)).toEqual([]);
});

it('knows that the process is gone, killed as a machine does it', async () => {
  open();
  await written(/"cities":\[\]/);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const text = readFileSync(pathOfFile(), 'utf8').replace(/"processId":\d+/, `"processId":${other.pid}`);
  writeFileSync(pathOfFile(), text);
  expect(await read()).toMatchObject({ isAlive: true });
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(await read()).toMatchObject({ isAlive: false });
});

it('believes a process of another machine as long as it writes', async () => {
  open();
  await written(/"cities":\[\]/);
  writeFileSync(pathOfFile(), readFileSync(pathOfFile(), 'utf8').replace(/"host":"[^"]*"/, '"host":"elsewhere"'));
  expect(await read()).toMatchObject({ isAlive: true });
  nowMs += 31_000;
  expect(await read()).toMatchObject({ isAlive: false });
});

it('lets a run go on when it cannot write, and says so once', async () => {
  writeFileSync(join(folder, 'file'), '');
  const file = open(join(folder, 'file', 'below'));
  await vi.waitUntil(() => logged.length > 0, { interval: 2 });
  nowMs += 1_000;
  file.offer([espoo]);
  await file.remove();
  expect(logged).toHaveLength(1);
});
