/**
 * A part that is missing: the run is as complete and its data as true as ever, the result is `degraded`, and the part is
 * said exactly once, in the result, the log, the database and the summary.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderSummary } from '../../cli/summary.ts';
import { nominalDayOf } from '../../src/clock.ts';
import { listingFieldNames } from '../../src/listings/fields.ts';
import { createLog } from '../../src/log.ts';
import type { ExecutionResult } from '../../src/quality/city-receipt.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createFolderStore } from '../../src/storage/folder-store.ts';
import { readArchived } from '../../src/storage/raw-archive.ts';
import { startObjectStore } from '../storage/object-store.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

type Choices = Parameters<Rig['run']>[0];
type Settings = Readonly<Record<string, unknown>>;

const today = nominalDayOf(Date.now());
const masked: ReadonlySet<string> = new Set(['otherDetailsJson', 'description']);
const cleanUps: (() => Promise<void> | void)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oikotie-parts-'));
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

async function rig(globalSettings: Settings, listings = 12, requestsPerSecond = 0): Promise<Rig> {
  // Patient: on a busy machine no request is to be sent twice.
  const created = await createRig({
    helsinki: listings,
    requestsPerSecond,
    requestTimeoutSeconds: 30,
    globalSettings,
  });
  cleanUps.push(created.close);
  return created;
}

/** A file where the program wants a folder: nobody can write there, not even root. */
function fileInPlaceOfFolder(): string {
  const path = join(folder, 'not-a-folder');
  writeFileSync(path, '');
  return path;
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  cleanUps.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function auditLines(logs: string): readonly string[] {
  return readFileSync(join(logs, `audit_${today}.log`), 'utf8')
    .trimEnd()
    .split('\n');
}

/** Runs, and expects everything of the run that does not depend on a part. */
async function runDegraded({ simulator, config, run }: Rig, choices: Choices = {}) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  const result = await run({ ...choices, log: createLog({ level: 'info', destination }) });

  const truth = simulator.world.truth('Helsinki', 'sale', simulator.origin);
  expect(result).toMatchObject({ status: 'degraded', successfulCities: 1, new: truth.length, failed: 0 });
  expect(result.cities).toMatchObject([{ verdict: 'complete', reason: null }]);
  const stored = await storedRecords(config.databasePath);
  expect(stored.size).toBe(truth.length);
  for (const record of truth) {
    for (const name of listingFieldNames) {
      // The truth has personal data masked; what is kept of it otherwise is for tests/portal to say.
      if (config.collectPersonalData && masked.has(name)) continue;
      expect.soft(stored.get(record.listingId)?.[name], `${record.listingId} ${name}`).toEqual(record[name]);
    }
  }
  await expectSaidOnce(result, config.databasePath, lines);
  return result;
}

async function expectSaidOnce(
  result: ExecutionResult,
  databasePath: string,
  lines: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const parts = result.missingParts.map(({ part }) => part);
  expect(new Set(parts).size).toBe(parts.length);
  const warned = lines.filter(({ msg }) => msg === 'going on without a part of the run');
  expect(warned.map(({ part }) => part)).toEqual(parts);
  const [row] = await queryRows(databasePath, 'select status, missing_parts_json from executions');
  expect(row).toEqual({ status: 'degraded', missing_parts_json: result.missingParts });
  const summary = renderSummary(result, databasePath, null);
  for (const part of parts) expect(summary.split(`missing   ${part}: `)).toHaveLength(2);
}

describe('a run without', () => {
  it('log files, because there is a file where their folder should be, is degraded', async () => {
    const logs = fileInPlaceOfFolder();
    const built = await rig({ logs_directory: logs });

    const { missingParts } = await runDegraded(built);

    expect(missingParts).toEqual([
      {
        part: 'log files',
        reason: `cannot write to ${logs}: there is a file where the folder should be`,
        remedy: expect.stringContaining('set logs_directory'),
      },
    ]);
    const events = await queryRows(built.config.databasePath, 'select type from audit_log order by occurred_at, type');
    expect(events.map(({ type }) => type)).toEqual([
      'AUTOMATION_START',
      'CITY_EXECUTION_START',
      'CITY_EXECUTION_SUCCESS',
      'AUTOMATION_COMPLETE',
    ]);
  });

  it('log files, because the disk is full, is degraded', async () => {
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    symlinkSync('/dev/full', join(logs, `audit_${today}.log`));

    const { missingParts } = await runDegraded(await rig({ logs_directory: logs }));

    expect(missingParts).toMatchObject([{ part: 'log files', reason: `cannot write to ${logs}: the disk is full` }]);
  });

  it('log files, because their folder vanishes on the way, is degraded, and does not make it again', async () => {
    const logs = join(folder, 'logs');

    const { missingParts } = await runDegraded(await rig({ logs_directory: logs }, 60, 100), {
      onProgress: ([city]) => {
        if ((city?.settled ?? 0) > 0) rmSync(logs, { recursive: true, force: true });
      },
    });

    expect(missingParts).toMatchObject([{ part: 'log files', reason: `cannot write to ${logs}: the folder is gone` }]);
    expect(existsSync(logs)).toBe(false);
  });

  it('room in the raw archive is degraded, and what fitted can be read', async () => {
    const archive = join(folder, 'archive');
    const built = await rig({
      raw_archive_directory: archive,
      raw_archive_max_mb: 0.02,
      collect_personal_data: true,
    });

    const { missingParts } = await runDegraded(built);

    expect(missingParts).toEqual([
      {
        part: 'raw archive',
        reason: `${archive} is full: its limit is 20972 bytes`,
        remedy: expect.stringContaining('raw_archive_max_mb'),
      },
    ]);
    const files = readdirSync(archive, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.br'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) await readArchived(createFolderStore(archive), file.slice(6, 70));
  });

  it('a raw archive whose bucket is not there is degraded', async () => {
    const objects = await startObjectStore();
    cleanUps.push(objects.close);

    const { missingParts } = await runDegraded(
      await rig({ raw_archive_s3: { ...objects.settings, bucket: 'nothing' }, collect_personal_data: true }),
    );

    expect(missingParts).toEqual([
      {
        part: 'raw archive',
        reason: expect.stringMatching(
          /^cannot write to s3:\/\/nothing\/.*status 404 \(NoSuchBucket\); make the bucket/,
        ),
        remedy: expect.stringContaining('oikotie doctor'),
      },
    ]);
  });

  it('a raw archive that can be written is degraded', async () => {
    const archive = fileInPlaceOfFolder();

    const { missingParts } = await runDegraded(
      await rig({ raw_archive_directory: archive, collect_personal_data: true }),
    );

    expect(missingParts).toMatchObject([{ part: 'raw archive', reason: expect.stringContaining(archive) }]);
  });

  it('metrics, because their port is taken, is degraded', async () => {
    const port = await takenPort();

    const { missingParts } = await runDegraded(await rig({ metrics_port: port }));

    expect(missingParts).toMatchObject([{ part: 'metrics', reason: `port ${port} of 127.0.0.1 is taken` }]);
  });

  it('its geodata is degraded, once for each source that is missing or broken', async () => {
    writeFileSync(join(folder, 'good_one.geojson'), '{"type":"FeatureCollection","features":[]}');
    writeFileSync(join(folder, 'broken_one.geojson'), '{"type":"FeatureCollection"');

    const { missingParts } = await runDegraded(await rig({ geodata_directory: folder }), {
      geospatialSources: ['good_one', 'broken_one', 'missing_one', 'missing_one'],
    });

    expect(missingParts.map(({ part }) => part)).toEqual(['geodata broken_one', 'geodata missing_one']);
  });

  it('several parts is degraded and lists each once', async () => {
    const nowhere = fileInPlaceOfFolder();
    const built = await rig({
      logs_directory: nowhere,
      raw_archive_directory: nowhere,
      collect_personal_data: true,
      metrics_port: await takenPort(),
      geodata_directory: folder,
    });

    const { missingParts } = await runDegraded(built, { geospatialSources: ['osm_buildings'] });

    expect(missingParts.map(({ part }) => part).sort()).toEqual([
      'geodata osm_buildings',
      'log files',
      'metrics',
      'raw archive',
    ]);
  });
});

it('a missing part makes nothing of a run that is partial for another reason', async () => {
  const { simulator, run } = await rig({ logs_directory: fileInPlaceOfFolder() });
  simulator.faults.add({ type: 'http_500', kinds: ['search'] });

  const result = await run();

  expect(result).toMatchObject({ status: 'failed', missingParts: [{ part: 'log files' }] });
});

it('a run that the database ends says so last in its audit log', async () => {
  const logs = join(folder, 'logs');
  const { config, run } = await rig({ logs_directory: logs });
  await run();
  const database = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database });
  await database.use((session) => session.run('DROP TABLE search_pages'));
  await database.close();

  await expect(run()).rejects.toMatchObject({ code: 'DATABASE_WRITE_FAILED' });

  const last: unknown = JSON.parse(auditLines(logs).at(-1) ?? '');
  expect(last).toMatchObject({
    type: 'AUTOMATION_COMPLETE',
    severity: 'CRITICAL',
    message: expect.stringContaining('search_pages'),
  });
});

it('a run with every part keeps its pages, its log and its audit log, and misses nothing', async () => {
  const logs = join(folder, 'logs');
  const archive = join(folder, 'archive');
  const { config, run } = await rig({
    logs_directory: logs,
    raw_archive_directory: archive,
    collect_personal_data: true,
    metrics_port: 0,
  });

  const result = await run();

  expect(result).toMatchObject({ status: 'completed', missingParts: [] });
  const [row] = await queryRows(config.databasePath, 'select response_sha256, url from listings limit 1');
  const page = await readArchived(createFolderStore(archive), String(row?.['response_sha256']));
  expect(page.toString()).toContain(String(row?.['url']).split('/').at(-1));
  const log = readFileSync(join(logs, `oikotie_${today}.log`), 'utf8');
  expect(log).toContain('"msg":"run started"');
  const audit = auditLines(logs);
  const stored = await queryRows(config.databasePath, 'select event_id from audit_log order by occurred_at');
  expect(audit.map((line) => String(JSON.parse(line).eventId)).sort()).toEqual(
    stored.map(({ event_id: eventId }) => String(eventId)).sort(),
  );
  expect(audit.filter((line) => line.includes('city=Helsinki'))).toHaveLength(2);
});
