/**
 * The log: static sentences with fields, one JSON object a line, to stderr and, when it is asked for, to a file. Secrets
 * are redacted by name.
 */
import type { DestinationStream, Level, Logger, LoggerOptions } from 'pino';
import { pino } from 'pino';

export type Log = Logger;

interface LogOptions {
  /** Least serious level that is written. */
  readonly level: string;
  readonly destination: DestinationStream;
}

const redactedPaths = [
  'password',
  'sentinelPassword',
  'token',
  'authorization',
  'cookie',
  'secretAccessKey',
  'sessionToken',
  'auditKeys',
  '*.password',
  '*.sentinelPassword',
  '*.token',
  '*.secretAccessKey',
  '*.sessionToken',
  '*.auditKeys',
];

/** A logger that writes to `destination` (stderr in the commands). */
export function createLog({ level, destination }: LogOptions): Log {
  return pino(loggerOptions(level), destination);
}

/** A logger that writes to `destination` and hands each of its lines on to `log`, which keeps its own level. */
export function createLogBeside(log: Log, { level, destination }: LogOptions): Log {
  const writeAndHandOn: LogMethodHook = function writeAndHandOn(args, method, levelNumber) {
    handOn(this, log, args, levelNumber);
    method.apply(this, args);
  };
  return pino({ ...loggerOptions(level), hooks: { logMethod: writeAndHandOn } }, destination);
}

type LogMethodHook = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/** Writes a line of `from`, with what that adds to all its lines, to `log` as well. */
function handOn(from: Log, log: Log, args: Parameters<LogMethodHook>[0], levelNumber: number): void {
  const bindings = from.bindings();
  const target = Object.keys(bindings).length === 0 ? log : log.child(bindings);
  const name = pino.levels.labels[levelNumber];
  if (isLevel(name)) target[name](...args);
}

/** Lines written so far. */
export interface LineCounts {
  /** `error` and `fatal`. */
  errors: number;
  warnings: number;
}

/** A logger that hands each of its lines on to `log`, and what it has counted of them. */
export function createCountedLog(log: Log): { readonly log: Log; readonly counts: Readonly<LineCounts> } {
  const counts: LineCounts = { errors: 0, warnings: 0 };
  const countAndHandOn: LogMethodHook = function countAndHandOn(args, _method, levelNumber) {
    const level = pino.levels.labels[levelNumber];
    if (level === 'error' || level === 'fatal') counts.errors += 1;
    if (level === 'warn') counts.warnings += 1;
    handOn(this, log, args, levelNumber);
  };
  const nowhere = { write: () => undefined };
  return { log: pino({ ...loggerOptions(log.level), hooks: { logMethod: countAndHandOn } }, nowhere), counts };
}

function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[redacted]' },
  };
}

function isLevel(name: string | undefined): name is Level {
  return name !== undefined && name in pino.levels.values;
}
