/** `oikotie dashboard` as a person starts it. */
import { once } from 'node:events';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { publishSnapshot, snapshotPathOf } from '../../src/storage/snapshot.ts';
import { runCity } from '../storage/city-run.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, openForWriting } from '../storage/samples.ts';
import type { Running } from './oikotie-process.ts';
import { processTime, startOikotie } from './oikotie-process.ts';

let folder: TestFolder;
let running: Running | null = null;

beforeEach(() => {
  folder = createFolder();
});
afterEach(async () => {
  running?.child.kill('SIGTERM');
  await running?.ended;
  running = null;
  folder.remove();
});

/** What the process says matches, and what it has said; waits for as long as the test may take. */
async function said(pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(running?.stderrSoFar() ?? '')?.[1];
    if (found !== undefined) return found;
    if (running === null || running.child.exitCode !== null) throw new Error(`ended: ${running?.stderrSoFar()}`);
    await once(running.child.stderr, 'data');
  }
}

it(
  'publishes anew what an older program has published, and shows metrics of itself',
  async () => {
    const path = join(folder.path, 'series.duckdb');
    const database = await openForWriting(path);
    await runCity(createSeriesStore({ database, clock: systemClock }), 22, { pages: ['1'] });
    await publishSnapshot(database);
    await database.close();
    const instance = await DuckDBInstance.create(snapshotPathOf(path));
    const connection = await instance.connect();
    await connection.run('DELETE FROM schema_migrations WHERE version = (SELECT max(version) FROM schema_migrations)');
    connection.closeSync();
    instance.closeSync();

    running = startOikotie(['dashboard', '--database', path, '--port', '0'], {
      cwd: folder.path,
      environment: { DASHBOARD_AUTHENTICATION: 'false', SCRAPER_LOGS_DIRECTORY: 'null', SCRAPER_METRICS_PORT: '0' },
    });
    const origin = await said(/The dashboard is at (\S+)/);
    const page = await fetch(`${origin}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Helsinki')]);
    const metrics = await fetch(await said(/(http:\/\/127\.0\.0\.1:\d+\/metrics)/));
    expect(await metrics.text()).toMatch(/role="dashboard"/);
  },
  processTime.timeout,
);
