/**
 * The pages that are stored, as the jobs of this process ask for them: read from the store once per city, when its first
 * search page is read, because a look for each listing would cost more than some pages do.
 */
import type { KnownPages } from '../src/jobs/known-pages.ts';
import type { KnownPage, SeriesStore } from '../src/jobs/series-store.ts';

/** Makes the memory of one run. `find` rejects with a StorageError when the store cannot be read; the next try reads again. */
export function createKnownPages(store: Pick<SeriesStore, 'knownPages'>): KnownPages {
  const byCity = new Map<string, Promise<ReadonlyMap<string, KnownPage>>>();

  function pagesOf(city: string): Promise<ReadonlyMap<string, KnownPage>> {
    const known = byCity.get(city);
    if (known !== undefined) return known;
    const pages = store.knownPages(city);
    byCity.set(city, pages);
    pages.catch(() => byCity.delete(city));
    return pages;
  }

  return {
    find: async (city, listingIds) => {
      const known = await pagesOf(city);
      return new Map(
        listingIds.flatMap((listingId) => {
          const page = known.get(listingId);
          return page === undefined ? [] : [[listingId, page] as const];
        }),
      );
    },
  };
}
