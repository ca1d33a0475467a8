/**
 * Finds a program on PATH, as a shell would. It looks at files only and starts nothing.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Names of Chromium, the most usual first. */
export const browserNames = ['chromium', 'chromium-browser', 'google-chrome'] as const;

/** The first of the programs that may be run, in the order of PATH; null when there is none. */
export function findOnPath(names: readonly string[], searchPath: string | undefined): string | null {
  const folders = (searchPath ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not to be run: the next one is tried.
  }
}
