/** `oikotie run` without some of its parts, and `oikotie raw`, as processes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

let place: Workplace;

afterEach(() => place.close());

describe('oikotie run without its log files and its geodata', processTime, () => {
  it('ends with 1, says in summary and JSON what is missing, and sends nobody to failed listings', async () => {
    place = await createWorkplace({ helsinki: 6 });
    const noFolder = join(place.folder, 'no-folder');
    writeFileSync(noFolder, '');
    place.configure({ helsinki: 6, globalSettings: { logs_directory: noFolder, metrics_port: 0 } });

    const first = await place.oikotie(['run']);
    const second = await place.oikotie(['run', '--json']);

    expect(first.exitCode).toBe(1);
    expect(first.stdout).toMatch(/^Run .*: degraded\n/);
    expect(first.stdout.match(/missing {3}log files: cannot write to/g)).toHaveLength(1);
    expect(first.stdout).toMatch(/Helsinki +complete +6 stored of 6 listed/);
    expect(first.stderr).toContain('"msg":"metrics are served"');
    expect(first.stderr).not.toContain('What failed and why');
    expect(second.exitCode).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({
      status: 'degraded',
      missingParts: [
        { part: 'log files', reason: `cannot write to ${noFolder}: there is a file where the folder should be` },
      ],
      cities: [{ verdict: 'complete' }],
    });
  });
});

describe('oikotie raw', processTime, () => {
  it('prints the page that a row was read from, so that parse reads the same again', async () => {
    place = await createWorkplace({ helsinki: 3 });
    const archive = join(place.folder, 'archive');
    const globalSettings = { raw_archive_directory: archive, collect_personal_data: true };
    place.configure({ helsinki: 3, globalSettings });
    await place.oikotie(['run']);
    const [row] = await place.sql('select response_sha256, price_eur, url from listings limit 1');

    const { exitCode, stdout } = await place.oikotie(['raw', String(row?.['response_sha256'])]);
    const unknown = await place.oikotie(['raw', 'f'.repeat(64)]);
    const bad = await place.oikotie(['raw', 'latest', '--archive', archive]);

    expect(exitCode).toBe(0);
    const parsed = await place.oikotie(['parse', '-', '--city', 'Helsinki'], { stdin: stdout });
    expect(parsed.stdout).toContain(`"priceEur": ${row?.['price_eur']}`);
    expect(unknown).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('expected a stored response, got none'),
    });
    expect(bad).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('expected 64 hex digits') });
  });
});
