/**
 * Where a run speaks to a person: progress bars that redraw themselves in a terminal, plain lines elsewhere, and log
 * lines that do not tear the bars. Everything here goes to stderr.
 */
import { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';
import pretty from 'pino-pretty';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { Log } from '../src/log.ts';
import { createLog } from '../src/log.ts';
import { progressBars, progressLine } from './progress-line.ts';

type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export interface RunOutput {
  readonly log: Log;
  /** How often progress is worth reading, in milliseconds. */
  readonly progressIntervalMs: number;
  readonly showProgress: (cities: readonly CityProgress[]) => void;
  /** Says one sentence without tearing the bars. */
  readonly say: (sentence: string) => void;
  /** Leaves the last state on the screen. */
  readonly end: () => void;
}

/** Chooses by what stderr is: a terminal that knows its size, or a pipe, a file, a log collector. */
export function createRunOutput(stderr: Output, logLevel: string): RunOutput {
  const { isTTY = false, columns = 0, rows = 0 } = stderr;
  return isTTY && columns > 0 && rows > 0
    ? createTerminalOutput(stderr, logLevel)
    : createPlainOutput(stderr, logLevel);
}

function createTerminalOutput(stderr: Output, logLevel: string): RunOutput {
  const screen = createLogUpdate(stderr);
  let shown = '';
  const writeAbove = (text: string | Uint8Array): void => {
    screen.clear();
    stderr.write(text);
    if (shown !== '') screen(shown);
  };
  const aboveTheBars = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      writeAbove(chunk);
      done();
    },
  });
  // In a terminal the bars say what goes well; the log adds what does not.
  const level = logLevel === 'info' ? 'warn' : logLevel;
  const destination = pretty({
    colorize: true,
    sync: true,
    translateTime: false,
    hideObject: level !== 'debug',
    messageFormat: (line) => logSentence(line),
    customPrettifiers: { time: (time) => clockTime.format(new Date(String(time))) },
    destination: aboveTheBars,
  });
  return {
    log: createLog({ level, destination }),
    progressIntervalMs: 1_000,
    showProgress: (cities) => {
      shown = progressBars(cities, stderr.columns ?? 80).join('\n');
      screen(shown);
    },
    say: (sentence) => writeAbove(`${sentence}\n`),
    end: () => screen.done(),
  };
}

/** Helsinki time, as in the progress line. */
const clockTime = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', timeStyle: 'medium' });

/** One line of the log as one sentence: what happened, when it is tried again, and the error. */
function logSentence(line: Readonly<Record<string, unknown>>): string {
  const { msg, error, delayMs } = line;
  const wait = typeof delayMs === 'number' ? ` in ${(delayMs / 1000).toFixed(0)} s` : '';
  return `${msg}${wait}${typeof error === 'string' ? `: ${error}` : ''}`;
}

function createPlainOutput(stderr: Output, logLevel: string): RunOutput {
  const done = new Set<string>();
  return {
    log: createLog({ level: logLevel, destination: { write: (line) => stderr.write(line) } }),
    progressIntervalMs: 10_000,
    showProgress: (cities) => {
      for (const city of cities) {
        if (done.has(city.city)) continue;
        stderr.write(`${progressLine(city)}\n`);
        if (city.isDone) done.add(city.city);
      }
    },
    say: (sentence) => stderr.write(`${sentence}\n`),
    end: () => {},
  };
}

/** Says once, when the signal aborts, that the run is stopping. Gives back what ends the watch. */
export function announceStop(output: RunOutput, signal: AbortSignal): () => void {
  const announce = () => output.say('Stopping: what is under way is finished first. Ctrl-C again stops at once.');
  signal.addEventListener('abort', announce, { once: true });
  return () => signal.removeEventListener('abort', announce);
}
