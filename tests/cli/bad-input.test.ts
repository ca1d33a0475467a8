/** Bad input ends with 2 and a sentence that says what to do, before anything is started. */
import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { portalConfig } from '../workers/portal-config.ts';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

let place: Workplace;

beforeAll(async () => {
  place = await createWorkplace({ helsinki: 5, espoo: 5 });
});
afterAll(() => place.close());
afterEach(() => {
  place.configure({ helsinki: 5, espoo: 5 });
});

/** Runs and expects exit code 2, an empty stdout, no database and no request; gives back the lines on stderr. */
async function refusal(...args: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await place.oikotie(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).not.toMatch(/^ +at /m);
  expect(existsSync(place.databasePath)).toBe(false);
  expect(place.simulator.requestLog.entries()).toEqual([]);
  return stderr.trimEnd().split('\n');
}

const run = () => refusal('run', '--config', place.configPath);

describe('a bad configuration', processTime, () => {
  it('that is missing is named', async () => {
    expect(await refusal('run', '--config', 'nowhere.json')).toEqual([
      'nowhere.json: expected a readable configuration file, got no such file; create it or name another with --config',
    ]);
  });

  it('that is not JSON is shown by line and column', async () => {
    writeFileSync(place.configPath, '{\n  "tasks": [],\n  "global_settings": {,}\n}\n');

    expect(await run()).toEqual([expect.stringMatching(/config\.json:3:23: expected JSON, got .*; correct it there$/)]);
  });

  it('gets a line for each of its problems', async () => {
    const { tasks } = portalConfig(place.simulator, place.folder, { helsinki: 5 });
    const [task] = tasks;
    const broken = [
      { ...task, city: 'Atlantis' },
      { ...task, rate_limit_seconds: -1, prority: 3 },
    ];
    writeFileSync(place.configPath, JSON.stringify({ tasks: broken, global_settings: { log_level: 'LOUD' } }));

    const lines = await run();

    expect(lines).toEqual([
      expect.stringMatching(/^tasks\[0\]\.city: expected .*got "Atlantis"/),
      expect.stringMatching(/^tasks\[1\]\.prority: .*priority/),
      expect.stringMatching(/^tasks\[1\]\.rate_limit_seconds: expected .*got -1/),
      expect.stringMatching(/^global_settings\.log_level: expected .*got "LOUD"/),
    ]);
  });

  it('with a host that is not allowed says how to allow it', async () => {
    place.configure({ helsinki: 5, origin: 'http://mirror.example.org' });

    expect(await run()).toEqual([expect.stringMatching(/^tasks\[0\]\.url: .*mirror\.example\.org.*allowed_hosts/)]);
  });

  it('with every task disabled says how to choose one', async () => {
    const config = portalConfig(place.simulator, place.folder, { helsinki: 5 });
    const tasks = config.tasks.map((task) => ({ ...task, enabled: false }));
    writeFileSync(place.configPath, JSON.stringify({ ...config, tasks }));

    expect(await run()).toEqual([
      'tasks: expected at least one with "enabled": true, got none; enable one or name it with --city',
    ]);
  });
});

describe('a bad command line', processTime, () => {
  it('with an unknown city lists the known ones', async () => {
    expect(await refusal('run', '--config', place.configPath, '--city', 'Atlantis', 'Espoo', 'Lemuria')).toEqual([
      '--city Atlantis: expected one of Helsinki, Espoo; add a task for it',
      '--city Lemuria: expected one of Helsinki, Espoo; add a task for it',
    ]);
  });

  it.each([
    [['run', '--limit', '0'], /--limit.*expected at least 1, got 0/],
    [['run', '--limit', 'abc'], /--limit.*expected a whole number, got "abc"/],
    [['run', '--limit', '99999999999999999999'], /--limit.*expected .* got "?99999999999999999999/],
    [['run', '--limt', '3'], /unknown option '--limt'/],
    [['run', 'Helsinki'], /too many arguments|unexpected argument|--city/],
    [['rnu'], /unknown command 'rnu'/],
    [['sql'], /missing required argument 'select'/],
    [['export', '--format', 'xlsx'], /--format.*parquet, csv, json/],
    [['listings', '--deal', 'gift'], /--deal.*sale, rent/],
    [['simulator', '--port', '70000'], /--port.*70000/],
    [['demo', '--listings', '-3'], /--listings.*got "-3"/],
  ])('%j is refused with the reason and where to look', async (args, reason) => {
    const lines = await refusal(...args);

    expect(lines[0]).toMatch(reason);
    expect(lines.join('\n')).toContain('--help');
  });

  it('says which command was probably meant', async () => {
    expect((await refusal('lisings')).join('\n')).toContain('listings');
  });
});
