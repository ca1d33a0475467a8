/**
 * The audit log in files, `<folder>/audit_<YYYY-MM-DD>.log` by the day in Helsinki: one chain of lines over all days and
 * all processes that write to the folder, taken forward under a lock. The first line of a day goes on from the last one
 * of the day before. `audit_chain.json` says where the chain ends, so that lines cut off its end are missed as well. A line
 * that a killed process left half-written stays; the next one vouches for it with its hash.
 */
import { open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import lockfile from 'proper-lockfile';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { createDayFile } from '../day-file.ts';
import type { ChainHead, KeptHead } from './audit-chain.ts';
import { chainBegin, hashOfText, readSealedLine, sealHead, sealLine } from './audit-chain.ts';
import type { AuditSink } from './audit-event.ts';
import type { AuditKey } from './audit-key.ts';
import { formatAuditLine } from './audit-line.ts';

export interface AuditFile {
  /** Queues one event. */
  readonly record: AuditSink;
  /** Resolves when every event so far is in its file or given up; never rejects. */
  readonly flush: () => Promise<void>;
}

interface AuditFileOptions {
  /** Made when missing. */
  readonly directory: string;
  readonly clock: Clock;
  /** What its lines are sealed with; null or left out for a plain hash. */
  readonly key?: AuditKey | null;
  /** Told why events are lost, once. */
  readonly onProblem: (reason: string) => void;
}

const filePattern = /^audit_\d{4}-\d{2}-\d{2}\.log$/;
/** The lock of a process that died is taken over after this time. */
const staleLockMs = 4_000;
const lockRetries = { retries: 60, factor: 1.2, minTimeout: 5, maxTimeout: 150 };

/** Makes the audit log of a folder; nothing stays open between two writes. */
export function createAuditFile({ directory, clock, key = null, onProblem }: AuditFileOptions): AuditFile {
  const append = (path: string, lines: readonly string[]) => underLock(path, () => appendSealed(path, lines, key));
  const file = createDayFile({ directory, name: 'audit', clock, keepDays: null, append, onProblem });
  return { record: (event) => file.write(formatAuditLine(event)), flush: file.flush };
}

/** The files of a folder's audit log, oldest first; none for a folder that is not there. */
export async function auditFilesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(noneWhenMissing);
  return names.filter((name) => filePattern.test(name)).sort();
}

const headSchema = z.object({
  sequence: z.number().int().positive(),
  hash: z.string(),
  mac: z.string().nullable().default(null),
});

/** Where the chain of a folder ends, as the last writer left it; null when that is not known. */
export async function readHead(directory: string): Promise<KeptHead | null> {
  const text = await readFile(headPath(directory), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return headSchema.parse(JSON.parse(text));
  } catch {
    // It is written whole and renamed, so it was damaged by hand: the lines themselves still say where they end.
    return null;
  }
}

function headPath(directory: string): string {
  return join(directory, 'audit_chain.json');
}

async function underLock(path: string, work: () => Promise<void>): Promise<void> {
  const directory = dirname(path);
  // A folder that has vanished is told at once; a lock in it would be tried for for seconds.
  await stat(directory);
  const unlock = await lockfile.lock(join(directory, 'audit_chain'), {
    realpath: false,
    stale: staleLockMs,
    retries: lockRetries,
    // A process that stood still longer than the lock lasts: its line may come twice from one place, which verifying shows.
    onCompromised: () => undefined,
  });
  try {
    await work();
  } finally {
    await unlock().catch(() => undefined);
  }
}

/** A clock that was set back goes on in the newest file: the lines stay in the order they were written. */
async function appendSealed(pathOfDay: string, lines: readonly string[], key: AuditKey | null): Promise<void> {
  const directory = dirname(pathOfDay);
  const names = await auditFilesIn(directory);
  const newest = join(directory, names.at(-1) ?? '');
  const path = names.length > 0 && newest > pathOfDay ? newest : pathOfDay;
  const { head, torn, tornHash } = await readEnd(directory, names, path);
  let last = head;
  let text = torn === '' ? '' : '\n';
  for (const [index, line] of lines.entries()) {
    const sealed = sealLine(line, last, { key, tornHash: index === 0 ? tornHash : null });
    text += `${sealed.text}\n`;
    last = sealed.link;
  }
  const file = await open(path, 'a');
  try {
    await file.appendFile(text);
    // Before the head, which must never be ahead of what is on the disk.
    await file.datasync().catch(ignoreUnsupported);
  } finally {
    await file.close();
  }
  await writeHead(directory, sealHead(last, key));
}

interface ChainEnd {
  readonly head: ChainHead;
  /** What stands after the last newline of the file to be written; empty as a rule. */
  readonly torn: string;
  /** Hash of that, when it is no line; null as a rule. */
  readonly tornHash: string | null;
}

/** Where the next line goes on: after the last line there is, or after one that is known to have been there. */
async function readEnd(directory: string, names: readonly string[], path: string): Promise<ChainEnd> {
  const kept = await readHead(directory);
  let torn = '';
  let found: ChainHead | null = null;
  for (const name of [...names].reverse()) {
    const each = join(directory, name);
    const { whole, rest } = await readLastLine(each);
    if (each === path) torn = rest;
    // A line may lack nothing but its newline.
    found = readSealedLine(rest)?.link ?? readSealedLine(whole ?? '')?.link ?? null;
    if (found !== null) break;
  }
  const isTornLineWhole = readSealedLine(torn) !== null;
  const end = { torn, tornHash: torn === '' || isTornLineWhole ? null : hashOfText(torn) };
  if (kept !== null && (found === null || kept.sequence >= found.sequence)) return { ...end, head: kept };
  if (found !== null) return { ...end, head: found };
  return { ...end, head: chainBegin(await readOlderLines(directory, names)) };
}

/** Every whole line that is there before the chain begins. */
async function readOlderLines(directory: string, names: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of names) {
    const path = join(directory, name);
    // What is no plain file, a pipe for one, has nothing to read back.
    if ((await stat(path)).isFile()) lines.push(...(await readFile(path, 'utf8')).split('\n').slice(0, -1));
  }
  return lines;
}

const tailBytes = 65_536;

/** The last line with a newline (null when there is none), and what stands after it. */
async function readLastLine(path: string): Promise<{ readonly whole: string | null; readonly rest: string }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    for (let length = tailBytes; ; length *= 4) {
      const start = Math.max(0, size - length);
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
      const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
      const rest = lines.at(-1) ?? '';
      if (lines.length > 2 || (lines.length === 2 && start === 0)) return { whole: lines.at(-2) ?? null, rest };
      if (start === 0) return { whole: null, rest };
    }
  } finally {
    await file.close();
  }
}

async function writeHead(directory: string, { sequence, hash, mac }: KeptHead): Promise<void> {
  const draft = `${headPath(directory)}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify({ sequence, hash, ...(mac === null ? {} : { mac }) })}\n`);
  await rename(draft, headPath(directory));
}

/** Not every file system, and no pipe, can be told to write through. */
function ignoreUnsupported(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
}

function noneWhenMissing(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
