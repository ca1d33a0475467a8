/**
 * `oikotie raw`: the response that a stored row was read from, out of the raw archive, byte for byte on stdout.
 */
import { once } from 'node:events';
import type { ArchivePlace } from '../src/storage/open-body-store.ts';
import { readArchived } from '../src/storage/raw-archive.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { requireArchive } from './require-archive.ts';

export interface RawOptions {
  /** As in `listings.response_sha256`. */
  readonly sha256: string;
  /** Where the archive is, if there is one. */
  readonly place: ArchivePlace;
}

/** Prints the response and gives back the exit code: 2 for a bad key, 3 when the archive does not have it. */
export function runRaw({ sha256, place }: RawOptions, io: CommandIo): Promise<number> {
  const archive = requireArchive(place);
  return reportStorageErrors(io, async () => {
    const bytes = await readArchived(archive, sha256.toLowerCase());
    if (!io.stdout.write(bytes)) await once(io.stdout, 'drain', { signal: io.signal });
    return exitCodes.ok;
  });
}
