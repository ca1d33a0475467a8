/**
 * Lets the workers of a cluster know which pages are stored: the store publishes each city when it starts, and what a
 * commit has touched after it. When Redis does not take it the workers know less and fetch more; the series is not harmed.
 */
import type { SharedKnownPages } from '../queues/redis-known-pages.ts';
import { messageOf } from '../src/errors.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { StoreWrites } from '../src/jobs/store-writes.ts';
import type { Log } from '../src/log.ts';

interface PublisherOptions {
  readonly store: Pick<SeriesStore, 'knownPages' | 'knownPagesAmong'>;
  readonly shared: SharedKnownPages;
  readonly log: Log;
}

export class KnownPagesPublisher {
  readonly #options: PublisherOptions;
  /** Cities of which something may be missing in Redis: published anew before they are collected next. */
  readonly #stale = new Set<string>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Publishes all that is stored of the cities. */
  async publish(cities: readonly string[]): Promise<void> {
    const { store, shared } = this.#options;
    for (const city of cities) {
      await this.#unlessAway(city, async () => {
        await shared.publish(city, await store.knownPages(city));
        this.#stale.delete(city);
      });
    }
  }

  /** The store, publishing what it commits, and a city anew when it begins and something of it is missing. */
  publishing(store: SeriesStore): SeriesStore {
    return {
      ...store,
      startCity: async (input) => {
        await store.startCity(input);
        await this.#unlessAway(input.city, async () => {
          const isMissing = this.#stale.has(input.city) || !(await this.#options.shared.has(input.city));
          if (isMissing) await this.publish([input.city]);
        });
      },
      quarantineCity: async (write) => {
        const listings = await store.quarantineCity(write);
        // What is taken back is not stored any more: a worker that thinks so would never fetch it again.
        await this.publish([write.city]);
        return listings;
      },
      closeQuarantine: async (closing) => {
        const closed = await store.closeQuarantine(closing);
        await this.publish([closing.city]);
        return closed;
      },
      commit: async (writes) => {
        await store.commit(writes);
        await this.#update(touchedBy(writes));
      },
    };
  }

  /** Publishes what is stored of these listings now, by city. */
  async #update(touched: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    if (touched.size === 0) return;
    const { store, shared } = this.#options;
    try {
      const pages = await store.knownPagesAmong(touched);
      for (const [city, own] of pages) await this.#unlessAway(city, () => shared.update(city, own));
    } catch (error) {
      for (const city of touched.keys()) this.#missed(city, error);
    }
  }

  async #unlessAway(city: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#missed(city, error);
    }
  }

  #missed(city: string, error: unknown): void {
    this.#stale.add(city);
    const fields = { city, error: messageOf(error) };
    this.#options.log.warn(fields, 'which pages are stored cannot be published; more of them are fetched');
  }
}

function touchedBy({ listings, unchanged, failures }: StoreWrites): ReadonlyMap<string, ReadonlySet<string>> {
  const touched = new Map<string, Set<string>>();
  const touch = (city: string, listingId: string | null): void => {
    if (listingId === null) return;
    const ids = touched.get(city) ?? new Set();
    touched.set(city, ids.add(listingId));
  };
  for (const { record } of listings) touch(record.city, record.listingId);
  for (const { city, listingId } of unchanged) touch(city, listingId);
  for (const { city, listingId } of failures) touch(city, listingId);
  return touched;
}
