/**
 * Alerts in one JSON file of the state directory: for runs in one process, and for what a cluster must say of its Redis.
 * Every change is a new file under a lock, renamed into place.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import lockfile from 'proper-lockfile';
import { z } from 'zod';
import type { AlertChanges } from '../src/alerts/alert.ts';
import { alertEventSchema, keyOf, openAlertSchema } from '../src/alerts/alert.ts';
import type { AlertBook } from '../src/alerts/alert-book.ts';
import { messageOf, StorageError } from '../src/errors.ts';

export interface FileAlertBookOptions {
  /** Made when missing. */
  readonly directory: string;
  /** Told of a file that could not be read and was set aside: what was open is then told once more. */
  readonly onProblem: (message: string) => void;
}

const bookSchema = z.object({
  format: z.literal(1),
  open: z.record(z.string(), openAlertSchema),
  outbox: z.record(z.string(), z.object({ events: z.array(alertEventSchema), attempts: z.number().int() })),
});
type Book = z.infer<typeof bookSchema>;

const emptyBook: Book = { format: 1, open: {}, outbox: {} };
/** The lock of a process that died is taken over after this time. */
const staleLockMs = 10_000;
const lockRetries = { retries: 50, factor: 1.2, minTimeout: 5, maxTimeout: 200 };
/** Events kept for a channel; the oldest go first. */
const mostPending = 1_000;

/** Makes the book; it opens nothing that must be closed. Its methods throw StorageError STATE_UNUSABLE. */
export function createFileAlertBook(options: FileAlertBookOptions): AlertBook {
  const path = join(options.directory, 'alerts.json');
  const read = (): Promise<Book> => explained(path, () => readBook(path, options.onProblem));
  const change = <Result>(work: (book: Book) => Result): Promise<Result> =>
    explained(path, () => changeBook(path, options, work));
  return {
    open: async () => Object.values((await read()).open),
    apply: (changes, atUtc, channels) => change((book) => applyTo(book, changes, atUtc, channels)),
    pending: async (channel) => (await read()).outbox[channel] ?? { events: [], attempts: 0 },
    whileAlone: (channel, work) => explained(path, () => whileLocked(`${path}.${channel}`, options, work)),
    settle: (channel, count) =>
      change(({ outbox }) => {
        const left = outbox[channel]?.events.slice(count) ?? [];
        if (left.length === 0) delete outbox[channel];
        else outbox[channel] = { events: left, attempts: 0 };
      }),
    noteFailure: (channel) =>
      change(({ outbox }) => {
        const pending = outbox[channel];
        if (pending === undefined) return 0;
        pending.attempts += 1;
        return pending.attempts;
      }),
  };
}

function applyTo(book: Book, changes: AlertChanges, atUtc: string, channels: readonly string[]): AlertChanges {
  const opened = changes.opened.filter((alert) => book.open[keyOf(alert)] === undefined);
  const resolved = changes.resolved.filter((alert) => book.open[keyOf(alert)] !== undefined);
  for (const alert of opened) book.open[keyOf(alert)] = alert;
  for (const alert of resolved) delete book.open[keyOf(alert)];
  const events = [
    ...opened.map((alert) => ({ ...alert, type: 'opened' as const, atUtc })),
    ...resolved.map((alert) => ({ ...alert, type: 'resolved' as const, atUtc })),
  ];
  if (events.length === 0) return { opened, resolved };
  for (const channel of channels) {
    const { events: before = [], attempts = 0 } = book.outbox[channel] ?? {};
    book.outbox[channel] = { events: [...before, ...events].slice(-mostPending), attempts };
  }
  return { opened, resolved };
}

async function changeBook<Result>(
  path: string,
  options: FileAlertBookOptions,
  work: (book: Book) => Result,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const unlock = await lock(path, options, lockRetries);
  try {
    const book = await readBook(path, options.onProblem);
    const before = JSON.stringify(book);
    const result = work(book);
    if (JSON.stringify(book) !== before) await replaceFile(path, `${JSON.stringify(book, null, 2)}\n`);
    return result;
  } finally {
    await unlock();
  }
}

async function whileLocked(path: string, options: FileAlertBookOptions, work: () => Promise<void>): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  let unlock: () => Promise<void>;
  try {
    unlock = await lock(path, options, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOCKED') return false;
    throw error;
  }
  try {
    await work();
    return true;
  } finally {
    await unlock();
  }
}

function lock(
  path: string,
  { onProblem }: FileAlertBookOptions,
  retries: typeof lockRetries | 0,
): Promise<() => Promise<void>> {
  return lockfile.lock(path, {
    realpath: false,
    stale: staleLockMs,
    retries,
    onCompromised: (error) => onProblem(`lock of ${path} was lost: ${error.message}`),
  });
}

/** A file that cannot be read as ours is moved aside with a message: it must never stop a run. */
async function readBook(path: string, onProblem: (message: string) => void): Promise<Book> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return structuredClone(emptyBook);
    throw error;
  }
  try {
    return bookSchema.parse(JSON.parse(text));
  } catch (error) {
    const aside = `${path}.damaged`;
    await rename(path, aside);
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    onProblem(`${path} could not be read and was moved to ${aside}; what is wrong is told once more; ${why}`);
    return structuredClone(emptyBook);
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, text);
  await rename(draft, path);
}

/** @throws StorageError that names the file. */
async function explained<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const message = `alerts in ${path}: expected to read and write them, got ${messageOf(error)}; check state_directory`;
    throw new StorageError('STATE_UNUSABLE', message, { cause: error });
  }
}
