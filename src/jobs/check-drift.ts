/**
 * Compares what a run says of a city with the city's own recent runs, and takes the run's changes back when they have
 * drifted, before anything is concluded from them. A run that goes on after a part of it was taken back stays in quarantine.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { AuditRecorder } from '../lineage/audit-recorder.ts';
import type { CityCounts, CityReceipt } from '../quality/city-receipt.ts';
import type { DriftLimits } from '../quality/judge-drift.ts';
import { judgeDrift } from '../quality/judge-drift.ts';
import type { QuarantineWrite } from '../quality/quarantine.ts';
import type { SeriesStore } from './series-store.ts';

interface DriftOptions {
  readonly store: Pick<SeriesStore, 'measureCity' | 'openQuarantine' | 'quarantineCity' | 'acceptDrift'>;
  readonly clock: Clock;
  readonly audit: AuditRecorder;
}

export type DriftOutcome = Pick<CityReceipt, 'isQuarantined' | 'drift'>;

interface DriftQuestion {
  readonly executionId: string;
  readonly city: string;
  readonly counts: CityCounts;
  /** An operator has said that the list may be far shorter. */
  readonly acceptsDrop: boolean;
}

/**
 * Measures, judges and, when the run has drifted, takes its changes back; a second time changes nothing.
 * @param limits when absent, nothing is looked at.
 */
export async function checkDrift(
  options: DriftOptions,
  { counts, acceptsDrop, ...run }: DriftQuestion,
  limits: DriftLimits | undefined,
): Promise<DriftOutcome> {
  if (limits === undefined) return { isQuarantined: false, drift: null };
  const { store, clock } = options;
  const measure = await store.measureCity(run, limits);
  const { drifts, summary } = judgeDrift(measure, volumeOf(counts), limits);
  const earlier = await store.openQuarantine(run.executionId, run.city);
  if (drifts.length === 0 && earlier === null) return { isQuarantined: false, drift: summary };
  const reason = drifts.length > 0 ? summary : (earlier ?? summary);
  const write = { ...run, reason, drifts, openedAtUtc: toUtcIso(clock.now()) };
  if (acceptsDrop && earlier === null && drifts.every(({ kind }) => kind === 'volume')) {
    await store.acceptDrift(write);
    return { isQuarantined: false, drift: `accepted: ${reason}` };
  }
  await takeBack(options, write);
  return { isQuarantined: true, drift: reason };
}

/** A list that is cut or that the portal says is empty has its own reason not to be trusted. */
function volumeOf({
  isListComplete,
  failedSearchPages,
  portalTotalEnd,
  discovered,
  skipped,
}: CityCounts): number | null {
  const isWhole = isListComplete && failedSearchPages === 0 && skipped === 0;
  return isWhole && portalTotalEnd !== 0 ? discovered : null;
}

async function takeBack({ store, audit }: DriftOptions, write: QuarantineWrite): Promise<void> {
  const { city, reason, drifts } = write;
  const listings = await store.quarantineCity(write);
  audit.record({
    type: 'QUARANTINE',
    severity: 'ERROR',
    city,
    message: `${city}: the changes of ${listings} listings are in quarantine: ${reason}`,
    details: { action: 'open', listings, drifts },
  });
}
