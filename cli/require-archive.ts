/**
 * The raw archive for the commands that can do nothing without one.
 */
import { systemClock } from '../src/clock.ts';
import { ConfigError } from '../src/errors.ts';
import type { BodyStore } from '../src/storage/body-store.ts';
import type { ArchivePlace } from '../src/storage/open-body-store.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';

/** The archive there. @throws ConfigError when neither a folder nor a bucket is named. */
export function requireArchive(place: ArchivePlace): BodyStore {
  const archive = openBodyStore(place, systemClock);
  if (archive !== null) return archive;
  throw new ConfigError([
    'global_settings.raw_archive_directory: expected the folder of an archive, or raw_archive_s3, got null; set one, or use --archive',
  ]);
}
