/** What `oikotie audit` says of a run, and of what somebody did to its log. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAuditReport } from '../../cli/audit-report.ts';
import { runAuditVerify } from '../../cli/audit-verify.ts';
import type { Rig } from '../workers/run-against-simulator.ts';
import { createRig } from '../workers/run-against-simulator.ts';

function createIo() {
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write: (chunk, _encoding, done) => {
        said[name] += String(chunk);
        done();
      },
    });
  return { said, io: { stdout: into('stdout'), stderr: into('stderr'), signal: new AbortController().signal } };
}

let rig: Rig;
let logsDirectory: string;
let databasePath: string;

beforeEach(async () => {
  rig = await createRig({ helsinki: 6 });
  logsDirectory = rig.config.logsDirectory ?? '';
  databasePath = rig.config.databasePath;
});
afterEach(() => rig.close());

const noKeys = { current: null, earlier: [] };

describe('oikotie audit', () => {
  it('reports a run as text, JSON and HTML', async () => {
    await rig.run();
    const report = async (format: 'text' | 'json' | 'html', execution = 'latest') => {
      const { said, io } = createIo();
      return { exitCode: await runAuditReport({ execution, databasePath, format }, io), ...said };
    };

    const text = await report('text');
    expect(text.stdout).toMatch(/^daily-\S+ is completed\n/);
    expect(text.stdout).toMatch(/Helsinki +complete +6 +6 /);
    expect(text.stdout).toMatch(/listing +6 +0 +\d+ ms/);
    expect(text.stdout).toMatch(/AUTOMATION_COMPLETE +INFO/);
    expect(JSON.parse((await report('json')).stdout)).toMatchObject({
      dataChanges: { new: 6 },
      cities: [{ city: 'Helsinki', verdict: 'complete', retries: 0 }],
      requests: [{ kind: 'listing', requests: 6, medianMs: expect.any(Number) }, {}, {}, {}],
      errors: [],
      eventCounts: { CITY_EXECUTION_SUCCESS: 1 },
      eventsLeftOut: 0,
    });
    expect((await report('html')).stdout).toMatch(/^<!doctype html>/);
    expect(await report('text', 'daily-1999-01-01')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(/expected an execution of this database, such as daily-/),
    });
  });

  it('verifies files and table, and says with exit code 1 where somebody put something in', async () => {
    await rig.run();
    const verify = async (json: boolean) => {
      const { said, io } = createIo();
      return { exitCode: await runAuditVerify({ databasePath, logsDirectory, keys: noKeys, json }, io), ...said };
    };
    const whole = await verify(false);
    const [file = ''] = readdirSync(logsDirectory).filter((name) => name.startsWith('audit_2'));

    appendFileSync(join(logsDirectory, file), 'nothing happened\n');

    expect(whole).toMatchObject({ exitCode: 0, stderr: '' });
    expect(whole.stdout.match(/no event is sealed with a key/g)).toHaveLength(2);
    expect(whole.stdout.match(/the chain is whole; it ends with number 4, [0-9a-f]{64}/g)).toHaveLength(2);
    expect(await verify(false)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining(`inserted  ${file}:5: it is no line of the chain`),
    });
    const { exitCode, stdout } = await verify(true);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      isIntact: false,
      files: { links: 4, problems: [{ kind: 'inserted' }] },
      table: { links: 4, comparedEvents: 4, problems: [] },
    });
  });

  it('tells of the files also when there is no database', async () => {
    const { said, io } = createIo();
    const folder = mkdtempSync(join(tmpdir(), 'oikotie-none-'));

    const exitCode = await runAuditVerify(
      { databasePath: join(folder, 'x.duckdb'), logsDirectory, keys: noKeys, json: false },
      io,
    );

    rmSync(folder, { recursive: true });
    expect(exitCode).toBe(3);
    expect(said.stdout).toContain('0 events in 0 files');
  });
});
