/**
 * Which execution a run belongs to. A day has one daily execution; when it was stopped half-way the next run of the
 * same cities continues it, and a run after a finished one gets a number.
 */
import type { ExecutionSummary, SeriesStore } from '../src/jobs/series-store.ts';

/** How the executions of `oikotie reparse` begin: they ask nothing and stand for no day. */
export const reparseBegin = 'reparse-';

interface WantedCity {
  readonly city: string;
  readonly listingLimit: number | null;
}

export interface ChosenExecution {
  readonly executionId: string;
  /** `YYYY-MM-DD` in Helsinki. */
  readonly nominalDay: string;
  readonly isContinued: boolean;
}

/** The execution to work on: the day's last one when it is unfinished and of the same cities, else a new one. */
export async function chooseExecution(
  store: Pick<SeriesStore, 'executionsOfDay'>,
  nominalDay: string,
  cities: readonly WantedCity[],
): Promise<ChosenExecution> {
  const all = await store.executionsOfDay(nominalDay);
  const executions = all.filter(({ executionId }) => !executionId.startsWith(reparseBegin));
  const last = executions.at(-1);
  if (last !== undefined && isUnfinished(last) && hasSameCities(last, cities)) {
    return { executionId: last.executionId, nominalDay, isContinued: true };
  }
  const daily = `daily-${nominalDay}`;
  const executionId = executions.length === 0 ? daily : `${daily}-${executions.length + 1}`;
  return { executionId, nominalDay, isContinued: false };
}

function isUnfinished({ status }: ExecutionSummary): boolean {
  return status === 'running' || status === 'interrupted';
}

function hasSameCities(execution: ExecutionSummary, cities: readonly WantedCity[]): boolean {
  const keyOf = ({ city, listingLimit }: WantedCity) => `${city} ${listingLimit ?? 'all'}`;
  const wanted = new Set(cities.map(keyOf));
  return execution.cities.length === wanted.size && execution.cities.every((city) => wanted.has(keyOf(city)));
}
