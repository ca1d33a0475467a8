/**
 * Keeps the raw archive to its age limit when a run has ended. What cannot be deleted is told and is no failure of the run.
 */
import type { Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { Log } from '../src/log.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';
import { pruneArchive } from '../src/storage/raw-archive.ts';

interface PruneOptions {
  readonly config: Pick<Config, 'rawArchive'>;
  readonly store: Pick<SeriesStore, 'responsesInUse'>;
  readonly clock: Clock;
  readonly log: Log;
}

const dayMs = 86_400_000;

/** Does nothing without an archive or without a limit; never throws. */
export async function pruneRawArchive({ config, store, clock, log }: PruneOptions): Promise<void> {
  const archive = openBodyStore(config.rawArchive, clock);
  const { keepDays } = config.rawArchive;
  if (archive === null || keepDays === null) return;
  const { place } = archive;
  try {
    const deleted = await pruneArchive(archive, clock.now() - keepDays * dayMs, store.responsesInUse);
    if (deleted > 0) log.info({ place, deleted, keepDays }, 'old responses are deleted from the raw archive');
  } catch (error) {
    log.warn({ place, error: messageOf(error) }, 'old responses could not be deleted from the raw archive');
  }
}
