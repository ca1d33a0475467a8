/**
 * The built program as a person starts it: a real process of dist/cli/main.js with its own environment and folder.
 * It never looks into the program, only at what comes out of it.
 */
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The built program. */
export const programPath = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Room for tests that start processes on a machine that has much else to do. */
export const processTime = { timeout: 90_000 };

export interface ProcessOptions {
  /** Folder it stands in. */
  readonly cwd?: string | undefined;
  /** Variables besides PATH and HOME; nothing else is inherited. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Text on its standard input. */
  readonly stdin?: string | undefined;
  /** User to run as; only root may choose. */
  readonly uid?: number | undefined;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What has come out so far. */
  readonly stdoutSoFar: () => string;
  readonly stderrSoFar: () => string;
  readonly ended: Promise<Ended>;
}

/** Starts `oikotie` with the arguments. @throws Error when it has not been built. */
export function startOikotie(args: readonly string[], options: ProcessOptions = {}): Running {
  if (!existsSync(programPath)) throw new Error(`${programPath} is not there; build it with "npm run build"`);
  return startProcess(process.execPath, [programPath, ...args], options);
}

/** Runs `oikotie` to its end. */
export function oikotie(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return startOikotie(args, options).ended;
}

/** Starts any program the same way. */
export function startProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Running {
  const { PATH = '', HOME = '/' } = process.env;
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: { PATH, HOME, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that does not read its input may end before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...texts }));
  });
  return { child, stdoutSoFar: () => texts.stdout, stderrSoFar: () => texts.stderr, ended };
}
