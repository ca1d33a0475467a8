/**
 * `oikotie raw`: the response that a stored row was read from, out of the raw archive, byte for byte on stdout.
 */
import { once } from 'node:events';
import { ConfigError } from '../src/errors.ts';
import { readArchived } from '../src/storage/raw-archive.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';

export interface RawOptions {
  /** As in `listings.response_sha256`. */
  readonly sha256: string;
  /** Folder of the archive; null when none is configured. */
  readonly directory: string | null;
}

/** Prints the response and gives back the exit code: 2 for a bad key, 3 when the archive does not have it. */
export function runRaw({ sha256, directory }: RawOptions, io: CommandIo): Promise<number> {
  if (directory === null) {
    throw new ConfigError([
      'global_settings.raw_archive_directory: expected the folder of an archive, got null; set it, or use --archive',
    ]);
  }
  return reportStorageErrors(io, async () => {
    const bytes = await readArchived(directory, sha256.toLowerCase());
    if (!io.stdout.write(bytes)) await once(io.stdout, 'drain', { signal: io.signal });
    return exitCodes.ok;
  });
}
