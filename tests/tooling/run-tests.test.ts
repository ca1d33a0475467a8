/**
 * The script that runs the tests: its last line is the count, and it never passes on nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oikotie-runner-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the script on one test file with this content; gives back its exit code and last line. */
function runOn(content: string): { exitCode: number | null; lastLine: string | undefined } {
  writeFileSync(join(folder, 'a.test.js'), content);
  const script = ['scripts/run-tests.mjs', '--root', folder, '--globals'];
  // The runner inside must not take itself for a worker of the runner outside.
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  const { status, stdout } = spawnSync(process.execPath, script, { encoding: 'utf8', env: environment });
  return { exitCode: status, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

it.each([
  [
    'a passing test and a skipped one',
    "it('a', () => {}); it.skip('b', () => {});",
    0,
    '1 passed, 0 failed, 1 skipped',
  ],
  ['a failing test', "it('a', () => {}); it('b', () => { throw new Error('b') });", 1, '1 passed, 1 failed, 0 skipped'],
  ['a file that cannot be loaded', "import './missing.js';", 1, '0 passed, 1 failed, 0 skipped'],
  ['nothing but skipped tests', "it.skip('a', () => {});", 1, '0 passed, 0 failed, 1 skipped'],
  [
    'an error after the tests',
    "it('a', async () => { setTimeout(() => { throw new Error('late') }); await new Promise((go) => setTimeout(go, 20)) });",
    1,
    '1 passed, 0 failed, 0 skipped',
  ],
])('counts %s', (_, content, exitCode, lastLine) => {
  expect(runOn(content)).toEqual({ exitCode, lastLine });
});
