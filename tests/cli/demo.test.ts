/** `oikotie demo`: the first thing a newcomer starts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { oikotie, processTime, startOikotie } from './oikotie-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oikotie-demo-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('oikotie demo', processTime, () => {
  it('ends with a summary and a look at the data, and finds everything unchanged the second time', async () => {
    const args = ['demo', '--listings', '12', '--database', join(folder, 'demo.duckdb')];

    const first = await oikotie(args, { cwd: folder });
    const second = await oikotie([...args, '--json'], { cwd: folder });

    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(/^Run daily-\S+: completed\n/);
    expect(first.stdout).toMatch(/new 22, changed 0, unchanged 0, failed 0/);
    expect(first.stdout).toMatch(/The market, as stored:\ncity +deal +count/);
    expect(first.stdout).toMatch(/Five listings:\nid +address/);
    expect(first.stdout).toContain('npx oikotie listings --database');
    expect(first.stdout).toContain(`npx oikotie dashboard --database ${join(folder, 'demo.duckdb')}`);
    expect(first.stderr).not.toContain('Open the dashboard');
    expect(first.stderr).toMatch(/^The simulator stands in for the portal at http:\/\/127\.0\.0\.1:\d+\./);
    expect(second.exitCode).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'completed', new: 0, changed: 0, unchanged: 22 });
  });

  it('shows a cluster that loses a worker half-way and nothing else', async () => {
    const database = join(folder, 'cluster.duckdb');

    const { exitCode, stdout, stderr } = await oikotie(
      ['demo', '--cluster', '--listings', '60', '--database', database],
      {
        cwd: folder,
        // A demo that somebody starts beside a real cluster must not touch it.
        environment: { REDIS_URL: 'redis://127.0.0.1:1', NODE_ID: 'mine' },
      },
    );

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toMatch(/worker-2 is killed at \d+ of 110 listings/);
    expect(stdout).toMatch(/^Run daily-\S+: completed\n/);
    expect(stdout).toContain('Nothing was lost and nothing doubled: 110 of 110 listings, 110 entries.');
    expect(stdout).toMatch(/Who asked:\nnode +requests.*\nworker-1 /);
  });

  it('stopped by Ctrl-C ends as a run does', async () => {
    const running = startOikotie(['demo', '--listings', '300', '--database', join(folder, 'stopped.duckdb')]);
    await vi.waitUntil(() => running.stderrSoFar().includes('req/s'), { timeout: 30_000, interval: 5 });

    running.child.kill('SIGINT');

    expect(await running.ended).toMatchObject({ exitCode: 130, stdout: expect.stringContaining(': interrupted\n') });
  });
});
