/** Loads the configuration for a command. */
import { configPathFor } from '../config/config-path.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { loadConfig } from '../config/load-config.ts';

/** @throws ConfigError with every problem at once. */
export async function loadCommandConfig(option: string | undefined): Promise<LoadedConfig> {
  return loadConfig({ path: configPathFor(option) });
}
