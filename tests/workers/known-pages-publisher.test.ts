/** What workers on other machines know of the stored pages follows what is taken back and what is released. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { KnownPage } from '../../src/jobs/series-store.ts';
import { createLog } from '../../src/log.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { KnownPagesPublisher } from '../../workers/known-pages-publisher.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { createFolder, executionId, listingWrite, openForWriting, writesOf } from '../storage/samples.ts';

it('forgets pages whose changes are in quarantine, so that they are fetched again, until they are released', async () => {
  const folder = createFolder();
  const database = await openForWriting(join(folder.path, 'series.duckdb'));
  onTestFinished(async () => {
    await database.close();
    folder.remove();
  });
  const known = new Map<string, KnownPage>();
  const shared = {
    find: async () => known,
    has: async () => true,
    publish: async (_city: string, pages: ReadonlyMap<string, KnownPage>) => {
      known.clear();
      for (const [id, page] of pages) known.set(id, page);
    },
    update: async (_city: string, pages: ReadonlyMap<string, KnownPage>) => {
      for (const [id, page] of pages) known.set(id, page);
    },
  };
  const store = createSeriesStore({ database, clock: createFakeClock() });
  const log = createLog({ level: 'silent', destination: process.stderr });
  const publishing = new KnownPagesPublisher({ store, shared, log }).publishing(store);
  const run = { executionId, city: 'Helsinki' };
  await publishing.commit(writesOf({ listings: [listingWrite('1')] }));
  const before = [...known.keys()];

  await publishing.quarantineCity({ ...run, reason: 'drift', drifts: [], openedAtUtc: '2026-11-21T05:00:00.000Z' });
  const taken = [...known.keys()];
  await publishing.closeQuarantine({ ...run, action: 'release', closedAtUtc: '2026-11-21T06:00:00.000Z' });

  expect([before, taken, [...known.keys()]]).toEqual([['1'], [], ['1']]);
});
