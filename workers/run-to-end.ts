/**
 * A standalone run from its first job to its closed books, whether it ends by itself or is stopped.
 */
import type { CityTask } from '../config/config.ts';
import type { JobEngine } from '../queues/job-engine.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import { closeExecution } from '../src/jobs/finalize-handlers.ts';
import { closeOpenCities } from '../src/jobs/interrupted-books.ts';
import { jobIdOf, queueNames } from '../src/jobs/job-names.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import type { ChosenExecution } from './choose-execution.ts';

/** How long active requests may go on after Ctrl-C; with the writes after it a stop stays under 10 s. */
const stopGraceMs = 4_000;

/** Listings that an earlier process of this execution has already stored: adding their jobs again is a no-op. */
export async function settledJobIds(
  store: SeriesStore,
  executionId: string,
  tasks: readonly CityTask[],
): Promise<ReadonlySet<string>> {
  const jobIds = new Set<string>();
  for (const { city } of tasks) {
    for (const listingId of await store.settledListingIds(executionId, city)) {
      jobIds.add(jobIdOf(executionId, 'listing', city, listingId));
    }
  }
  return jobIds;
}

/** What a run is to collect, and the signal that stops it. */
interface RunOrder {
  readonly tasks: readonly CityTask[];
  readonly acceptsDrop?: boolean;
  readonly signal: AbortSignal;
}

/** Adds the run, waits for its end or for the signal, and closes its books. @throws what ended the run otherwise. */
export async function runToEnd(
  order: RunOrder,
  engine: JobEngine,
  books: BookOptions,
  { executionId, nominalDay }: ChosenExecution,
  flushParts: () => Promise<void>,
): Promise<ExecutionResult> {
  const runId = jobIdOf(executionId, 'run');
  const { acceptsDrop = false } = order;
  const tasks = order.tasks.map(({ city, url, priority, listingLimit }) => ({ city, url, priority, listingLimit }));
  const payload = { executionId, nominalDay, tasks, acceptsDrop };
  await engine.add({ id: runId, kind: 'run', queue: queueNames.runs, payload });
  const isInterrupted = await isStoppedBefore(engine.settled(runId), order.signal, engine);
  if (isInterrupted) await closeOpenCities(books, executionId, tasks);
  // So that the result knows of every part that is missing.
  await flushParts();
  return closeExecution(books, { executionId, nominalDay, isInterrupted });
}

/** True when the signal stopped the engine before the run had ended. @throws what ended the run otherwise. */
async function isStoppedBefore(runEnd: Promise<unknown>, signal: AbortSignal, engine: JobEngine): Promise<boolean> {
  let stop = () => {};
  const aborted = new Promise<true>((resolve) => {
    stop = () => resolve(true);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([aborted, runEnd.then(() => false)]);
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all([engine.stop(stopGraceMs), Promise.allSettled([runEnd])]);
  }
}
