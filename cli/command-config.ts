/**
 * Finds and loads the configuration for a command: the file named, else config/config.json where the person stands,
 * else the one this package ships.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoadedConfig } from '../config/load-config.ts';
import { loadConfig } from '../config/load-config.ts';

const localPath = 'config/config.json';

/** The path that will be read. */
export function configPathFor(option: string | undefined): string {
  if (option !== undefined) return option;
  return existsSync(localPath) ? localPath : fileURLToPath(new URL('../config/config.json', import.meta.url));
}

/** @throws ConfigError with every problem at once. */
export async function loadCommandConfig(option: string | undefined): Promise<LoadedConfig> {
  return loadConfig({ path: configPathFor(option) });
}
