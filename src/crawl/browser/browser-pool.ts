/**
 * @crawlee/browser-pool as it is used here: Chromium only, one context per page, and nothing of its own that hides what
 * we are or opens a port. This is the only file that knows the package; docs/adr/0007-browser-pool.md says why it does
 * what it does.
 */
import { createRequire } from 'node:module';
import { Server } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { Launching } from './launch-options.ts';

/** One browser of the pool. */
export interface PoolController {
  readonly browser: Browser;
  readonly activePages: number;
  readonly close: () => Promise<void>;
}

export interface Pool {
  readonly newPage: () => Promise<Page>;
  readonly getBrowserControllerByPage: (page: Page) => PoolController | undefined;
  /** Gives it no more pages; it is closed when its last one is. */
  readonly retireBrowserController: (controller: PoolController) => void;
  readonly destroy: () => Promise<void>;
}

export interface PoolInput {
  readonly launching: Launching;
  readonly maxPages: number;
  readonly pagesPerBrowser: number;
  readonly openLimitMs: number;
  /** Called with each browser that has started, before its first page. */
  readonly onStarted: (controller: PoolController) => Promise<void>;
}

/** An unused browser is closed after this long. */
const idleSeconds = 120;

/** Makes a pool; no browser is started before the first page. */
export function createPool({ launching, maxPages, pagesPerBrowser, openLimitMs, onStarted }: PoolInput): Pool {
  const { BrowserPool, PlaywrightPlugin } = loadPackage();
  // The plugin would add a switch that hides automation and the name of another browser: what it hands on is not used.
  const launcher = { name: () => chromium.name(), launch: () => chromium.launch(launching.launchOptions()) };
  const pool = new BrowserPool({
    browserPlugins: [new PlaywrightPlugin(launcher, { useIncognitoPages: true, launchOptions: launching.pageOptions })],
    useFingerprints: false,
    maxOpenPagesPerBrowser: maxPages,
    retireBrowserAfterPageCount: pagesPerBrowser,
    retireInactiveBrowserAfterSecs: idleSeconds,
    operationTimeoutSecs: openLimitMs / 1000,
    postLaunchHooks: [(_pageId, controller) => onStarted(controller as unknown as PoolController)],
  });
  // Its types are those of the package `playwright`: the same library, with browsers that are not wanted here.
  return pool as unknown as Pool;
}

/**
 * Loads the package. While it is loaded it starts an open proxy on all addresses of the machine, which is not needed here
 * (browser-pool 3.18.1, proxy-server.js). It is bound to loopback and closed as soon as the package knows its port.
 */
function loadPackage(): typeof import('@crawlee/browser-pool') {
  const { listen } = Server.prototype;
  Server.prototype.listen = function listenAndClose(this: Server) {
    return listen.call(this, { port: 0, host: '127.0.0.1' }, () => this.close());
  };
  try {
    return createRequire(import.meta.url)('@crawlee/browser-pool');
  } finally {
    Server.prototype.listen = listen;
  }
}
