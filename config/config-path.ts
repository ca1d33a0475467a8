/**
 * Which configuration file is read when none is named: config/config.json where the process stands, else the one this
 * package ships.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const localPath = 'config/config.json';

/** The path that will be read. */
export function configPathFor(named: string | undefined): string {
  if (named !== undefined) return named;
  return existsSync(localPath) ? localPath : fileURLToPath(new URL('./config.json', import.meta.url));
}
