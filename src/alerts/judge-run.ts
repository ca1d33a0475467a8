/**
 * What is wrong after a run: with the run as a whole, with a city of it, with the series. Pure.
 */
import type { CityReceipt, ExecutionResult } from '../quality/city-receipt.ts';
import { isSuccessful } from '../quality/judge-city.ts';
import type { SeriesHealth } from '../quality/series-health.ts';
import type { Alert, AlertKind, Judgement } from './alert.ts';

const runKinds: ReadonlySet<AlertKind> = new Set<AlertKind>(['run_failed', 'run_degraded', 'run_crashed']);

/** What a run that has ended shows; null for one that was stopped: it says nothing of how things stand. */
export function judgeRun(result: ExecutionResult, { cities }: Pick<SeriesHealth, 'cities'>): Judgement | null {
  if (result.status === 'interrupted') return null;
  const collected = new Set(result.cities.map(({ city }) => city));
  return {
    firing: [
      ...runAlerts(result),
      ...result.cities.filter(isIncomplete).map(cityAlert),
      ...cities.filter(({ openQuarantines }) => openQuarantines > 0).map(({ city }) => quarantineAlert(city)),
    ],
    covers: ({ kind, subject }) => {
      if (kind === 'city_incomplete') return subject !== null && collected.has(subject);
      return runKinds.has(kind) || kind === 'quarantine_open';
    },
  };
}

/** What a run shows that an error ended. @param reason the sentence of the error */
export function judgeCrash(reason: string): Judgement {
  const summary = `the run was ended by an error: ${reason}`;
  return { firing: [{ kind: 'run_crashed', subject: null, summary }], covers: () => false };
}

function runAlerts(result: ExecutionResult): readonly Alert[] {
  const { executionId, status, successfulCities, totalCities, missingParts } = result;
  if (status !== 'failed' && status !== 'degraded') return [];
  const missing = missingParts.map(({ part, reason }) => `${part} (${reason})`).join(', ');
  const rest = missing === '' ? '' : `; without ${missing}`;
  const summary = `${executionId} is ${status}: ${successfulCities} of ${totalCities} cities complete${rest}`;
  return [{ kind: status === 'failed' ? 'run_failed' : 'run_degraded', subject: null, summary }];
}

/** A city that was cut by a limit that somebody asked for is as it should be; a quarantine has its own alert. */
function isIncomplete(receipt: CityReceipt): boolean {
  return !isSuccessful({ ...receipt, isQuarantined: false });
}

function cityAlert({ city, verdict, reason, executionId }: CityReceipt): Alert {
  const summary = `${city} is ${verdict} in ${executionId}: ${reason ?? 'no reason is known'}`;
  return { kind: 'city_incomplete', subject: city, summary };
}

function quarantineAlert(city: string): Alert {
  const summary = `changes of ${city} are in quarantine until somebody decides; see: oikotie quarantine list`;
  return { kind: 'quarantine_open', subject: city, summary };
}
