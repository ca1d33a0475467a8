/**
 * The doctor's look at the browser: whether there is one, which, and whether this configuration can do without.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../config/config.ts';
import { messageOf } from '../src/errors.ts';
import type { Finding } from './finding.ts';

/** `needed`: a city is read by nothing else, or a browser is configured. `optional`: only while the JSON search fails. */
export type BrowserUse = 'needed' | 'optional';

const versionLimitMs = 10_000;

/** What the browser is for; null when no city would ever use one. */
export function browserUse({ tasks, browser }: Pick<Config, 'tasks' | 'browser'>): BrowserUse | null {
  const modes = new Set(tasks.filter(({ enabled }) => enabled).map(({ fetchMode }) => fetchMode));
  if (modes.has('browser')) return 'needed';
  if (modes.has('auto')) return 'optional';
  return browser.executablePath === null ? null : 'needed';
}

/** Whether a browser is there and starts. */
export async function checkBrowser(configuredPath: string | null, use: BrowserUse): Promise<Finding> {
  const { browserRemedy, findBrowser } = await import('../src/crawl/browser/find-browser.ts');
  const name = 'browser';
  const path = await findBrowser(configuredPath);
  const remedy = browserRemedy.charAt(0).toUpperCase() + browserRemedy.slice(1);
  if (path === null) {
    const place = configuredPath === null ? 'no Chromium on PATH' : `${configuredPath} is not there or may not be run`;
    const isProblem = use === 'needed' || configuredPath !== null;
    if (isProblem) return { name, status: 'problem', seen: place, remedy };
    const seen = `${place}; needed only while the JSON search of a city does not work`;
    return { name, status: 'warning', seen, remedy };
  }
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: versionLimitMs });
    return { name, status: 'ok', seen: `${path}: ${stdout.trim()}`, remedy: null };
  } catch (error) {
    return { name, status: use === 'needed' ? 'problem' : 'warning', seen: `${path}: ${messageOf(error)}`, remedy };
  }
}
