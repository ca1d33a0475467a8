/**
 * Where the browser is: the configured Chromium, or the one that playwright-core has installed itself. It looks at files
 * only and starts nothing; the PATH has been searched by the configuration.
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { ScraperError } from '../../errors.ts';

/** How a person gets a browser, as the end of a sentence. */
export const browserRemedy =
  'install one with "apt-get install chromium" or "npx playwright-core install chromium", or set browser.executable_path';

/**
 * Path of the browser to start; null when there is none. `configuredPath` is taken as it is when it may be run; without
 * one, the browser of `npx playwright-core install` is looked for.
 */
export async function findBrowser(configuredPath: string | null): Promise<string | null> {
  const path = configuredPath ?? chromium.executablePath();
  try {
    await access(path, constants.X_OK);
    return path;
  } catch {
    return null; // Not there, or it may not be run: both mean that there is no browser.
  }
}

/** The error for "there is no browser": `needed` says for what, as the beginning of the sentence. */
export function browserMissing(needed: string, configuredPath: string | null): ScraperError {
  const got = configuredPath === null ? 'none on PATH' : `nothing that runs at ${configuredPath}`;
  const message = `${needed}: expected Chromium on this machine, got ${got}; ${browserRemedy}`;
  return new ScraperError('BROWSER_MISSING', message, { category: 'UNKNOWN' });
}
