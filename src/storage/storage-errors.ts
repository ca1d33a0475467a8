/**
 * Turns what DuckDB and the file system say into StorageErrors that a person can act on. Only reads messages; a
 * sentence of DuckDB that is not known keeps its text under DATABASE_UNUSABLE or DATABASE_WRITE_FAILED.
 */
import { readFileSync } from 'node:fs';
import { messageOf, StorageError } from '../errors.ts';

const lockHolder = /Conflicting lock is held in (.+?) \(PID (\d+)\)/;
const commandLength = 160;

interface Remedy {
  readonly pattern: RegExp;
  readonly code: string;
  readonly say: (path: string) => string;
}

const diskFull: Remedy = {
  pattern: /no space left|file too large|disk quota|could not write all bytes|ENOSPC|EFBIG|EDQUOT/i,
  code: 'DATABASE_DISK_FULL',
  say: (path) =>
    `cannot write ${path}: the disk is full; what was stored before is safe, free some space and run again`,
};

const invalidated: Remedy = {
  pattern: /database has been invalidated/i,
  code: 'DATABASE_INVALIDATED',
  say: (path) =>
    `cannot go on with ${path}: an earlier write failed (often a full disk); free some space and run again`,
};

const openingRemedies: readonly Remedy[] = [
  {
    pattern: /different configuration than existing connections/,
    code: 'DATABASE_LOCKED',
    say: (path) => `cannot open ${path}: this process has it open already in another mode; close it there first`,
  },
  {
    pattern: /database does not exist/,
    code: 'DATABASE_MISSING',
    say: (path) => `cannot read ${path}: expected a database file, got none; make one with "oikotie run"`,
  },
  {
    pattern: /not a valid DuckDB database/,
    code: 'DATABASE_NOT_DUCKDB',
    say: (path) => `cannot open ${path}: expected a DuckDB file, got something else; move it away or set database_path`,
  },
  {
    pattern: /Is a directory|EISDIR/i,
    code: 'DATABASE_NOT_DUCKDB',
    say: (path) => `cannot open ${path}: expected a DuckDB file, got a folder; set database_path to a file`,
  },
  {
    pattern: /version number|newer version of DuckDB/i,
    code: 'DATABASE_TOO_NEW',
    say: (path) => `cannot open ${path}: it was written by another version of DuckDB; update oikotie`,
  },
  {
    pattern: /Permission denied|Read-only file system|EACCES|EPERM|EROFS/i,
    code: 'DATABASE_READ_ONLY',
    say: (path) => `cannot open ${path}: no permission to write there; change the permissions or set database_path`,
  },
  {
    pattern: /No such file or directory|ENOENT|ENOTDIR|EEXIST/i,
    code: 'DATABASE_MISSING',
    say: (path) => `cannot open ${path}: expected a folder to hold it, got none; create it or set database_path`,
  },
  diskFull,
];

/** The error of a file that could not be opened. */
export function openingError(path: string, cause: unknown): StorageError {
  const text = messageOf(cause);
  const holder = lockHolder.exec(text);
  if (holder !== null) return lockedError(path, holder[1] ?? 'another program', Number(holder[2]), cause);
  return matchingError(openingRemedies, path, cause) ?? unknownError('DATABASE_UNUSABLE', 'cannot open', path, cause);
}

/** The error of a statement that failed in an open file. Our own errors pass through as they are. */
export function writingError(path: string, cause: unknown): Error {
  if (cause instanceof StorageError) return cause;
  return (
    matchingError([diskFull, invalidated], path, cause) ??
    unknownError('DATABASE_WRITE_FAILED', 'a statement failed in', path, cause)
  );
}

function matchingError(remedies: readonly Remedy[], path: string, cause: unknown): StorageError | null {
  const text = messageOf(cause);
  const remedy = remedies.find(({ pattern }) => pattern.test(text));
  return remedy === undefined ? null : new StorageError(remedy.code, remedy.say(path), { cause });
}

function unknownError(code: string, what: string, path: string, cause: unknown): StorageError {
  return new StorageError(code, `${what} ${path}: ${messageOf(cause)}`, { cause });
}

function lockedError(path: string, program: string, pid: number, cause: unknown): StorageError {
  const command = commandOf(pid) ?? program;
  return new StorageError(
    'DATABASE_LOCKED',
    `cannot open ${path}: it is in use by PID ${pid} (${command}); wait until that process ends, or stop it, and try again`,
    { cause, details: { pid, command } },
  );
}

/** The command line of a process, or null where the system does not tell (not Linux, another user, already gone). */
function commandOf(pid: number): string | null {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return command === '' ? null : command.slice(0, commandLength);
  } catch {
    return null;
  }
}
