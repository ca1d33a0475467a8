/**
 * The room boundaries are really kept: a small tree that breaks each rule once is checked with the project's own rules.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';

const reportSchema = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oikotie-rooms-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Checks the tree; gives `file rule` for each broken rule, `files` being the only ones looked at. */
function brokenRules(files: Readonly<Record<string, string>>): string[] {
  const imported = ['src/listings/b.ts', 'src/crawl/b.ts', 'src/storage/b.ts', 'src/jobs/b.ts', 'src/portal/b.ts'];
  for (const path of [...imported, 'workers/b.ts', 'cli/b.ts', 'config/b.ts', 'queues/b.ts', 'tests/b.ts']) {
    write(path, 'export const b = 1;\nexport interface B {}\n');
  }
  for (const name of ['undici', 'ioredis', 'htmlparser2', 'convict', 'commander']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'export const b = 1;');
  }
  const packages = ['undici', 'ioredis', 'htmlparser2', 'convict', 'commander'].map((name) => [name, '1.0.0']);
  write('package.json', JSON.stringify({ type: 'module', dependencies: Object.fromEntries(packages) }));
  write('tsconfig.json', JSON.stringify({ compilerOptions: { module: 'nodenext', allowImportingTsExtensions: true } }));
  for (const [path, content] of Object.entries(files)) write(path, content);
  const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const options = ['--config', resolve('.dependency-cruiser.cjs'), '--output-type', 'json'];
  const { stdout } = spawnSync(process.execPath, [program, ...options, ...Object.keys(files)], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { violations } = reportSchema.parse(JSON.parse(stdout)).summary;
  const inFiles = violations.filter(({ from, rule }) => from in files && rule.name !== 'no-orphans');
  return inFiles.map(({ from, rule }) => `${from} ${rule.name}`).sort();
}

it('reports each import that leaves its room', () => {
  const importing = (path: string) => `import { b } from '${path}';\nexport const a = b;\n`;

  const broken = brokenRules({
    'src/a.ts': importing('../config/b.ts'),
    'src/listings/a.ts': importing('../portal/b.ts'),
    'src/portal/a.ts': importing('../crawl/b.ts'),
    'src/storage/a.ts': importing('../portal/b.ts'),
    'src/jobs/a.ts': importing('../storage/b.ts'),
    'src/resilience/a.ts': importing('node:fs'),
    'queues/a.ts': importing('../workers/b.ts'),
    'config/a.ts': importing('../src/storage/b.ts'),
    'simulator/a.ts': importing('../src/portal/b.ts'),
    'workers/a.ts': importing('../cli/b.ts'),
    'cli/a.ts': importing('../tests/b.ts'),
    'examples/a.ts': importing('../queues/b.ts'),
    'queues/c.ts': importing('../index.ts'),
    'dashboard/a.ts': importing('node:https'),
    'dashboard/c.ts': importing('../src/crawl/b.ts'),
    'index.ts': 'export const b = 1;\n',
  });

  expect(broken).toEqual([
    'cli/a.ts nobody-imports-tests',
    'config/a.ts config-knows-little',
    'dashboard/a.ts dashboard-asks-nobody',
    'dashboard/c.ts dashboard-asks-nobody',
    'examples/a.ts examples-use-the-package',
    'queues/a.ts cli-starts-what-it-needs',
    'queues/a.ts queues-import-src',
    'queues/c.ts nobody-imports-the-package',
    'queues/c.ts queues-import-src',
    'simulator/a.ts simulator-knows-listings',
    'src/a.ts base-files-alone',
    'src/a.ts src-imports-src',
    'src/jobs/a.ts jobs-sees-interfaces',
    'src/listings/a.ts listings-alone',
    'src/portal/a.ts portal-knows-listings',
    'src/resilience/a.ts resilience-without-io',
    'src/storage/a.ts storage-knows-its-ports',
    'workers/a.ts workers-import-no-cli',
  ]);
});

it('reports each package that is used outside its room', () => {
  const using = (name: string) => `import { b } from '${name}';\nexport const a = b;\n`;

  const broken = brokenRules({
    'src/portal/a.ts': using('undici'),
    'src/crawl/a.ts': using('htmlparser2'),
    'src/jobs/a.ts': using('ioredis'),
    'workers/a.ts': using('convict'),
    'src/storage/a.ts': using('commander'),
    'examples/a.ts': using('ioredis'),
  });

  expect(broken).toEqual([
    'examples/a.ts examples-use-nothing-else',
    'examples/a.ts redis-in-queues',
    'src/crawl/a.ts html-in-portal',
    'src/jobs/a.ts redis-in-queues',
    'src/portal/a.ts fetching-in-crawl',
    'src/storage/a.ts terminal-in-cli',
    'workers/a.ts convict-in-config',
  ]);
});

it('lets through what the rooms allow, types of a port included', () => {
  const broken = brokenRules({
    'src/jobs/a.ts': "import type { B } from '../storage/b.ts';\nexport type A = B;\n",
    'src/portal/a.ts':
      "import { b } from 'htmlparser2';\nimport { b as c } from '../listings/b.ts';\nexport const a = [b, c];\n",
    'queues/a.ts':
      "import { b } from '../src/jobs/b.ts';\nimport { b as c } from 'ioredis';\nexport const a = [b, c];\n",
    'workers/a.ts':
      "import { b } from '../src/storage/b.ts';\nimport { b as c } from '../queues/b.ts';\nexport const a = [b, c];\n",
    'cli/a.ts': "import { b } from '../workers/b.ts';\nexport const a = b;\n",
    'tests/a.ts': "import { b } from '../cli/b.ts';\nexport const a = b;\n",
  });

  expect(broken).toEqual([]);
});

it('reports two files that import each other once', () => {
  const broken = brokenRules({
    'src/jobs/a.ts': "import { c } from './c.ts';\nexport const a = (): number => c();\n",
    'src/jobs/c.ts': "import { a } from './a.ts';\nexport const c = (): number => a();\n",
  });

  expect(broken).toEqual(['src/jobs/a.ts no-circular']);
});
