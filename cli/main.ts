#!/usr/bin/env -S node --max-old-space-size=256 --initial-old-space-size=64 --min-semi-space-size=8 --max-semi-space-size=8
/**
 * The `oikotie` program: connects the commands to this process, turns signals into one abort, errors into sentences and
 * results into the exit code.
 */
import { readFileSync } from 'node:fs';
import { ConfigError, ScraperError } from '../src/errors.ts';
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

// Nobody reads the log any more (`oikotie run 2>&1 | head`): the run itself goes on.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** What to tell a person: our own errors say it themselves; anything else is a fault of the program, told whole. */
function reportOf(error: unknown): string {
  if (error instanceof ScraperError) return error.message;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `oikotie failed on something it did not expect; please report this:\n${detail}`;
}

try {
  // From dist/cli/main.js the package is two folders up.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = (manifest as { version: string }).version; // our own file
  process.exitCode = await createProgram(io, version).run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${reportOf(error)}\n`);
  process.exitCode = error instanceof ConfigError ? exitCodes.badInput : exitCodes.failed;
}
