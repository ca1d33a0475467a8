/**
 * Where a run speaks to a person: progress bars that redraw themselves in a terminal, plain lines elsewhere, and log
 * lines that do not tear the bars. Everything here goes to stderr.
 */
import { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';
import pretty from 'pino-pretty';
import type { Log } from '../src/log.ts';
import { createLog } from '../src/log.ts';
import type { CityProgress } from '../workers/progress.ts';
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
  const aboveTheBars = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      screen.clear();
      stderr.write(chunk);
      if (shown !== '') screen(shown);
      done();
    },
  });
  // In a terminal the bars say what goes well; the log adds what does not.
  const level = logLevel === 'info' ? 'warn' : logLevel;
  const destination = pretty({ colorize: true, ignore: 'pid,hostname', sync: true, destination: aboveTheBars });
  return {
    log: createLog({ level, destination }),
    progressIntervalMs: 1_000,
    showProgress: (cities) => {
      shown = progressBars(cities, stderr.columns ?? 80).join('\n');
      screen(shown);
    },
    end: () => screen.done(),
  };
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
    end: () => {},
  };
}
