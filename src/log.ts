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
  '*.password',
  '*.sentinelPassword',
  '*.token',
];

/** A logger that writes to `destination` (stderr in the commands). */
export function createLog({ level, destination }: LogOptions): Log {
  return pino(loggerOptions(level), destination);
}

/** A logger that writes to `destination` and hands each of its lines on to `log`, which keeps its own level. */
export function createLogBeside(log: Log, { level, destination }: LogOptions): Log {
  const handOn: NonNullable<LoggerOptions['hooks']>['logMethod'] = function handOn(args, method, levelNumber) {
    const bindings = this.bindings();
    const target = Object.keys(bindings).length === 0 ? log : log.child(bindings);
    const name = pino.levels.labels[levelNumber];
    if (isLevel(name)) target[name](...args);
    method.apply(this, args);
  };
  return pino({ ...loggerOptions(level), hooks: { logMethod: handOn } }, destination);
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
