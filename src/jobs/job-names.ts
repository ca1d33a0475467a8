/**
 * Names of queues and ids of jobs: pure functions, so that a repeat, on whatever node, makes the same name.
 */
import type { JobKind } from './job.ts';

export const queueNames = { runs: 'runs', cities: 'cities', store: 'store', schedule: 'schedule' } as const;

/** `Jyväskylä` -> `jyvaskyla`: letters, digits and hyphens only. @internal Exported for its tests. */
export function citySlug(city: string): string {
  return city
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Queue of a city's requests to the portal. */
export function crawlQueueOf(city: string): string {
  return `crawl-${citySlug(city)}`;
}

/** True for a queue of requests to the portal. */
export function isCrawlQueue(name: string): boolean {
  return name.startsWith('crawl-');
}

/** `daily-2026-11-22.listing.helsinki.20000001`: the same for the same work, different for any other. */
export function jobIdOf(executionId: string, kind: JobKind, ...keys: readonly (string | number)[]): string {
  return [executionId, kind, ...keys.map((key) => (typeof key === 'number' ? String(key) : citySlug(key)))].join('.');
}
