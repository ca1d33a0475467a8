/**
 * The running browsers: started when needed, replaced after a number of pages or above an amount of memory, killed when
 * one does not answer.
 */
import type { Browser, Page } from 'playwright-core';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { browserCrashed, browserHung, browserNotStarted } from './browser-errors.ts';
import type { Pool, PoolController } from './browser-pool.ts';
import { createPool } from './browser-pool.ts';
import type { Launching } from './launch-options.ts';
import { createLaunching } from './launch-options.ts';
import { processTreeBytes } from './process-memory.ts';
import { isDoneWithin } from './waits.ts';

export interface BrowsersOptions {
  readonly executablePath: string;
  readonly userAgent: string;
  /** Pages open at once in one browser. */
  readonly maxPages: number;
  /** Pages after which a browser is replaced. */
  readonly pagesPerBrowser: number;
  /** Memory of a browser with all its processes above which it is replaced; watched on Linux only. */
  readonly maxMemoryBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longest wait for a browser to start and to open a page, in milliseconds. */
const openLimitMs = 30_000;
/** Longest wait for a page or a browser to close. */
const closeLimitMs = 3_000;

/** Starts nothing until the first page is opened; close it when done. */
export class Browsers {
  readonly #options: BrowsersOptions;
  readonly #launching: Launching;
  readonly #pool: Pool;
  /** Process ids of the browsers that run. */
  readonly #pids = new Map<PoolController, number | null>();

  constructor(options: BrowsersOptions) {
    this.#options = options;
    this.#launching = createLaunching({ ...options, startLimitMs: openLimitMs });
    this.#pool = createPool({
      ...options,
      launching: this.#launching,
      openLimitMs,
      onStarted: (controller) => this.#enlist(controller),
    });
  }

  /**
   * An empty page with a context of its own. `url` is only for the error.
   * @throws ScraperError BROWSER_START_FAILED, BROWSER_CRASHED, BROWSER_HUNG.
   */
  async open(url: string): Promise<Page> {
    const opening = this.#openPage();
    if (!(await isDoneWithin(this.#options.clock, openLimitMs, opening))) {
      this.#killAll('it did not open a page');
      throw browserHung(url, openLimitMs);
    }
    try {
      return await opening;
    } catch (error) {
      // The pool says so when the browser had started and was gone before it could open the page.
      if (messageOf(error).includes('newPage() failed')) throw browserCrashed(url, error);
      throw browserNotStarted(this.#options.executablePath, error);
    }
  }

  /** Closes the page, and its browser when that has grown too large or does not answer. */
  async shut(page: Page): Promise<void> {
    const controller = this.#pool.getBrowserControllerByPage(page);
    const isClosed = await isDoneWithin(this.#options.clock, closeLimitMs, page.close());
    if (controller === undefined || !this.#pids.has(controller)) return;
    if (isClosed) await this.#replaceWhenLarge(controller);
    else this.#kill(controller, 'it did not close a page');
  }

  /** Kills the browser of the page. */
  kill(page: Page, why: string): void {
    const controller = this.#pool.getBrowserControllerByPage(page);
    if (controller !== undefined) this.#kill(controller, why);
  }

  async close(): Promise<void> {
    if (await isDoneWithin(this.#options.clock, closeLimitMs, this.#pool.destroy())) return;
    this.#killAll('it did not close');
  }

  async #openPage(): Promise<Page> {
    try {
      return await this.#pool.newPage();
    } catch (error) {
      if (!this.#launching.dropSandboxAfter(error)) throw error;
      this.#options.log.warn('browser runs without its sandbox; this machine or user does not allow one');
      return this.#openPage();
    }
  }

  async #enlist(controller: PoolController): Promise<void> {
    const { executablePath, log } = this.#options;
    const pid = await pidOf(controller.browser);
    this.#pids.set(controller, pid);
    controller.browser.once('disconnected', () => {
      this.#pids.delete(controller);
      this.#pool.retireBrowserController(controller);
    });
    log.info({ executablePath, pid }, 'browser started');
  }

  async #replaceWhenLarge(controller: PoolController): Promise<void> {
    const { maxMemoryBytes, log, clock } = this.#options;
    const pid = this.#pids.get(controller) ?? null;
    const bytes = pid === null ? null : await processTreeBytes(pid);
    if (bytes === null || bytes <= maxMemoryBytes) return;
    log.info({ pid, bytes, maxMemoryBytes }, 'browser replaced, it has grown too large');
    this.#pool.retireBrowserController(controller);
    if (controller.activePages === 0) await isDoneWithin(clock, closeLimitMs, controller.close());
  }

  #killAll(why: string): void {
    for (const controller of [...this.#pids.keys()]) this.#kill(controller, why);
  }

  #kill(controller: PoolController, why: string): void {
    const pid = this.#pids.get(controller) ?? null;
    this.#pids.delete(controller);
    this.#pool.retireBrowserController(controller);
    this.#options.log.warn({ pid, why }, 'browser killed');
    if (pid !== null) killProcess(pid, this.#options.log);
  }
}

/** Process id of the browser itself, as it says; null when it does not. */
async function pidOf(browser: Browser): Promise<number | null> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.find(({ type }) => type === 'browser')?.id ?? null;
}

function killProcess(pid: number, log: Log): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    log.debug({ pid, error: messageOf(error) }, 'browser had ended before it was killed');
  }
}
