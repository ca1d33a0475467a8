/** What `--help` prints, and that it costs next to nothing to ask. */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { oikotie } from './oikotie-process.ts';

const commands = [
  'run',
  'demo',
  'simulator',
  'parse',
  'listings',
  'sql',
  'export',
  'raw',
  'config',
  'doctor',
  'breaker',
  'city',
  'schedule',
  'scheduler',
];

/** Node options that make a process write the URL of every module it asks for into a file. */
function recordingModules(file: string): string {
  const hooks =
    `import { appendFileSync } from 'node:fs';` +
    `export async function resolve(name, context, next) { const found = await next(name, context);` +
    ` appendFileSync(${JSON.stringify(file)}, found.url + '\\n'); return found; }`;
  const start = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;
  return `--import=data:text/javascript,${encodeURIComponent(start)}`;
}

it('lists every command with examples', async () => {
  const { exitCode, stdout, stderr } = await oikotie(['--help']);

  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  expect(stdout).toContain('\nExamples:\n  oikotie demo\n');
});

it.each(commands)('explains %s with an example of it', async (command) => {
  const { exitCode, stdout, stderr } = await oikotie([command, '--help']);

  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toMatch(new RegExp(`^Usage: oikotie ${command} `));
  expect(stdout).toMatch(new RegExp(`\\nExamples:\\n(  .*\\n)*  .*oikotie ${command}\\b`));
});

it('loads nothing heavy for help', async () => {
  const file = join(tmpdir(), `oikotie-modules-${process.pid}.txt`);

  const { exitCode } = await oikotie(['--help'], { environment: { NODE_OPTIONS: recordingModules(file) } });

  const modules = readFileSync(file, 'utf8');
  rmSync(file);
  expect(exitCode).toBe(0);
  expect(modules).toContain('/commander/');
  expect(modules).not.toMatch(/\/(@duckdb|undici|zod|convict|pino|pino-pretty|htmlparser2|ioredis|log-update)\//);
});

it('prints the version', async () => {
  expect(await oikotie(['--version'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

it('shows the help and ends with 2 when no command is given', async () => {
  const { exitCode, stdout, stderr } = await oikotie([]);

  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('Examples:');
});
