/**
 * The `run` job: one execution. It opens the execution in the store and hands each city on, highest priority first.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { AuditEntry, AuditRecorder } from '../lineage/audit-recorder.ts';
import { findClockBehind } from './clock-check.ts';
import type { JobHandler, JobRequest } from './job.ts';
import { crawlQueueOf, jobIdOf, queueNames } from './job-names.ts';
import type { CityPayload, RunPayload } from './payloads.ts';
import { cityPayload, runPayload } from './payloads.ts';
import type { SeriesStore } from './series-store.ts';

type RunTask = RunPayload['tasks'][number];

interface RunHandlerOptions {
  readonly store: Pick<SeriesStore, 'startExecution' | 'startCity' | 'commit' | 'lastRecordedAtMs'>;
  readonly clock: Clock;
  readonly audit: AuditRecorder;
}

export function createRunHandler({ store, clock, audit }: RunHandlerOptions): JobHandler<RunPayload> {
  return {
    kind: 'run',
    schema: runPayload,
    run: async ({ executionId, nominalDay, tasks, acceptsDrop }) => {
      const clockBehind = await findClockBehind(store, clock);
      await store.startExecution({
        executionId,
        nominalDay,
        cities: tasks.map(({ city, listingLimit }) => ({ city, listingLimit })),
        startedAtUtc: toUtcIso(clock.now()),
      });
      if (acceptsDrop) audit.record(acceptedDrop(tasks.map(({ city }) => city)));
      if (clockBehind !== null) await stopCities({ store, clock }, executionId, tasks, clockBehind);
      const finalizeRunId = jobIdOf(executionId, 'finalize-run');
      return {
        followUps: [
          {
            id: finalizeRunId,
            kind: 'finalize-run',
            queue: queueNames.store,
            payload: { executionId, nominalDay },
            children: tasks.map((task) =>
              clockBehind === null
                ? cityJob(executionId, task, acceptsDrop)
                : finalizeCityJob(executionId, task, acceptsDrop),
            ),
          },
        ],
        holdUntil: finalizeRunId,
      };
    },
  };
}

function cityJob(executionId: string, task: RunTask, acceptsDrop: boolean): JobRequest {
  return {
    id: jobIdOf(executionId, 'city', task.city),
    kind: 'city',
    queue: queueNames.cities,
    priority: task.priority,
    payload: { executionId, task, acceptsDrop },
  };
}

function finalizeCityJob(executionId: string, { city, listingLimit }: RunTask, acceptsDrop: boolean): JobRequest {
  return {
    id: jobIdOf(executionId, 'finalize-city', city),
    kind: 'finalize-city',
    queue: queueNames.store,
    payload: { executionId, city, listingLimit, acceptsDrop },
  };
}

/** Writes down for each city why it is not asked; its receipt says so. */
async function stopCities(
  { store, clock }: Pick<RunHandlerOptions, 'store' | 'clock'>,
  executionId: string,
  tasks: readonly RunTask[],
  message: string,
): Promise<void> {
  const failedAtUtc = toUtcIso(clock.now());
  for (const { city } of tasks) await store.startCity({ executionId, city, startedAtUtc: failedAtUtc });
  const failures = tasks.map(({ city, url }) => ({
    ...{ executionId, city, url, message, failedAtUtc },
    ...{ jobKind: 'city' as const, listingId: null, page: null, attempts: 0, status: null },
    ...{ category: 'UNKNOWN' as const, code: 'CLOCK_BEHIND' },
  }));
  await store.commit({ searchPages: [], listings: [], unchanged: [], failures });
}

function acceptedDrop(cities: readonly string[]): AuditEntry {
  return {
    type: 'OPERATOR_ACTION',
    severity: 'WARNING',
    city: null,
    message: `an operator accepts that these cities lose many listings at once: ${cities.join(', ')}`,
    details: { acceptsDrop: true, cities },
  };
}

/** The `city` job: it stays active while its city is crawled, so that `concurrent_cities` counts cities, not seconds. */
export function createCityHandler(): JobHandler<CityPayload> {
  return {
    kind: 'city',
    schema: cityPayload,
    run: async ({ executionId, task, acceptsDrop }) => {
      const { city, listingLimit } = task;
      const finalizeCity = finalizeCityJob(executionId, task, acceptsDrop);
      return {
        followUps: [
          {
            ...finalizeCity,
            children: [
              {
                id: jobIdOf(executionId, 'start-city', city),
                kind: 'start-city',
                queue: queueNames.store,
                payload: { executionId, city },
              },
              {
                id: jobIdOf(executionId, 'search-page', city, 1),
                kind: 'search-page',
                queue: crawlQueueOf(city),
                priority: 1,
                payload: { executionId, city, searchUrl: task.url, page: 1, remaining: listingLimit },
              },
            ],
          },
        ],
        holdUntil: finalizeCity.id,
        // A city that the portal does not want to be asked for must not stand in the way of the next one.
        lendsPlaceWhileHeld: crawlQueueOf(city),
      };
    },
  };
}
