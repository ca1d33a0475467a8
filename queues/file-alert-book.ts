/**
 * Alerts in one JSON file of the state directory: for runs in one process, and for what a cluster must say of its Redis.
 * Every change is a new file under a lock, renamed into place.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { AlertChanges } from '../src/alerts/alert.ts';
import { alertEventSchema, keyOf, openAlertSchema } from '../src/alerts/alert.ts';
import type { AlertBook } from '../src/alerts/alert-book.ts';
import { replaceFile } from '../src/replace-file.ts';
import { explainState, lockStateFile, readStateFile } from './state-file.ts';

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
const what = 'alerts';
/** Events kept for a channel; the oldest go first. */
const mostPending = 1_000;

/** Makes the book; it opens nothing that must be closed. Its methods throw StorageError STATE_UNUSABLE. */
export function createFileAlertBook(options: FileAlertBookOptions): AlertBook {
  const path = join(options.directory, 'alerts.json');
  const read = (): Promise<Book> => explainState(what, path, () => readBook(path, options.onProblem));
  const change = <Result>(work: (book: Book) => Result): Promise<Result> =>
    explainState(what, path, () => changeBook(path, options, work));
  return {
    open: async () => Object.values((await read()).open),
    apply: (changes, atUtc, channels) => change((book) => applyTo(book, changes, atUtc, channels)),
    pending: async (channel) => (await read()).outbox[channel] ?? { events: [], attempts: 0 },
    whileAlone: (channel, work) => explainState(what, path, () => whileLocked(`${path}.${channel}`, options, work)),
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
  const unlock = await lockStateFile(path, options);
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
  let unlock: () => Promise<void>;
  try {
    unlock = await lockStateFile(path, { ...options, isPatient: false });
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

async function readBook(path: string, onProblem: (message: string) => void): Promise<Book> {
  const consequence = 'what is wrong is told once more';
  return (await readStateFile(path, bookSchema, { onProblem, consequence })) ?? structuredClone(emptyBook);
}
