/**
 * Reads listing pages within a time and a memory limit. A page of ordinary size is read at once: the longest that one
 * was seen to take is far below the limit. A larger one is read in a thread, which is ended when it takes too long and
 * started anew for the next. Figures and reasons: docs/adr/0008-parse-limit.md.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../src/clock.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import type { ReadListingPage } from '../src/jobs/page-reader.ts';
import type { ListingPageReading } from '../src/portal/listing-page.ts';
import { parseListingPage } from '../src/portal/listing-page.ts';
import type { PageMessage } from './parse-thread.ts';

/** Longest page that is read without a thread, in characters, or bytes when it is not decoded; recorded pages have 74,000 (median). */
const inlineLength = 100_000;
/** What the slowest such page may take; with a shorter limit every page is read in the thread. */
const inlineWorstMs = 1_000;
/** Heap of the thread. A page that needs more is none. */
const threadHeapMb = 128;

export interface PageReader {
  readonly read: ReadListingPage;
  /** Ends the thread; a page in it fails. */
  readonly close: () => Promise<void>;
}

interface PageReaderOptions {
  readonly clock: Clock;
  /** Longest time for reading one page, waiting for the thread left out. */
  readonly timeoutMs: number;
  /** Compiled code of the thread; by default the file beside this one. */
  readonly threadFile?: URL;
}

/** Makes a reader; its thread starts with the first page that needs it. */
export function createPageReader(options: PageReaderOptions): PageReader {
  const thread = new ParseThread(options);
  return {
    read: async (page, context, signal) => {
      signal.throwIfAborted();
      const length = typeof page === 'string' ? page.length : page.byteLength;
      if (length <= inlineLength && options.timeoutMs >= inlineWorstMs) return parseListingPage(page, context);
      return thread.read({ html: typeof page === 'string' ? page : page.whole(), context }, signal);
    },
    close: () => thread.close(),
  };
}

/** One thread that reads one page after another. */
class ParseThread {
  readonly #options: PageReaderOptions;
  #worker: Promise<Worker> | null = null;
  /** The page being read, and those waiting for it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PageReaderOptions) {
    this.#options = options;
  }

  read(page: PageMessage, signal: AbortSignal): Promise<ListingPageReading> {
    const reading = this.#turn.then(() => {
      signal.throwIfAborted();
      return this.#readNow(page);
    });
    // The outcome belongs to the caller; here it only ends the turn.
    this.#turn = reading.catch(() => undefined);
    return reading;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await (await worker?.catch(() => null))?.terminate();
  }

  async #readNow(page: PageMessage): Promise<ListingPageReading> {
    const { url } = page.context;
    const { clock, timeoutMs } = this.#options;
    let callOff = (): void => undefined;
    try {
      this.#worker ??= startThread(this.#options.threadFile ?? new URL('./parse-thread.js', import.meta.url));
      const worker = await this.#worker;
      const deadline = new Promise<never>((_resolve, reject) => {
        callOff = clock.after(timeoutMs, () => reject(parseTimeout(url, timeoutMs)));
      });
      const answer = nextAnswer(worker);
      worker.postMessage(page);
      // The thread is this program's own: what it sends is what parseListingPage gave.
      return (await Promise.race([answer, deadline])) as ListingPageReading;
    } catch (error) {
      await this.close();
      throw error instanceof ScraperError ? error : parseFailed(url, error);
    } finally {
      callOff();
    }
  }
}

/** A thread that has loaded its code. @throws what kept it from that. */
async function startThread(file: URL): Promise<Worker> {
  const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: threadHeapMb } });
  await nextAnswer(worker);
  // Whoever waits for an answer hears of it; an error between two pages shows when the next is sent.
  worker.on('error', () => undefined);
  return worker;
}

/** The next message of the thread. @throws what ended it instead. */
function nextAnswer(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      worker.off('error', onError);
      action();
    };
    const onMessage = (message: unknown) => settle(() => resolve(message));
    const onExit = (code: number) => settle(() => reject(new Error(`the thread ended with code ${code}`)));
    const onError = (error: Error) => settle(() => reject(error));
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    worker.on('error', onError);
  });
}

function parseTimeout(url: string, timeoutMs: number): ScraperError {
  const message = `Page ${url} given up; expected to read it within ${timeoutMs} ms, got no end; raise parse_timeout_seconds if the page is genuine`;
  return new ScraperError('PARSE_TIMEOUT', message, { category: 'PARSING_ERROR', details: { url, timeoutMs } });
}

function parseFailed(url: string, cause: unknown): ScraperError {
  const message = `Page ${url} given up; expected a reading, got ${messageOf(cause)}`;
  return new ScraperError('PARSE_FAILED', message, { category: 'PARSING_ERROR', details: { url }, cause });
}
