/** What a command is given in a test that runs it in its own process: streams that keep what was written to them. */
import { Writable } from 'node:stream';
import type { CommandIo } from '../../cli/command.ts';

export interface TerminalTexts {
  readonly io: CommandIo;
  /** What was written so far. */
  readonly texts: { stdout: string; stderr: string };
}

interface TerminalChoices {
  /** Of a terminal; absent = stdout is none. */
  readonly columns?: number | undefined;
  /** By default one that never aborts. */
  readonly signal?: AbortSignal | undefined;
}

export function terminal({ columns, signal = new AbortController().signal }: TerminalChoices = {}): TerminalTexts {
  const texts = { stdout: '', stderr: '' };
  const into = (name: keyof typeof texts) =>
    new Writable({
      decodeStrings: false,
      write: (chunk: unknown, _encoding, done) => {
        texts[name] += String(chunk);
        done();
      },
    });
  const stdout = Object.assign(into('stdout'), columns === undefined ? {} : { columns });
  return { texts, io: { stdout, stderr: into('stderr'), signal } };
}
