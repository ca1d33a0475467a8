/**
 * Writes configuration files into a folder of the test, and collects the problems of loading one.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { ConfigSources, LoadedConfig } from '../../config/load-config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { ConfigError } from '../../src/errors.ts';

export interface ConfigFolder {
  readonly path: string;
  readonly write: (content: unknown) => void;
  readonly load: (sources?: Partial<ConfigSources>) => LoadedConfig;
  /** The problems of loading, with the file's path shown as `FILE`; empty when it loads. */
  readonly problems: (sources?: Partial<ConfigSources>) => string[];
  readonly remove: () => void;
}

export function createConfigFolder(): ConfigFolder {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-config-'));
  const path = join(folder, 'config.json');
  const load = (sources: Partial<ConfigSources> = {}): LoadedConfig =>
    loadConfig({ path, environment: {}, ...sources });
  return {
    path,
    write: (content) => writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content)),
    load,
    problems: (sources) => {
      try {
        load(sources);
        return [];
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return error.problems.map((problem) => problem.replaceAll(path, 'FILE'));
      }
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export const helsinkiUrl =
  'https://asunnot.oikotie.fi/myytavat-asunnot?locations=%5B%5B64,6,%22Helsinki%22%5D%5D&cardType=100';

/** A task with only the required keys, and whatever is given. */
export function helsinkiTask(extra: object = {}): object {
  return { city: 'Helsinki', enabled: true, url: helsinkiUrl, ...extra };
}

/** What the shortest file gives: one task with only the required keys. */
export function defaultConfig(): Config {
  const folder = createConfigFolder();
  folder.write({ tasks: [helsinkiTask()] });
  const { config } = folder.load();
  folder.remove();
  return config;
}
