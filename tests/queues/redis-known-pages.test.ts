import { describe, expect, it } from 'vitest';
import { createRedisKnownPages } from '../../queues/redis-known-pages.ts';
import type { KnownPage } from '../../src/jobs/series-store.ts';
import { silentLog as log, useRedis } from './redis-server.ts';

const connection = useRedis();
let places = 0;

function createPages() {
  places += 1;
  const prefix = `{known${places}}`;
  return { prefix, pages: createRedisKnownPages({ redis: connection(), prefix, log }) };
}

const page = (cardHash: string): KnownPage => ({
  etag: 'W/"v1"',
  lastModified: null,
  parser: 'listing-page/1',
  cardHash,
  fetchedAtMs: 1_795_000_000_000,
  lastTryFailed: false,
});

describe('known pages in Redis', () => {
  it('are found as they were published, and those of other cities are not', async () => {
    const { pages } = createPages();
    await pages.publish('Helsinki', new Map([1, 2, 3].map((id) => [String(id), page(`card-${id}`)])));

    const found = await pages.find('Helsinki', ['1', '3', '4']);

    expect(found).toEqual(
      new Map([
        ['1', page('card-1')],
        ['3', page('card-3')],
      ]),
    );
    expect(await pages.find('Espoo', ['1'])).toEqual(new Map());
    expect([await pages.has('Helsinki'), await pages.has('Espoo')]).toEqual([true, false]);
  });

  it('are replaced as a whole by the next publication, and one by one by an update', async () => {
    const { pages } = createPages();
    await pages.publish('Helsinki', new Map(Array.from({ length: 2_500 }, (_, id) => [String(id), page('old')])));
    await pages.publish('Helsinki', new Map([['7', page('new')]]));
    await pages.update('Helsinki', new Map([['8', page('newer')]]));

    expect(await pages.find('Helsinki', ['7', '8', '9'])).toEqual(
      new Map([
        ['7', page('new')],
        ['8', page('newer')],
      ]),
    );
  });

  it('are not known when what lies there cannot be read', async () => {
    const { pages, prefix } = createPages();
    await connection().hset(`${prefix}:known_pages:Helsinki`, { 1: '{"an":"older shape"}', 2: 'no JSON' });

    expect(await pages.find('Helsinki', ['1', '2'])).toEqual(new Map());
  });
});
