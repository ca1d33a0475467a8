/** When listings are marked gone at the end of a city, and when they are not. Over a real database. */
import { describe, expect, it } from 'vitest';
import type { DelistingRules } from '../../src/jobs/series-store.ts';
import type { RunOfDay } from './city-run.ts';
import { runCity } from './city-run.ts';
import { listingWrite, rowsOf, writesOf } from './samples.ts';
import { database, store, useStore } from './store-of-test.ts';

useStore();

const run = (day: number, choices: RunOfDay) => runCity(store, day, choices);

async function goneListings(): Promise<readonly string[]> {
  const rows = await rowsOf(
    database,
    `SELECT listing_id || ' ' || gone_reason || ' ' || strftime(gone_at, '%d %H:%M') AS gone
      FROM listings WHERE gone_at IS NOT NULL ORDER BY listing_id`,
  );
  return rows.map((row) => String(row['gone']));
}

async function versionsOf(listingId: string): Promise<readonly string[]> {
  const rows = await rowsOf(
    database,
    `SELECT strftime(valid_from, '%d %H:%M') || ' to ' || coalesce(strftime(valid_to, '%d %H:%M') || ' ' || end_reason, 'now')
        AS version
      FROM listing_versions WHERE listing_id = '${listingId}' ORDER BY valid_from`,
  );
  return rows.map((row) => String(row['version']));
}

describe('a listing that is not seen', () => {
  it('is gone after two complete runs, since the first of them', async () => {
    await run(21, { pages: ['1', '2'] });
    const second = await run(22, { pages: ['1'] });
    const third = await run(23, { pages: ['1'] });

    expect(second).toMatchObject({ gone: 0, goneCandidates: 1, goneWaiting: 1, delistingNote: null });
    expect(third).toMatchObject({ gone: 1, goneCandidates: 1, goneWaiting: 0 });
    expect(await goneListings()).toEqual(['2 unseen 22 03:00']);
    expect(await versionsOf('2')).toEqual(['21 03:02 to 22 03:00 gone']);
    expect(await store.cityReceipts('daily-2026-11-23')).toEqual([third]);
  });

  it('is in the lineage as a row that is no longer offered, with the reason, once', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    await run(23, { pages: ['1'] });
    await run(23, { pages: ['1'] });

    expect(
      await rowsOf(
        database,
        "SELECT record_id, transformation, execution_id FROM data_lineage WHERE operation = 'DELETE'",
      ),
    ).toEqual([{ record_id: '2', transformation: 'delisting/unseen', execution_id: 'daily-2026-11-23' }]);
  });

  it('is marked once, and the receipt is the same, when the city is closed again', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    const first = await run(23, { pages: ['1'] });

    expect(await run(23, { pages: ['1'] })).toEqual(first);
    expect(await versionsOf('2')).toEqual(['21 03:02 to 22 03:00 gone']);
  });

  it.each([
    ['partial', { verdict: 'partial' }],
    ['failed', { verdict: 'failed' }],
    ['foreign', { verdict: 'foreign' }],
    ['interrupted', { rules: null, verdict: 'partial' }],
  ] as const)('is not gone by a run that is %s, which does not count either', async (_kind, broken) => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    await run(23, { pages: ['1'], ...broken });
    const afterBroken = await goneListings();
    await run(24, { pages: ['1'] });

    expect(afterBroken).toEqual([]);
    expect(await goneListings()).toEqual(['2 unseen 22 03:00']);
  });

  it('is not gone when it was seen between the two runs, though only on a search page of a run that was not complete', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    await run(23, { pages: ['1'], cards: ['2'], verdict: 'partial' });
    const receipt = await run(24, { pages: ['1'] });

    expect(receipt).toMatchObject({ gone: 0, goneWaiting: 1 });
  });

  it('is gone after two complete runs of one day', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    await run(22, { pages: ['1'], hour: 9, executionId: 'daily-2026-11-22-2' });

    expect(await goneListings()).toEqual(['2 unseen 22 03:00']);
  });

  it('is not gone by a run that began before it was seen, as one does whose clock was set back', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    await run(20, { pages: ['1'], executionId: 'daily-2026-11-20' });
    await run(19, { pages: ['1'], executionId: 'daily-2026-11-19' });

    expect(await goneListings()).toEqual([]);
  });

  it('is not gone by runs of a clock that was ahead', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(29, { pages: ['1'], executionId: 'ahead-1' });
    await run(29, { pages: ['1'], executionId: 'ahead-2', hour: 4, rules: null });
    await run(22, { pages: ['1'], cards: ['2'] });
    await run(23, { pages: ['1'] });

    expect(await goneListings()).toEqual([]);
  });

  it('is not gone by a run that was stopped after it was seen and went on without it', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    const executionId = 'daily-2026-11-23';
    await run(23, { pages: ['1'], cards: ['2'], verdict: 'partial', rules: null, executionId });
    const continued = await run(23, { pages: ['1'], hour: 8, executionId });

    expect(continued).toMatchObject({ gone: 0, goneWaiting: 0 });
  });

  it('is not gone while the city lists another deal type', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['7'], dealType: 'rent' });
    await run(23, { pages: ['7'], dealType: 'rent' });
    await run(24, { pages: ['1'] });
    const afterOneOfItsKind = await goneListings();
    await run(25, { pages: ['1'] });

    expect(afterOneOfItsKind).toEqual([]);
    expect(await goneListings()).toEqual(['2 unseen 24 03:00']);
  });

  it('is not gone while another city lists it', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    await run(22, { pages: ['9'], cards: ['2'], city: 'Espoo', executionId: 'daily-2026-11-22' });
    await run(23, { pages: ['1'] });

    expect(await goneListings()).toEqual([]);
  });
});

describe('a listing whose page says that it is gone', () => {
  it('is gone at once, with the reason', async () => {
    await run(21, { pages: ['1', '2', '3', '4'] });

    const receipt = await run(22, { pages: ['1'], gone: { 2: 'LISTING_SOLD', 3: 'LISTING_REMOVED', 4: 'PAGE_GONE' } });

    expect(receipt).toMatchObject({ gone: 3, removed: 3, goneCandidates: 3, goneWaiting: 0 });
    expect(await goneListings()).toEqual(['2 sold 22 03:02', '3 removed 22 03:02', '4 404 22 03:02']);
  });

  it('waits when the run is not complete', async () => {
    await run(21, { pages: ['1', '2'] });

    const receipt = await run(22, { pages: ['1'], gone: { 2: 'LISTING_SOLD' }, verdict: 'partial' });

    expect(receipt).toMatchObject({ gone: 0, goneWaiting: 1 });
    expect(await goneListings()).toEqual([]);
  });

  it('waits for nothing when it was never stored', async () => {
    const receipt = await run(22, { pages: ['1'], gone: { 2: 'LISTING_SOLD' } });

    expect(receipt).toMatchObject({ gone: 0, goneCandidates: 1, goneWaiting: 0 });
  });
});

describe('a run that would take too many at once', () => {
  const atMostOne: DelistingRules = {
    completeRuns: 2,
    checkDrop: (leaving, present) => (leaving > 1 ? `${leaving} of ${present}` : null),
  };

  it('marks none and says so, run after run, until it is accepted; then they are gone since they were first missed', async () => {
    await run(21, { pages: ['1', '2', '3', '4'], rules: atMostOne });
    await run(22, { pages: ['1'], gone: { 2: 'LISTING_SOLD' }, rules: atMostOne });
    const third = await run(23, { pages: ['1'], rules: atMostOne });
    const fourth = await run(24, { pages: ['1'], rules: atMostOne });
    const held = await goneListings();
    const accepted = await run(25, { pages: ['1'] });

    expect(third).toMatchObject({ gone: 0, goneWaiting: 2, delistingNote: '2 of 3' });
    expect(fourth).toMatchObject({ gone: 0, goneWaiting: 2, delistingNote: '2 of 3' });
    expect(held).toEqual(['2 sold 22 03:02']);
    expect(accepted).toMatchObject({ gone: 2, goneWaiting: 0, delistingNote: null });
    expect(await goneListings()).toEqual(['2 sold 22 03:02', '3 unseen 22 03:00', '4 unseen 22 03:00']);
  });
});

describe('a listing that comes back', () => {
  /** `2` is gone since day 22. */
  const loseOne = async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'] });
    await run(23, { pages: ['1'] });
  };

  it.each([
    ['its page', { pages: ['1', '2'] }, '25 03:02'],
    ['its card alone', { pages: ['1'], cards: ['2'] }, '25 03:01'],
  ])('by %s is offered again, with a version since then', async (_by, seen, from) => {
    await loseOne();

    const receipt = await run(25, seen);

    expect(receipt).toMatchObject({ returned: 1, gone: 0 });
    expect(await goneListings()).toEqual([]);
    expect(await versionsOf('2')).toEqual(['21 03:02 to 22 03:00 gone', `${from} to now`]);
    expect(await run(25, seen)).toEqual(receipt);
    expect(await run(26, { pages: ['1'] })).toMatchObject({ returned: 0, gone: 0, goneWaiting: 1 });
  });

  it('by its card takes the values of a page that was fetched before and arrives late', async () => {
    await loseOne();
    await run(25, { pages: ['1'], cards: ['2'] });

    await store.commit(
      writesOf({
        listings: [listingWrite('2', { fetchedAtUtc: '2026-11-25T03:00:30.000Z', fields: { priceEur: 150 } })],
      }),
    );

    expect(await versionsOf('2')).toEqual(['21 03:02 to 22 03:00 gone', '25 03:01 to now']);
    expect(
      await rowsOf(database, "SELECT price_eur FROM listing_versions WHERE valid_to IS NULL AND listing_id = '2'"),
    ).toEqual([{ price_eur: 150 }]);
  });

  it('stays gone when the search still lists it though its page has said that it is sold', async () => {
    await run(21, { pages: ['1', '2'] });
    await run(22, { pages: ['1'], gone: { 2: 'LISTING_SOLD' } });

    const again = await run(23, { pages: ['1'], gone: { 2: 'LISTING_SOLD' } });
    const byCard = await run(24, { pages: ['1'], cards: ['2'] });

    expect([again.returned, byCard.returned, again.gone, again.goneWaiting]).toEqual([0, 0, 0, 0]);
    expect(await goneListings()).toEqual(['2 sold 22 03:02']);
  });
});
