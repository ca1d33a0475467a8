/** An operator's word on a quarantine where the store of a cluster holds the database: the store carries it out. */
import { expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { listingWrite, openForWriting, writesOf } from '../storage/samples.ts';
import { createCluster, patience } from './cluster-place.ts';

const run = { executionId: 'daily-2026-11-21', city: 'Helsinki' };

it('is done by the store, once, and recorded there', { timeout: 120_000 }, async (context) => {
  const cluster = await createCluster(context, { perCity: 1 });
  const database = await openForWriting(cluster.databasePath);
  const series = createSeriesStore({ database, clock: systemClock });
  await series.commit(writesOf({ listings: [listingWrite('1')] }));
  const openedAtUtc = '2026-11-21T05:00:00.000Z';
  await series.quarantineCity({ ...run, reason: 'price_eur fell', drifts: [], openedAtUtc });
  await database.close();
  const store = cluster.node('store', 'store-1');
  await vi.waitUntil(() => store.stderrSoFar().includes('store takes jobs'), patience);
  const order = ['quarantine', 'release', run.executionId, run.city];

  const released = await cluster.oikotie(order);
  const again = await cluster.oikotie([...order, '--json']);
  store.child.kill('SIGTERM');
  await store.ended;

  expect(released).toMatchObject({
    exitCode: 0,
    stdout: 'Helsinki: the store has released the quarantine of daily-2026-11-21; its audit log says more\n',
  });
  expect(again).toMatchObject({ exitCode: 2, stdout: '' });
  expect(again.stderr).toContain('expected an open one, got one that is released');
  expect(await cluster.sql('select listing_id from listings')).toEqual([{ listing_id: '1' }]);
  const ownTypes = "type in ('OPERATOR_ACTION', 'QUARANTINE')";
  expect(await cluster.sql(`select type from audit_log where ${ownTypes} order by type`)).toEqual([
    { type: 'OPERATOR_ACTION' },
    { type: 'QUARANTINE' },
  ]);
});
