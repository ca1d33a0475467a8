/**
 * From where the raw archive is said to be to the place itself. Opening asks nothing and makes nothing.
 */
import type { Clock } from '../clock.ts';
import type { BodyStore } from './body-store.ts';
import { createBucketStore } from './bucket-store.ts';
import { createFolderStore } from './folder-store.ts';
import type { BucketTarget } from './s3-requests.ts';

/** At most one of the two is set. */
export interface ArchivePlace {
  readonly directory: string | null;
  readonly bucket: BucketTarget | null;
}

/** Null when no place is named. */
export function openBodyStore(
  { directory, bucket }: ArchivePlace,
  clock: Pick<Clock, 'now' | 'sleep'>,
): BodyStore | null {
  if (directory !== null) return createFolderStore(directory);
  return bucket === null ? null : createBucketStore(bucket, clock);
}
