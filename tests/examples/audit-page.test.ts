/** The program in docs/audit.md runs as it stands there, and prints what stands there. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { verifyAuditFiles } from '../../src/lineage/verify-audit-files.ts';
import { processTime, startProcess } from '../cli/oikotie-process.ts';
import { queryRows } from '../workers/stored-records.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'audit.md'), 'utf8');

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? '';
}

it('keeps events and origins of a loop of your own, and reports', processTime, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'oikotie'));
  writeFileSync(join(folder, 'program.mjs'), block('js'));

  const { stdout, exitCode } = await startProcess(process.execPath, ['program.mjs'], { cwd: folder }).ended;

  expect({ stdout, exitCode }).toEqual({ stdout: block('text'), exitCode: 0 });
  expect(existsSync(join(folder, 'mine.duckdb'))).toBe(true);
  const lineage = await queryRows(join(folder, 'mine.duckdb'), 'from data_lineage');
  expect(lineage).toMatchObject([{ record_id: '17', transformation: 'my-parser/3', node_id: 'my-loop', status: 200 }]);
  expect(await verifyAuditFiles(join(folder, 'logs'))).toMatchObject({ links: 2, problems: [] });
});
