/** The programs in docs/coordinator.md run as they stand there, and print what stands there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { processTime, startProcess } from '../cli/oikotie-process.ts';
import { createWorkplace } from '../cli/workplace.ts';
import { startRedis } from '../queues/redis-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'coordinator.md'), 'utf8');

/** Blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

/** A folder in which the package is installed, with the program in it; gives back the program's path. */
function writeProgram(text: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'oikotie'));
  const path = join(folder, 'program.mjs');
  writeFileSync(path, text ?? '');
  return path;
}

it('hands out, takes and completes work', processTime, async () => {
  const environment = { REDIS_URL: `redis://127.0.0.1:${await startRedis()}` };
  const program = writeProgram(blocks('js')[0]);

  const { stdout, exitCode } = await startProcess(process.execPath, [program], { environment }).ended;

  expect(stdout).toBe(blocks('text')[0]);
  expect(exitCode).toBe(0);
});

it('does the daily run', processTime, async () => {
  const place = await createWorkplace({ helsinki: 4 });
  onTestFinished(place.close);
  const program = writeProgram(blocks('js')[1]);

  const { stdout, exitCode } = await startProcess(process.execPath, [program], { cwd: place.folder }).ended;

  expect(stdout).toBe('completed: 1 of 1 cities\nnew listings: 4\n');
  expect(exitCode).toBe(0);
});
