#!/usr/bin/env node
/**
 * The `oikotie` program: connects the commands to this process, turns signals into one abort, errors into sentences and
 * results into the exit code.
 */
import { readFileSync } from 'node:fs';
import { ConfigError, messageOf, ScraperError, StorageError } from '../src/errors.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { createProgram } from './program.ts';

const stop = new AbortController();
const io: CommandIo = { stdout: process.stdout, stderr: process.stderr, signal: stop.signal };

function onStopSignal(): void {
  // The second Ctrl-C does not wait.
  if (stop.signal.aborted) process.exit(exitCodes.interrupted);
  stop.abort(new Error('stopped by a signal'));
}

process.on('SIGINT', onStopSignal);
process.on('SIGTERM', onStopSignal);
// `oikotie sql … | head` closes the pipe early: that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return exitCodes.badInput;
  if (error instanceof StorageError || error instanceof ScraperError) return exitCodes.failed;
  throw error;
}

try {
  // From dist/cli/main.js the package is two folders up.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = (manifest as { version: string }).version; // our own file
  process.exitCode = await createProgram(io, version).run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
