/**
 * At its start whoever owns the database closes what an earlier process left open, so that no run is `running` for ever.
 */
import type { Clock } from '../src/clock.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import { closeOrphans } from '../src/jobs/interrupted-books.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { Log } from '../src/log.ts';
import type { QualitySettings } from '../src/quality/quality-settings.ts';
import type { AuditTrail } from './audit-trail.ts';

interface LeftRunsOptions extends Pick<BookOptions, 'series'> {
  readonly store: SeriesStore;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly log: Log;
  /** True for an execution that somebody works on, or will. */
  readonly isAlive: (executionId: string) => Promise<boolean>;
  readonly quality: QualitySettings;
}

/** Closes the open executions that nobody works on, and says so. */
export async function closeLeftRuns(options: LeftRunsOptions): Promise<void> {
  const { store, clock, series, quality, trail, log, isAlive } = options;
  for (const { executionId, requests } of await closeOrphans({
    store,
    clock,
    series,
    quality,
    auditOf: trail.of,
    isAlive,
  })) {
    log.warn({ executionId, requests }, 'a run was left open by a process that is gone; it is closed as interrupted');
  }
  await store.flush();
}
