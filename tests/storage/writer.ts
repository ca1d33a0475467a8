/** Starts writer-process.mjs on sources compiled for it and reads what it says, line by line. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const program = fileURLToPath(new URL('./writer-process.mjs', import.meta.url));
const batchRows = 200;

export interface CompiledSources {
  readonly folder: string;
  readonly remove: () => void;
}

/** Compiles src/ and the samples, without a check of types, into a folder where plain Node can run them. */
export function compileSources(): CompiledSources {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-compiled-'));
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name));
  for (const source of [...sources, 'tests/storage/samples.ts']) {
    mkdirSync(dirname(join(folder, source)), { recursive: true });
    if (source.endsWith('.sql')) cpSync(source, join(folder, source));
    // Declarations have nothing to run.
    if (/(?<!\.d)\.ts$/.test(source)) writeFileSync(join(folder, source.replace(/ts$/, 'js')), compile(source));
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function compile(source: string): string {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    rewriteRelativeImportExtensions: true,
    verbatimModuleSyntax: true,
  };
  return ts.transpileModule(readFileSync(source, 'utf8'), { compilerOptions, fileName: source }).outputText;
}

export interface WriterProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything it said so far. */
  readonly lines: readonly string[];
  /** Resolves when it says a line that starts so; rejects when it ends before. */
  readonly says: (start: string) => Promise<string>;
  readonly ended: Promise<void>;
}

export interface WriterOptions {
  readonly compiled: CompiledSources;
  readonly path: string;
  readonly mode: 'hold' | 'loop';
  readonly firstBatch?: number;
  /** Largest file it may write. */
  readonly fileSizeKib?: number;
  /** User id it becomes once its code is loaded: that user need not be able to read this checkout. */
  readonly uid?: number;
}

export function startWriter(options: WriterOptions): WriterProcess {
  const limit = options.fileSizeKib === undefined ? '' : `ulimit -f ${options.fileSizeKib}; `;
  const words = [
    process.execPath,
    program,
    options.compiled.folder,
    options.path,
    options.mode,
    options.firstBatch ?? 0,
    options.uid ?? '',
  ];
  const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'bash', ...words.map(String)]);
  child.stderr.pipe(process.stderr);
  const lines: string[] = [];
  const waiting: { start: string; resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const waiter of waiting) if (line.startsWith(waiter.start)) waiter.resolve(line);
  });
  const ended = new Promise<void>((resolveEnd) => {
    child.on('close', () => {
      for (const { start, reject } of waiting) reject(new Error(`ended before "${start}": ${lines.join(' | ')}`));
      resolveEnd();
    });
  });
  const says = (start: string) =>
    new Promise<string>((resolveLine, reject) => {
      const said = lines.find((line) => line.startsWith(start));
      if (said !== undefined) resolveLine(said);
      else waiting.push({ start, resolve: resolveLine, reject });
    });
  return { child, lines, says, ended };
}

/** Ids of all rows of the batches that the process says it has committed. */
export function acknowledgedIds(lines: readonly string[]): readonly string[] {
  const batches = lines.filter((line) => line.startsWith('ack ')).map((line) => line.slice(4));
  return batches.flatMap((batch) => Array.from({ length: batchRows }, (_, row) => `${batch}-${row}`));
}
