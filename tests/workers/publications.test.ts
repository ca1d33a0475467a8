/** What a run publishes while it goes on and at its end. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { verifyDataset } from '../../src/storage/dataset-manifest.ts';
import { snapshotPathOf } from '../../src/storage/snapshot.ts';
import type { PortalConfigOptions } from './portal-config.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows } from './stored-records.ts';

let rig: Rig;
afterEach(() => rig.close());

const size: PortalConfigOptions = { helsinki: 6, espoo: 4 };
const publishing = (publish: object) => createRig({ ...size, globalSettings: { publish } });
/** Slow enough to be stopped before its first city is done: that takes 0.8 s, and the first progress comes after 0.05. */
const publishingSlowly = (publish: object) =>
  createRig({ ...size, requestsPerSecond: 10, globalSettings: { publish } });

describe('a run that publishes snapshots', () => {
  it('leaves one with its result, its receipts and its last audit event', async () => {
    rig = await publishing({ datasets: false });

    const result = await rig.run();

    expect(result).toMatchObject({ status: 'completed', missingParts: [] });
    const path = snapshotPathOf(rig.config.databasePath);
    const seen = `select (select status from executions) as status, (select count(*) from listings) as listings,
      (select count(*) from city_executions where verdict = 'complete') as cities,
      (select count(*) from audit_log where type = 'AUTOMATION_COMPLETE') as ends`;
    expect(await queryRows(path, seen)).toEqual([{ status: 'completed', listings: 10, cities: 2, ends: 1 }]);
  });

  it('leaves a dataset of itself, and none when it was stopped', async () => {
    rig = await publishingSlowly({ snapshots: false, keep_datasets: 1 });
    const stop = new AbortController();
    const stopped = await rig.run({ signal: stop.signal, onProgress: () => stop.abort() });
    const directory = join(rig.config.outputDirectory, 'dataset');
    expect(stopped.status).toBe('interrupted');
    expect(existsSync(directory)).toBe(false);

    const result = await rig.run();

    expect(result).toMatchObject({ status: 'completed', missingParts: [] });
    const { manifest, problems } = await verifyDataset(join(directory, 'latest'));
    expect(problems).toEqual([]);
    expect(manifest).toMatchObject({ executionId: result.executionId, status: 'completed' });
    expect(manifest.tables).toContainEqual(expect.objectContaining({ name: 'listings', rows: 10 }));
    expect(readdirSync(directory).sort()).toEqual([result.executionId, 'latest']);
  });

  it('leaves a dataset of the run before it, which was stopped and did not go on, and says that it is not whole', async () => {
    rig = await publishingSlowly({ snapshots: false });
    const stop = new AbortController();
    const yesterday = { ...systemClock, now: () => Date.now() - 86_400_000 };
    const stopped = await rig.run({ signal: stop.signal, onProgress: () => stop.abort(), clock: yesterday });
    const directory = join(rig.config.outputDirectory, 'dataset');

    const result = await rig.run();

    expect([stopped.status, result.status]).toEqual(['interrupted', 'completed']);
    expect(stopped.executionId).not.toBe(result.executionId);
    const folders = readdirSync(directory).filter((name) => name !== 'latest');
    expect(folders.sort()).toEqual([stopped.executionId, result.executionId].sort());
    const { manifest, problems } = await verifyDataset(join(directory, stopped.executionId));
    expect(problems).toEqual([]);
    const { executionId, status, receipts } = manifest;
    expect([executionId, status]).toEqual([stopped.executionId, 'interrupted']);
    expect(receipts).toMatchObject(stopped.cities.map(({ city, verdict }) => ({ city, verdict })));
    expect(receipts).not.toContainEqual(expect.objectContaining({ verdict: 'complete' }));
  });

  it('is degraded and whole when they cannot be written', async () => {
    rig = await publishing({ datasets: false });
    const folder = dirname(snapshotPathOf(rig.config.databasePath));
    mkdirSync(dirname(folder), { recursive: true });
    writeFileSync(folder, 'no folder');

    const result = await rig.run();

    expect(result).toMatchObject({
      status: 'degraded',
      successfulCities: 2,
      missingParts: [
        { part: 'snapshot', reason: expect.stringContaining('there is a file where the folder should be') },
      ],
    });
    const stored = await queryRows(rig.config.databasePath, 'select status from executions');
    expect(stored).toEqual([{ status: 'degraded' }]);
    rmSync(folder);
  });
});
