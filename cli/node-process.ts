/**
 * A node of a cluster as a process of its own, started by another one: for demonstrations and benchmarks. It does what its
 * configuration file says and nothing that the environment says.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config/child-environment.ts';

export interface NodeStart {
  readonly role: 'store' | 'worker' | 'scheduler';
  readonly name: string;
  readonly configPath: string;
  /** Told when it ends by itself with an error, with the end of what it wrote. */
  readonly onFailure: (exitCode: number, lastWords: string) => void;
}

export interface NodeProcess {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

/** Starts it under its name. */
export function startNodeProcess({ role, name, configPath, onFailure }: NodeStart): NodeProcess {
  const program = fileURLToPath(new URL('./main.js', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, program, role, '--config', configPath], {
    env: childEnvironment({ NODE_ID: name }),
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C is for the process that started it, which ends the others.
    detached: true,
  });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('exit', (exitCode) => {
      if (exitCode !== null && exitCode > 0) onFailure(exitCode, lastWords);
      resolve();
    });
  });
  // However this process ends, e.g. because nobody reads its output any more.
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  void ended.then(() => process.off('exit', killNow));
  return { name, child, ended };
}
