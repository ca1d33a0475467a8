/**
 * The log: static sentences with fields, one JSON object a line, to stderr. Secrets are redacted by name.
 */
import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

export type Log = Logger;

const redactedPaths = [
  'password',
  'token',
  'authorization',
  'cookie',
  'redisUrl',
  '*.password',
  '*.token',
  '*.redisUrl',
];

/** A logger that writes to `destination` (stderr in the commands). */
export function createLog(options: { readonly level: string; readonly destination: DestinationStream }): Log {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    options.destination,
  );
}
