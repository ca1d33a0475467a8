/** What a command is given in a test that runs it in its own process: streams that keep what was written to them. */
import { Writable } from 'node:stream';
import type { CommandIo } from '../../cli/command.ts';

export interface TerminalTexts {
  readonly io: CommandIo;
  /** What was written so far. */
  readonly texts: { stdout: string; stderr: string };
}

export function terminal(): TerminalTexts {
  const texts = { stdout: '', stderr: '' };
  const into = (name: keyof typeof texts) =>
    new Writable({
      write: (chunk, _encoding, done) => {
        texts[name] += String(chunk);
        done();
      },
    });
  return { texts, io: { stdout: into('stdout'), stderr: into('stderr'), signal: new AbortController().signal } };
}
