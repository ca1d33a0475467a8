/**
 * The `reconcile-list` job: once a city's list is read, it holds what was seen against the portal's own total and has
 * pages read again while listings are missing. It runs where the store is, because only there the distinct ones are known.
 */
import { planReread } from '../quality/reread-plan.ts';
import type { JobHandler, JobRequest } from './job.ts';
import { crawlQueueOf, jobIdOf, queueNames } from './job-names.ts';
import type { ReconcileListPayload, SearchPagePayload } from './payloads.ts';
import { reconcileListPayload } from './payloads.ts';
import type { SeriesStore } from './series-store.ts';

interface ReconcileListOptions {
  readonly store: Pick<SeriesStore, 'countCity'>;
  /** Readings of the whole list after the first one, at most. */
  readonly rereadPasses: number;
}

export function createReconcileListHandler({
  store,
  rereadPasses,
}: ReconcileListOptions): JobHandler<ReconcileListPayload> {
  return {
    kind: 'reconcile-list',
    schema: reconcileListPayload,
    run: async ({ executionId, city, searchUrl }) => {
      const next = planReread(await store.countCity(executionId, city), rereadPasses);
      if (next === null) return { followUps: [] };
      const { pass, fromPage: page, untilPage } = next;
      const reread = { pass, untilPage };
      return { followUps: [searchPageJob({ executionId, city, searchUrl, page, remaining: null, reread })] };
    },
  };
}

/** The job that reads a search page: before listings, so that the list is read while it is still the same list. */
export function searchPageJob(payload: SearchPagePayload): JobRequest {
  const { executionId, city, page, reread } = payload;
  const keys = reread === undefined ? [page] : [page, `pass-${reread.pass}`];
  return {
    id: jobIdOf(executionId, 'search-page', city, ...keys),
    kind: 'search-page',
    queue: crawlQueueOf(city),
    priority: 1,
    payload,
  };
}

/** The job that judges the list after this page; it starts when `storePage` has been written. */
export function reconcileListJob(
  { executionId, city, searchUrl, page, reread }: SearchPagePayload,
  storePage: JobRequest,
): JobRequest {
  return {
    id: jobIdOf(executionId, 'reconcile-list', city, page, reread?.pass ?? 1),
    kind: 'reconcile-list',
    queue: queueNames.store,
    payload: { executionId, city, searchUrl },
    children: [storePage],
  };
}
