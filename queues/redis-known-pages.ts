/**
 * The pages that are stored, for workers that cannot look into the database: one hash per city in Redis, kept up by the
 * store. A city whose hash is gone is a city of which nothing is known: its pages are fetched again, nothing is wrong.
 */
import { z } from 'zod';
import { messageOf } from '../src/errors.ts';
import type { KnownPages } from '../src/jobs/known-pages.ts';
import type { KnownPage } from '../src/jobs/series-store.ts';
import type { Log } from '../src/log.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface SharedKnownPages extends KnownPages {
  /** Replaces what is known of a city, at once for whoever reads it. */
  readonly publish: (city: string, pages: ReadonlyMap<string, KnownPage>) => Promise<void>;
  /** Adds and replaces single pages of a city. */
  readonly update: (city: string, pages: ReadonlyMap<string, KnownPage>) => Promise<void>;
  /** False when nothing is known of the city, e.g. because Redis came back empty. */
  readonly has: (city: string) => Promise<boolean>;
}

interface RedisKnownPagesOptions {
  readonly redis: RedisConnection;
  /** Before the keys, e.g. `{scraper}`. */
  readonly prefix: string;
  readonly log: Log;
}

/** A field is a tuple, because there are as many as listings: 130 bytes instead of 210. */
const fieldSchema = z.tuple([
  z.string().nullable(), // etag
  z.string().nullable(), // last modified
  z.string(), // parser
  z.string(), // card hash
  z.number(), // fetched at, epoch milliseconds
  z.boolean(), // last try failed
]);

/** Fields written with one command. */
const chunkSize = 1_000;

export function createRedisKnownPages({ redis, prefix, log }: RedisKnownPagesOptions): SharedKnownPages {
  const keyOf = (city: string): string => `${prefix}:known_pages:${city}`;

  async function write(key: string, pages: ReadonlyMap<string, KnownPage>): Promise<void> {
    const fields = [...pages].map(([listingId, page]) => [listingId, toField(page)] as const);
    for (let from = 0; from < fields.length; from += chunkSize) {
      await redis.hset(key, ...fields.slice(from, from + chunkSize).flat());
    }
  }

  return {
    find: async (city, listingIds) => {
      if (listingIds.length === 0) return new Map();
      const fields = await redis.hmget(keyOf(city), ...listingIds);
      const known = new Map<string, KnownPage>();
      for (const [index, listingId] of listingIds.entries()) {
        const page = readField(fields[index] ?? null, listingId, log);
        if (page !== null) known.set(listingId, page);
      }
      return known;
    },
    publish: async (city, pages) => {
      const key = keyOf(city);
      const draft = `${key}:new`;
      await redis.del(draft);
      if (pages.size === 0) return void (await redis.del(key));
      await write(draft, pages);
      await redis.rename(draft, key);
    },
    update: (city, pages) => write(keyOf(city), pages),
    has: async (city) => (await redis.exists(keyOf(city))) === 1,
  };
}

function toField({ etag, lastModified, parser, cardHash, fetchedAtMs, lastTryFailed }: KnownPage): string {
  return JSON.stringify([etag, lastModified, parser, cardHash, fetchedAtMs, lastTryFailed]);
}

/** Null for what is not there or cannot be read: the page is fetched then. */
function readField(field: string | null, listingId: string, log: Log): KnownPage | null {
  if (field === null) return null;
  try {
    const [etag, lastModified, parser, cardHash, fetchedAtMs, lastTryFailed] = fieldSchema.parse(JSON.parse(field));
    return { etag, lastModified, parser, cardHash, fetchedAtMs, lastTryFailed };
  } catch (error) {
    log.warn({ listingId, error: messageOf(error) }, 'what is known of a page cannot be read; it is fetched');
    return null;
  }
}
