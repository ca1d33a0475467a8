/**
 * The jobs that open and close the books: `start-city`, `finalize-city` and `finalize-run`. They run where the store
 * is, after everything below them has settled, and never ask the portal.
 */
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import { StorageError } from '../errors.ts';
import type { AuditEntry, AuditRecorder } from '../lineage/audit-recorder.ts';
import { adviseOnLocationOf } from '../portal/known-location-ids.ts';
import type { CityReceipt, ExecutionResult, ExecutionStatus, MissingPart } from '../quality/city-receipt.ts';
import { joinMissingParts } from '../quality/degradations.ts';
import type { DelistingSettings } from '../quality/delisting.ts';
import { checkDrop } from '../quality/delisting.ts';
import { isSuccessful, judgeCity } from '../quality/judge-city.ts';
import type { QualitySettings } from '../quality/quality-settings.ts';
import type { RelistingSettings } from '../quality/same-home.ts';
import { chooseLinks } from '../quality/same-home.ts';
import { checkDrift } from './check-drift.ts';
import type { JobHandler } from './job.ts';
import type { FinalizeCityPayload } from './payloads.ts';
import { finalizeCityPayload, finalizeRunPayload, startCityPayload } from './payloads.ts';
import type { ExecutionSummary, SeriesRules, SeriesStore } from './series-store.ts';

/** When a listing is taken for gone, and two for one home. */
export interface SeriesSettings {
  readonly delisting: DelistingSettings;
  readonly relisting: RelistingSettings;
}

export interface BookOptions {
  readonly store: SeriesStore;
  readonly clock: Clock;
  readonly audit: AuditRecorder;
  /** What the run goes on without, so far. */
  readonly missingParts: () => readonly MissingPart[];
  /** How far a run is believed; when absent, no list is read again and no drift is judged. */
  readonly quality?: QualitySettings | undefined;
  readonly series: SeriesSettings;
}

export function createStartCityHandler({
  store,
  clock,
  audit,
}: BookOptions): JobHandler<z.infer<typeof startCityPayload>> {
  return {
    kind: 'start-city',
    schema: startCityPayload,
    run: async ({ executionId, city }) => {
      await store.startCity({ executionId, city, startedAtUtc: toUtcIso(clock.now()) });
      audit.record({ type: 'CITY_EXECUTION_START', severity: 'INFO', city, message: `${city} is being collected` });
      return { followUps: [] };
    },
  };
}

export function createFinalizeCityHandler(options: BookOptions): JobHandler<FinalizeCityPayload> {
  return {
    kind: 'finalize-city',
    schema: finalizeCityPayload,
    run: async (payload) => {
      await closeCity(options, { ...payload, isInterrupted: false });
      return { followUps: [] };
    },
  };
}

export function createFinalizeRunHandler(options: BookOptions): JobHandler<z.infer<typeof finalizeRunPayload>> {
  return {
    kind: 'finalize-run',
    schema: finalizeRunPayload,
    run: async (payload) => {
      await closeExecution(options, { ...payload, isInterrupted: false });
      return { followUps: [] };
    },
  };
}

/**
 * Counts the city, judges it, takes its changes back when they have drifted, and saves the receipt; of a city that is complete
 * and has not drifted, listings that are due are marked gone.
 * @throws StorageError CITY_NOT_STARTED when it never began in this execution.
 */
export async function closeCity(
  { store, clock, audit, series, quality }: BookOptions,
  input: FinalizeCityPayload & { readonly isInterrupted: boolean },
): Promise<CityReceipt> {
  const { executionId, city, listingLimit, acceptsDrop, isInterrupted } = input;
  const startedAtUtc = await store.cityStartedAt(executionId, city);
  if (startedAtUtc === null) {
    const message = `receipt of ${city} in ${executionId}: expected a city that was started, got none; this is a bug`;
    throw new StorageError('CITY_NOT_STARTED', message);
  }
  const counts = await store.countCity(executionId, city);
  const stopReason = await store.cityStopReason(executionId, city);
  const locationAdvice = adviseOnLocationOf(city);
  const judged = {
    ...counts,
    ...judgeCity(counts, { listingLimit, isInterrupted, stopReason, locationAdvice }),
    ...(await checkDrift({ store, clock, audit }, { executionId, city, counts, acceptsDrop }, quality)),
    executionId,
    city,
    listingLimit,
    startedAtUtc,
    finishedAtUtc: toUtcIso(clock.now()),
  };
  const rules = rulesOf(series, city, acceptsDrop);
  const receipt = await store.saveCityReceipt(judged, isInterrupted ? null : rules);
  audit.record(cityEvent(receipt));
  const delisted = delistingEvent(receipt, acceptsDrop);
  if (delisted !== null) audit.record(delisted);
  return receipt;
}

function rulesOf({ delisting, relisting }: SeriesSettings, city: string, acceptsDrop: boolean): SeriesRules {
  const check = (leaving: number, present: number) => checkDrop({ city, leaving, present }, delisting.maxDropShare);
  return {
    delisting: { completeRuns: delisting.completeRuns, checkDrop: acceptsDrop ? () => null : check },
    relisting: {
      maxGapDays: relisting.maxGapDays,
      chooseLinks: (pairs) => chooseLinks(pairs, relisting.minScore),
    },
  };
}

/** What became of listings that were not seen, or seen again; null when there is nothing to say. */
function delistingEvent(receipt: CityReceipt, acceptsDrop: boolean): AuditEntry | null {
  const { city, gone, returned, goneWaiting, delistingNote } = receipt;
  if (gone + returned === 0 && delistingNote === null) return null;
  return {
    type: 'DELISTING',
    severity: delistingNote === null ? 'INFO' : 'WARNING',
    city,
    message: delistingNote === null ? `${city}: ${gone} gone, ${returned} returned` : `${city}: ${delistingNote}`,
    details: { gone, returned, goneWaiting, acceptsDrop },
  };
}

function cityEvent(receipt: CityReceipt): AuditEntry {
  const { city, verdict, reason, isQuarantined, drift, discovered, failed, removed, requests } = receipt;
  const counts = { new: receipt.new, changed: receipt.changed, unchanged: receipt.unchanged };
  const judged = { verdict, reason, isQuarantined, drift };
  const entry = { city, details: { ...judged, discovered, ...counts, removed, failed, requests } };
  const quarantine = isQuarantined ? ` and in quarantine: ${drift}` : '';
  const message = `${city} is ${verdict}${reason === null ? '' : `: ${reason}`}${quarantine}`;
  if (isSuccessful(receipt)) return { ...entry, type: 'CITY_EXECUTION_SUCCESS', severity: 'INFO', message };
  const severity = verdict === 'partial' ? 'WARNING' : 'ERROR';
  return { ...entry, type: 'CITY_EXECUTION_ERROR', severity, message };
}

/** Adds the receipts up, judges the execution and saves its result. */
export async function closeExecution(
  { store, clock, missingParts: missingNow }: BookOptions,
  input: { readonly executionId: string; readonly nominalDay: string; readonly isInterrupted: boolean },
): Promise<ExecutionResult> {
  const { executionId, nominalDay, isInterrupted } = input;
  const summary = (await store.executionsOfDay(nominalDay)).find((each) => each.executionId === executionId);
  if (summary === undefined) {
    const message = `result of ${executionId}: expected a row in executions of ${nominalDay}, got none; this is a bug`;
    throw new StorageError('EXECUTION_NOT_STARTED', message);
  }
  const cities = await store.cityReceipts(executionId);
  const missingParts = joinMissingParts(summary.missingParts, missingNow());
  const finishedAtMs = clock.now();
  const successfulCities = cities.filter(isSuccessful).length;
  const sum = (read: (receipt: CityReceipt) => number) => cities.reduce((total, receipt) => total + read(receipt), 0);
  const result: ExecutionResult = {
    executionId,
    nominalDay,
    status: isInterrupted ? 'interrupted' : statusOf(cities, summary.cities.length, missingParts),
    successfulCities,
    totalCities: summary.cities.length,
    new: sum((receipt) => receipt.new),
    changed: sum((receipt) => receipt.changed),
    unchanged: sum((receipt) => receipt.unchanged),
    unfetched: sum((receipt) => receipt.unfetched),
    goneCandidates: sum((receipt) => receipt.goneCandidates),
    gone: sum((receipt) => receipt.gone),
    returned: sum((receipt) => receipt.returned),
    goneWaiting: sum((receipt) => receipt.goneWaiting),
    failed: sum((receipt) => receipt.failed),
    // Not a sum of receipts: robots.txt is asked for once for all cities.
    requests: await store.countRequests(executionId),
    executionTimeSeconds: secondsOf(summary, finishedAtMs),
    missingParts,
    cities,
  };
  await store.saveExecutionResult(result, toUtcIso(finishedAtMs));
  return result;
}

function secondsOf(summary: ExecutionSummary, finishedAtMs: number): number {
  const ownMs = finishedAtMs - Date.parse(summary.resumedAtUtc);
  return Math.round(summary.earlierTimeSeconds * 10 + ownMs / 100) / 10;
}

/** A missing part makes a whole run degraded; it never makes a run worse than that. */
function statusOf(
  cities: readonly CityReceipt[],
  totalCities: number,
  missingParts: readonly MissingPart[],
): ExecutionStatus {
  const successful = cities.filter(isSuccessful).length;
  if (successful === totalCities) return missingParts.length === 0 ? 'completed' : 'degraded';
  const hasData = cities.some((receipt) => receipt.verdict === 'partial' || receipt.verdict === 'complete');
  return hasData ? 'degraded' : 'failed';
}
