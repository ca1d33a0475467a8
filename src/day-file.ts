/**
 * Lines into one file a day, `<folder>/<name>_<YYYY-MM-DD>.log`, by the day in Helsinki. Writing never throws and never
 * waits: lines queue up to a bound and are appended behind the caller's back. When the folder cannot be written the
 * rest is given up; somebody is told, and whoever writes goes on.
 */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { nominalDayOf } from './clock.ts';
import { fileProblem } from './file-problem.ts';

export interface DayFile {
  /** Queues one line; its newline is added. */
  readonly write: (line: string) => void;
  /** Resolves when every line queued so far is in its file or given up; never rejects. */
  readonly flush: () => Promise<void>;
}

export interface DayFileOptions {
  readonly directory: string;
  /** First part of the file name, e.g. `audit`. */
  readonly name: string;
  readonly clock: Clock;
  /** Days after which a file of this name is deleted; null keeps all. */
  readonly keepDays: number | null;
  /** Characters that may wait; lines over it are dropped. Default 8 million. */
  readonly maxQueuedCharacters?: number;
  /** Writes lines to the end of the file of a day in the folder, which is there; by default as they are. */
  readonly append?: (path: string, lines: readonly string[]) => Promise<void>;
  /** Told why lines are lost; at most once for a folder that cannot be written, and once for lines dropped. */
  readonly onProblem: (reason: string) => void;
}

interface QueuedLine {
  readonly day: string;
  readonly line: string;
}

const msPerDay = 86_400_000;

/** Makes the file of lines; the folder is made with its first line, and no file stays open between two writes. */
export function createDayFile(options: DayFileOptions): DayFile {
  const { directory, name, clock, maxQueuedCharacters = 8_000_000, onProblem } = options;
  let queue: QueuedLine[] = [];
  let queuedCharacters = 0;
  let isGivenUp = false;
  let hasDropped = false;
  let currentDay: string | null = null;
  let writing: Promise<void> | null = null;

  const append = async (day: string, lines: readonly string[]): Promise<void> => {
    // Only at first: a folder that somebody removes while we write is not made again behind his back.
    if (currentDay === null) await mkdir(directory, { recursive: true });
    const path = join(directory, `${name}_${day}.log`);
    const isFirstTime = day !== currentDay;
    if (options.append !== undefined) await options.append(path, lines);
    else await appendTo(path, `${lines.join('\n')}\n`, isFirstTime);
    if (!isFirstTime) return;
    currentDay = day;
    await removeOldFiles(options);
  };

  const drain = async (): Promise<void> => {
    try {
      while (queue.length > 0) {
        const taken = queue;
        queue = [];
        queuedCharacters = 0;
        for (const [day, lines] of linesByDay(taken)) await append(day, lines);
      }
    } catch (error) {
      isGivenUp = true;
      queue = [];
      onProblem(`cannot write to ${directory}: ${fileProblem(error)}`);
    } finally {
      writing = null;
    }
  };

  return {
    write: (line) => {
      if (isGivenUp) return;
      if (queuedCharacters + line.length > maxQueuedCharacters) {
        if (!hasDropped) onProblem(`${directory} takes lines more slowly than they come; some are lost`);
        hasDropped = true;
        return;
      }
      queuedCharacters += line.length + 1;
      queue.push({ day: nominalDayOf(clock.now()), line });
      writing ??= Promise.resolve().then(drain);
    },
    flush: async () => {
      while (writing !== null) await writing;
    },
  };
}

/** The lines of each day in the order they came, days in order. */
function linesByDay(queued: readonly QueuedLine[]): ReadonlyMap<string, readonly string[]> {
  const days = new Map<string, string[]>();
  for (const { day, line } of queued) {
    const lines = days.get(day);
    if (lines === undefined) days.set(day, [line]);
    else lines.push(line);
  }
  return days;
}

/** Appends; a file that an earlier process left in the middle of a line gets its end of line first. */
async function appendTo(path: string, text: string, isFirstTime: boolean): Promise<void> {
  const file = await open(path, 'a+');
  try {
    const isTorn = isFirstTime && (await endsInMiddleOfLine(file));
    await file.appendFile(isTorn ? `\n${text}` : text);
  } finally {
    await file.close();
  }
}

async function endsInMiddleOfLine(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer.toString() !== '\n';
}

async function removeOldFiles({ directory, name, clock, keepDays }: DayFileOptions): Promise<void> {
  if (keepDays === null) return;
  const oldest = nominalDayOf(clock.now() - keepDays * msPerDay);
  for (const file of await readdir(directory)) {
    const day = /_(\d{4}-\d{2}-\d{2})\.log$/.exec(file)?.[1];
    if (day !== undefined && file === `${name}_${day}.log` && day < oldest) await rm(join(directory, file));
  }
}
