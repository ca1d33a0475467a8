/**
 * The `run` job: one execution. It opens the execution in the store and hands each city on, highest priority first.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { AuditEntry, AuditRecorder } from '../lineage/audit-recorder.ts';
import type { JobHandler } from './job.ts';
import { crawlQueueOf, jobIdOf, queueNames } from './job-names.ts';
import type { CityPayload, RunPayload } from './payloads.ts';
import { cityPayload, runPayload } from './payloads.ts';
import type { SeriesStore } from './series-store.ts';

interface RunHandlerOptions {
  readonly store: Pick<SeriesStore, 'startExecution'>;
  readonly clock: Clock;
  readonly audit: AuditRecorder;
}

export function createRunHandler({ store, clock, audit }: RunHandlerOptions): JobHandler<RunPayload> {
  return {
    kind: 'run',
    schema: runPayload,
    run: async ({ executionId, nominalDay, tasks, acceptsDrop }) => {
      await store.startExecution({
        executionId,
        nominalDay,
        cities: tasks.map(({ city, listingLimit }) => ({ city, listingLimit })),
        startedAtUtc: toUtcIso(clock.now()),
      });
      if (acceptsDrop) audit.record(acceptedDrop(tasks.map(({ city }) => city)));
      const finalizeRunId = jobIdOf(executionId, 'finalize-run');
      return {
        followUps: [
          {
            id: finalizeRunId,
            kind: 'finalize-run',
            queue: queueNames.store,
            payload: { executionId, nominalDay },
            children: tasks.map((task) => ({
              id: jobIdOf(executionId, 'city', task.city),
              kind: 'city',
              queue: queueNames.cities,
              priority: task.priority,
              payload: { executionId, task, acceptsDrop },
            })),
          },
        ],
        holdUntil: finalizeRunId,
      };
    },
  };
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
      const finalizeCityId = jobIdOf(executionId, 'finalize-city', city);
      return {
        followUps: [
          {
            id: finalizeCityId,
            kind: 'finalize-city',
            queue: queueNames.store,
            payload: { executionId, city, listingLimit, acceptsDrop },
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
        holdUntil: finalizeCityId,
        // A city that the portal does not want to be asked for must not stand in the way of the next one.
        lendsPlaceWhileHeld: crawlQueueOf(city),
      };
    },
  };
}
