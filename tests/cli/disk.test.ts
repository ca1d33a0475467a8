/** Where the database cannot be written: one clear sentence, exit code 3, and what was stored stays readable. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import { oikotie, processTime, startProcess } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const cleanUps: (() => Promise<void>)[] = [];

async function workplace(options: PortalConfigOptions): Promise<Workplace> {
  const place = await createWorkplace(options);
  cleanUps.push(place.close);
  return place;
}

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A small file system of its own; a sentence instead when this machine does not let us make one. */
async function mountSmallDisk(path: string, kibibytes: number): Promise<string | null> {
  mkdirSync(path);
  const args = ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', path];
  const { exitCode, stderr } = await startProcess('mount', args).ended;
  if (exitCode !== 0) return `a full disk needs mount: ${stderr.trim()}`;
  cleanUps.push(() => startProcess('umount', [path]).ended.then(() => undefined));
  return null;
}

describe('a folder that may not be written', processTime, () => {
  it('is told as such, and the portal is not asked', async ({ skip }) => {
    const asUser = isRoot ? { uid: nobody } : {};
    if (isRoot) {
      const { exitCode } = await oikotie(['--version'], asUser).catch(() => ({ exitCode: null }));
      skip(exitCode !== 0, 'an unprivileged user cannot start the program where it lies');
    }
    const { folder, configPath, simulator, oikotie: run } = await workplace({ helsinki: 5 });
    const readOnly = join(folder, 'read-only');
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o555);
    const path = join(readOnly, 'series.duckdb');

    const ended = await run(['run', '--config', configPath], {
      ...asUser,
      environment: { SCRAPER_DATABASE_PATH: path },
    });

    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain(
      `cannot open ${path}: no permission to write there; change the permissions or set database_path\n`,
    );
    expect(ended.stderr).not.toMatch(/^ +at /m);
    expect(simulator.requestLog.entries()).toEqual([]);
  });
});

describe('a disk that fills up', processTime, () => {
  it('ends the run with one sentence; what was committed opens afterwards', async ({ skip }) => {
    skip(!isRoot, 'a full disk needs root');
    const { folder, configPath, oikotie: run } = await workplace({ helsinki: 400 });
    const disk = join(folder, 'small-disk');
    const problem = await mountSmallDisk(disk, 4096);
    skip(problem !== null, problem ?? '');
    const path = join(disk, 'series.duckdb');

    const ended = await run(['run', '--config', configPath], { environment: { SCRAPER_DATABASE_PATH: path } });

    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toMatch(
      /^cannot write .*series\.duckdb: the disk is full; .* free some space and run again$/m,
    );
    expect(ended.stderr).not.toMatch(/^ +at /m);
    expect(existsSync(path)).toBe(true);
    const query = 'select count(*) as stored, count(distinct listing_id) as ids from listings';
    const { exitCode, stdout, stderr } = await run(['sql', query, '--json', '--database', path]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [row] = JSON.parse(stdout) as { stored: number; ids: number }[]; // the columns just asked for
    expect(row?.stored).toBeGreaterThan(0);
    expect(row?.ids).toBe(row?.stored);
  });
});
